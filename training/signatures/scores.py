"""Scores the judges on zones by hands, pens, stamps and litter that they were not fitted to.

    python -m training.signatures.scores ZONES SEED...

makes so many held-out zones from each seed and says how the judges of this checkout do on them, seed by seed.
"""

from __future__ import annotations

import json
import multiprocessing
import sys
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor

from docservice.domain.returned.scans import ZoneVerdict
from docservice.scans.reading.marks.signatures import SignatureJudge
from docservice.scans.reading.marks.zone_patch import ZoneInk
from training.signatures.zones import Kinds, Seen, made

_SURE = 0.6  # share of a signature's path that is visible where a zone is surely signed


def main() -> None:
    count, *seeds = (int(each) for each in sys.argv[1:])
    judge = SignatureJudge()
    with ProcessPoolExecutor(mp_context=multiprocessing.get_context("spawn")) as pool:
        for seed in seeds:
            found = scores(judge, made(count, seed, Kinds.HELD_OUT, pool))
            print(json.dumps({"seed": seed} | found), flush=True)


def ink(zone: Seen) -> ZoneInk:
    blank = zone.likeness[0]
    return ZoneInk(blank, blank, zone.figures, zone.likeness)


def scores(judge: SignatureJudge, zones: Sequence[Seen]) -> dict[str, dict[str, object]]:
    """How the verdicts are, by class of scan."""
    by_class: dict[str, list[tuple[Seen, ZoneVerdict]]] = {}
    for zone in zones:
        name = "photos" if zone.profile.startswith("phone") else "1-bit" if zone.figures["bilevel"] else "shades"
        by_class.setdefault(name, []).append((zone, judge.judge("", ink(zone), 0.9).verdict))
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
