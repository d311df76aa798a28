"""Makes zones, fits both judges, chooses their limits, and scores them, in one go (see MODEL_CARD.md).

    python -m training.signatures FOLDER [MINUTES]

writes `signature_model.json`, `signature_shapes.onnx` and `training.json` (what was done, and how the judges do) into
FOLDER. MINUTES are what the network may take at most, 16 by default. Needs requirements.txt besides the project's own.
"""

from __future__ import annotations

import json
import multiprocessing
import os
import platform
import sys
import time
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import cv2
import torch

from docservice.scans.reading.marks.signatures import SignatureJudge
from training.signatures import shapes
from training.signatures.forest import as_table, forest
from training.signatures.limits import limits
from training.signatures.scores import scores
from training.signatures.zones import SEEDS, ZONES, Kinds, Seen, made

_TAUGHT = 0.25  # share of a signature's path that has to be visible for teaching anything
_UNSIGNED_TO = 0.12


def main() -> None:
    folder, minutes = Path(sys.argv[1]), float(sys.argv[2]) if len(sys.argv) > 2 else 16.0
    folder.mkdir(parents=True, exist_ok=True)
    torch.set_num_threads(1)
    cv2.setNumThreads(1)
    start = time.monotonic()
    spawned = multiprocessing.get_context("spawn")
    with (
        ProcessPoolExecutor(1, spawned) as first,
        ProcessPoolExecutor(1, spawned, os.nice, (10,)) as second,
        ThreadPoolExecutor(2) as waiting,
    ):
        checked = waiting.submit(_made, Kinds.VALIDATION, second)
        held_out = waiting.submit(_made, Kinds.HELD_OUT, second)
        known = [zone for zone in _made(Kinds.TRAINING, first) if not zone.signed or zone.visible > _TAUGHT]
        zones_made = time.monotonic() - start
        trees, names = forest(known)
        table = as_table(trees, names)
        network, epochs = shapes.network(known, minutes)
        example = (torch.zeros(1, 3, 88, 256),)
        network = network.to(memory_format=torch.contiguous_format)
        torch.onnx.export(network, example, folder / "signature_shapes.onnx", opset_version=13, dynamo=False)
        table["signed_from"], table["unsigned_to"] = {"shades": 0.5, "bilevel": 0.5}, _UNSIGNED_TO
        _write(folder, table)
        chosen = limits(_judge(folder), checked.result())
        table["signed_from"] = chosen
        _write(folder, table)
        fitted = time.monotonic() - start
        report = {
            "zones": {kinds.value: count for kinds, count in ZONES.items()},
            "seeds": {kinds.value: seed for kinds, seed in SEEDS.items()},
            "epochs": epochs,
            "limits": chosen,
            "minutes": {
                "zones": round(zones_made / 60, 1),
                "fitting": round((fitted - zones_made) / 60, 1),
            },
            "machine": f"{os.cpu_count()} processors, {platform.machine()}",
            "validation": scores(_judge(folder), checked.result()),
            "held-out": scores(_judge(folder), held_out.result()),
        }
    report["minutes"]["all"] = round((time.monotonic() - start) / 60, 1)  # type: ignore[index]
    (folder / "training.json").write_text(json.dumps(report, indent=1), "utf-8")
    print(json.dumps(report, indent=1))


def _made(kinds: Kinds, pool: ProcessPoolExecutor) -> list[Seen]:
    return made(ZONES[kinds], SEEDS[kinds], kinds, pool)


def _write(folder: Path, table: dict[str, Any]) -> None:
    (folder / "signature_model.json").write_text(json.dumps(table, separators=(",", ":")), "ascii")


def _judge(folder: Path) -> SignatureJudge:
    return SignatureJudge(folder / "signature_model.json", folder / "signature_shapes.onnx")


if __name__ == "__main__":
    main()
