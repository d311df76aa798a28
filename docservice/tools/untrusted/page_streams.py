"""Single pages taken out of a stranger's PDF bit by bit: the encoded picture of a page as it lies in the file.

The file is opened in a process of its own, locked in (see `sandbox`). What comes out is a PDF of one page that holds
the picture's own encoded bytes and nothing else of the file.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from docservice.tools.process import ChildDied, ChildMemory, ChildTimeout, Limits, TellingChild


@dataclass(frozen=True, slots=True)
class PageStream:
    """A page by itself: `position` in its file (from 0), a PDF of this page alone, and the SHA-256 of the encoded
    picture, which is the same in the file it was taken from."""

    position: int
    pdf: bytes
    stream_sha256: str


class PageStreams:
    """Takes pages out of PDF files. Safe to use from several threads; keeps nothing between calls."""

    def __init__(self, limits: Limits | None = None, most_bytes: int = 256 << 20) -> None:
        """`limits` are for one page, `most_bytes` is the largest page."""
        self._limits = limits or Limits(seconds=10.0, memory_bytes=1 << 30)
        self._most_bytes = most_bytes

    def take(self, path: Path, positions: Sequence[int]) -> Iterator[PageStream]:
        """The pages at these positions that consist of one picture; others are left out, and so is what comes after
        a page at which the reading process was lost. Raises nothing for what the file holds."""
        order = {
            "positions": list(positions),
            "memory_bytes": self._limits.memory_bytes,
            "cpu_seconds": 10 + 2 * len(positions),
        }
        command = (sys.executable, "-m", "docservice.tools.child.page_streams_child", json.dumps(order))
        with path.open("rb", buffering=0) as source:
            child = TellingChild(
                command, source, self._limits, most_bytes=self._most_bytes, cpu_seconds=self._limits.seconds
            )
            with child:
                while (told := _heard(child)) is not None:
                    yield told


def _heard(child: TellingChild) -> PageStream | None:
    try:
        told = child.hear()
    except (ChildTimeout, ChildMemory, ChildDied):
        return None
    if told is None:
        return None
    header, body = told
    return PageStream(int(header["position"]), bytes(body), str(header["sha256"]))
