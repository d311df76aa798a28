"""Chooses the limits of the judges, beyond which no person is asked.

    python -m training.signatures.limits FOLDER

makes the validation zones of a run anew and writes the limits into the `signature_model.json` of FOLDER: for judges
that stay as they are where another share of wrong ones is allowed.
"""

from __future__ import annotations

import json
import math
import multiprocessing
import sys
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from docservice.scans.reading.marks.signatures import SignatureJudge, may_be_signed
from training.signatures.scores import ink, scores
from training.signatures.zones import SEEDS, ZONES, Kinds, Seen, made

_LOWEST = 0.5
_WRONG = 0.008  # of the unsigned validation zones, of which many are stamps, that may be said to be signed


def main() -> None:
    folder = Path(sys.argv[1])
    with ProcessPoolExecutor(2, multiprocessing.get_context("spawn")) as pool:
        zones = made(ZONES[Kinds.VALIDATION], SEEDS[Kinds.VALIDATION], Kinds.VALIDATION, pool)
    model, shapes = folder / "signature_model.json", folder / "signature_shapes.onnx"
    table = json.loads(model.read_text("ascii"))
    table["signed_from"] = limits(SignatureJudge(model, shapes), zones)
    model.write_text(json.dumps(table, separators=(",", ":")), "ascii")
    print(json.dumps({"limits": table["signed_from"]} | scores(SignatureJudge(model, shapes), zones), indent=1))


def limits(judge: SignatureJudge, zones: Sequence[Seen]) -> dict[str, float]:
    """For each class of scan the lowest limit with which, by the rules in force, no more unsigned zones than may be are
    said to be signed."""
    found = {}
    for name in ("shades", "bilevel"):
        unsigned = [zone for zone in zones if not zone.signed and bool(zone.figures["bilevel"]) == (name == "bilevel")]
        likely = sorted((judge.likelihood(ink(zone)) for zone in unsigned if may_be_signed(zone.figures)), reverse=True)
        may = int(_WRONG * len(unsigned))
        first_right = likely[may] if may < len(likely) else 0.0
        found[name] = max(_LOWEST, math.floor(first_right * 1000 + 1) / 1000)
    return found


if __name__ == "__main__":
    main()
