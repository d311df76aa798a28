"""`./run bench [--json FILE] [--quick]`: everything side by side with its peers, in one run of under ten minutes."""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
import time
from functools import partial
from pathlib import Path

from benchmarks import bundle, house, interim, loaded, memory, pdf, reads, scans, search, stacks, word
from benchmarks.report import Section

_SECTIONS = {
    "word": word.run,
    "pdf": pdf.run,
    "bundle": bundle.run,
    "loaded": loaded.run,
    "memory": memory.run,
    "scans": scans.run,
    "reads": reads.run,
    "search": search.run,
    "stacks": stacks.run,
    "interim": interim.run,
    "house": house.run,
}


def main() -> int:
    """Measure, print, write; status 1 when a figure misses what it has to reach."""
    arguments = _arguments()
    measure = _SECTIONS | {"loaded": partial(loaded.run, bundles=arguments.bundles)}
    started = time.monotonic()
    sections: dict[str, Section] = {}
    for name in arguments.only or _SECTIONS:
        print(f"measuring: {name} ...", file=sys.stderr, flush=True)
        sections[name] = measure[name](quick=arguments.quick)
        print("\n".join(sections[name].lines()), flush=True)
    print(f"{time.monotonic() - started:.0f} s in all", file=sys.stderr)
    if arguments.json:
        text = json.dumps(_as_json(sections, quick=arguments.quick), ensure_ascii=False, indent=1)
        arguments.json.write_text(text + "\n", encoding="utf-8")
    missed = [ratio.name for section in sections.values() for ratio in section.ratios if not ratio.reached]
    if missed:
        print(f"missed: {', '.join(missed)}", file=sys.stderr)
    return 1 if missed else 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="./run bench", description=__doc__)
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures to FILE")
    parser.add_argument("--quick", action="store_true", help="fewer rounds: about a minute, and rougher figures")
    parser.add_argument("--only", action="append", choices=list(_SECTIONS), help="one part alone; may be repeated")
    parser.add_argument("--bundles", type=int, metavar="N", help="how many the loaded installation makes")
    return parser.parse_args()


def _as_json(sections: dict[str, Section], *, quick: bool) -> dict[str, object]:
    machine = {
        "system": platform.platform(),
        "python": platform.python_version(),
        "cores": len(os.sched_getaffinity(0)),
    }
    return {
        "machine": machine,
        "quick": quick,
        "sections": {name: section.as_json() for name, section in sections.items()},
    }


if __name__ == "__main__":
    sys.exit(main())
