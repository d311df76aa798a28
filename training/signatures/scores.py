"""Chooses limits, and scores the judges on zones by hands, pens, stamps and litter that they were not fitted to.

    python -m training.signatures.scores ZONES SEED...

makes so many held-out zones from each seed and says how the judges of this checkout do on them, seed by seed.
"""

from __future__ import annotations

import json
import math
import multiprocessing
import sys
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor

from docservice.domain.scans import ZoneVerdict
from docservice.scans.signatures import SignatureJudge, may_be_signed
from docservice.scans.zones import ZoneInk
from training.signatures.zones import Kinds, Seen, made

_SURE = 0.6  # share of a signature's path that is visible where a zone is surely signed
_LOWEST = 0.5
_WRONG = 0.003  # of the unsigned zones, that may be said to be signed


def main() -> None:
    count, *seeds = (int(each) for each in sys.argv[1:])
    judge = SignatureJudge()
    with ProcessPoolExecutor(mp_context=multiprocessing.get_context("spawn")) as pool:
        for seed in seeds:
            found = scores(judge, made(count, seed, Kinds.HELD_OUT, pool))
            print(json.dumps({"seed": seed} | found), flush=True)


def _ink(zone: Seen) -> ZoneInk:
    blank = zone.likeness[0]
    return ZoneInk(blank, blank, zone.figures, zone.likeness)


def _class(zone: Seen) -> str:
    return "bilevel" if zone.figures["bilevel"] else "shades"


def limits(judge: SignatureJudge, zones: Sequence[Seen]) -> dict[str, float]:
    """For each class of scan the lowest limit with which, by the rules in force, no more unsigned zones than may be are
    said to be signed."""
    found = {}
    for name in ("shades", "bilevel"):
        unsigned = [zone for zone in zones if not zone.signed and _class(zone) == name]
        likely = sorted(
            (judge.likelihood(_ink(zone)) for zone in unsigned if may_be_signed(zone.figures)), reverse=True
        )
        may = int(_WRONG * len(unsigned))
        first_right = likely[may] if may < len(likely) else 0.0
        found[name] = max(_LOWEST, math.floor(first_right * 1000 + 1) / 1000)
    return found


def scores(judge: SignatureJudge, zones: Sequence[Seen]) -> dict[str, dict[str, object]]:
    """How the verdicts are, by class of scan."""
    by_class: dict[str, list[tuple[Seen, ZoneVerdict]]] = {}
    for zone in zones:
        name = "photos" if zone.profile.startswith("phone") else "1-bit" if zone.figures["bilevel"] else "shades"
        by_class.setdefault(name, []).append((zone, judge.judge("", _ink(zone), 0.9).verdict))
    return {name: _score(judged) for name, judged in by_class.items()}


def _score(judged: Sequence[tuple[Seen, ZoneVerdict]]) -> dict[str, object]:
    sure = [verdict for zone, verdict in judged if zone.signed and zone.visible >= _SURE]
    unsigned = [(zone.what, verdict) for zone, verdict in judged if not zone.signed]
    wrong = [what for what, verdict in unsigned if verdict is ZoneVerdict.SIGNED]
    return {
        "surely signed": len(sure),
        "left to a person, %": round(100 * sure.count(ZoneVerdict.UNCERTAIN) / max(1, len(sure)), 2),
        "said to be unsigned": sure.count(ZoneVerdict.UNSIGNED),
        "unsigned": len(unsigned),
        "said to be signed": len(wrong),
        "what they are": wrong,
        "unsigned, left to a person, %": round(
            100 * sum(verdict is ZoneVerdict.UNCERTAIN for _, verdict in unsigned) / max(1, len(unsigned)), 2
        ),
    }


if __name__ == "__main__":
    main()
