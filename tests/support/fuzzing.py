"""Reads changed files under lock and counts what becomes of them.

python -m tests.support.fuzzing COUNT SEED    # a long run, by hand
"""

from __future__ import annotations

import json
import select
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from docservice.tools.untrusted.pictures import FileLimits
from tests.support.mutants import Mutant, mutants

_BATCH = 40
_PATIENCE = 60.0  # seconds by the clock, on a busy machine; the real child is ended after three of the processor


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one file: codes of its pages or of the whole, and what of ours was at fault."""

    mutant: Mutant
    codes: tuple[str, ...]
    fault: str
    seconds: float


def outcomes(count: int, seed: int) -> Iterator[Outcome]:
    """Of so many files, each opened in a process that is locked in."""
    chosen = list(mutants(seed, count))
    for start in range(0, count, _BATCH):
        with tempfile.TemporaryDirectory(prefix="ds-mutants-") as folder:
            yield from _read(chosen[start : start + _BATCH], Path(folder))


def _read(batch: Sequence[Mutant], folder: Path) -> Iterator[Outcome]:
    for number, mutant in enumerate(batch):
        (folder / str(number)).write_bytes(mutant.data)
    limits = FileLimits()
    bounds = {name: getattr(limits, name) for name in ("pages", "pixels", "metres", "picture_pixels")}
    types = [mutant.media_type for mutant in batch]
    index = {"media_types": types, "bounds": bounds, "memory_bytes": limits.memory_bytes}
    (folder / "index.json").write_text(json.dumps(index))
    first = 0
    while first < len(batch):
        for told in _told(folder, first):
            yield Outcome(batch[first], tuple(told["codes"]), told["fault"], told["seconds"])
            first += 1


def _told(folder: Path, first: int) -> Iterator[dict[str, Any]]:
    """What one process tells of the files from `first` on; it may hang or die over one, and that is its last."""
    command = (sys.executable, "-m", "tests.support.reader_under_lock", str(folder), str(first))
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, bufsize=0)
    assert process.stdout is not None
    begun, rest = False, b""
    try:
        while True:
            if not select.select([process.stdout], [], [], _PATIENCE)[0]:
                yield {"codes": ["hangs"], "fault": "", "seconds": _PATIENCE}
                return
            piece = process.stdout.read(1 << 16)
            if not piece:
                break
            *lines, rest = (rest + piece).split(b"\n")
            for line in lines:
                told = json.loads(line)
                begun = "begins" in told
                if not begun:
                    yield told
        if begun:
            yield {"codes": [f"died {process.wait(5)}"], "fault": "", "seconds": 0.0}
        elif process.wait(5) != 0:
            raise RuntimeError((process.stderr.read() if process.stderr else b"")[-2000:].decode())
    finally:
        process.kill()
        process.communicate()


def main() -> None:
    """Print the counts, and each file that did not end as it should; those are kept in the working folder."""
    count, seed = int(sys.argv[1]), int(sys.argv[2])
    found: Counter[str] = Counter()
    slowest, begun = 0.0, time.monotonic()
    for outcome in outcomes(count, seed):
        found.update(set(outcome.codes))
        slowest = max(slowest, outcome.seconds)
        odd = outcome.fault or any(code.startswith(("hangs", "died")) for code in outcome.codes)
        if odd or outcome.seconds > 3:
            name = f"mutant-{seed}-{outcome.mutant.name.replace(' ', '-')}"
            Path(name).write_bytes(outcome.mutant.data)
            print(name, outcome.codes, outcome.fault, f"{outcome.seconds:.1f} s", flush=True)
    print(count, dict(found), f"slowest {slowest:.1f} s, {time.monotonic() - begun:.0f} s in all")


if __name__ == "__main__":
    main()
