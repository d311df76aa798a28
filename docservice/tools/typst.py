"""Typst, the PDF engine, in a supervised child process.

The layouts are trusted programs of ours; the data is not: it arrives as JSON, is never evaluated, and a document that
hangs or eats memory ends with its child, not with the worker.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from docservice.domain.documents import PlacedZone
from docservice.domain.errors import DocserviceError
from docservice.tools.process import ChildDied, ChildMemory, ChildTimeout, Limits, SupervisedChild

PAGE_HEIGHT = 841.8898  # points of A4
_ALLOCATORS = ("usr/lib/*/libjemalloc.so.2", "usr/lib/libjemalloc.so.2", "usr/lib64/libjemalloc.so.2")


def fast_allocator() -> Path | None:
    """Where the machine has jemalloc (Debian: libjemalloc2), if it has it."""
    return next((found for place in _ALLOCATORS for found in sorted(Path("/").glob(place))), None)


@dataclass(frozen=True, slots=True)
class LaidOut:
    """What the engine says of a document: its pages, the zones as placed, whether the closing block (place, date and
    signatures) stands alone at the top of a page, and whether a layout that can be set tighter may so save a page."""

    pages: int
    zones: tuple[PlacedZone, ...]
    closing_alone: bool = False
    page_to_spare: bool = False


class Typesetter(Protocol):
    """Sets a layout with its data as PDF/A-2a and PDF/UA-1; the same input gives the same bytes.

    Both of its verbs raise DocserviceError "typeset_failed", "typeset_timeout" or "typeset_memory".
    """

    def lay_out(self, layout: Path, data: Mapping[str, Any]) -> LaidOut:
        """What the document would be. Writing it afterwards costs what is left of `typeset`."""
        ...

    def typeset(self, layout: Path, data: Mapping[str, Any]) -> bytes:
        """The document as PDF."""
        ...

    def close(self) -> None:
        """End what runs; the next document starts it again."""
        ...


class SupervisedTypst:
    """The typesetter in use: one child process, with limits in time and memory, replaced after failures and
    regularly. `command` starts another engine that speaks the same frames (see `typst_child`).

    `allocator` is a library that gives the child its memory instead of the C library: setting text is a fifth faster
    with jemalloc, and the bytes are the same."""

    def __init__(
        self,
        root: Path,
        fonts: Path,
        limits: Limits | None = None,
        command: Sequence[str] | None = None,
        allocator: Path | None = None,
    ) -> None:
        self._root = root.resolve()
        self._limits = limits or Limits()
        engine = (sys.executable, "-m", "docservice.tools.typst_child", str(self._root), str(fonts.resolve()))
        # The shell is there because env takes a program whose path has a "=" in it for a variable.
        started = ("/usr/bin/env", f"LD_PRELOAD={allocator}", "/bin/sh", "-c", 'exec "$0" "$@"') if allocator else ()
        self._child = SupervisedChild(command or (*started, *engine), self._limits)

    def lay_out(self, layout: Path, data: Mapping[str, Any]) -> LaidOut:
        """See Typesetter. `layout` lies below the root the engine was made with."""
        told, _ = self._answer(layout, data, written=False)
        return _laid_out(told)

    def typeset(self, layout: Path, data: Mapping[str, Any]) -> bytes:
        """See Typesetter. `layout` lies below the root the engine was made with."""
        _, pdf = self._answer(layout, data, written=True)
        return pdf

    def _answer(self, layout: Path, data: Mapping[str, Any], *, written: bool) -> tuple[Mapping[str, Any], bytes]:
        name = layout.resolve().relative_to(self._root).as_posix()
        document = json.dumps(data, ensure_ascii=False, separators=(",", ":")).encode()
        try:
            answer, pdf = self._child.ask({"layout": name, "written": written}, document)
        except ChildTimeout:
            raise DocserviceError.told(
                "tools.typeset_timeout", retryable=True, name=name, seconds=self._limits.seconds
            ) from None
        except ChildMemory:
            raise DocserviceError.told(
                "tools.typeset_memory", name=name, mebibytes=self._limits.memory_bytes >> 20
            ) from None
        except ChildDied as death:
            raise DocserviceError.told("tools.typeset_failed.died", retryable=True, name=name, death=death) from None
        if "error" in answer:
            raise DocserviceError.told("tools.typeset_failed.typeset", name=name, said=answer["error"])
        return answer, pdf

    @property
    def pid(self) -> int | None:
        """The engine's process id while it runs."""
        return self._child.pid

    def close(self) -> None:
        """End the child process."""
        self._child.close()


def _laid_out(told: Mapping[str, Any]) -> LaidOut:
    closing = told["closing"]
    zones = tuple(_placed(zone) for zone in told["zones"])
    spare = bool(closing.get("spare"))  # earlier layouts cannot be set tighter
    return LaidOut(int(closing["pages"]), zones, bool(closing["alone"]), spare)


def _placed(zone: Mapping[str, Any]) -> PlacedZone:
    left, top = float(zone["x"]), PAGE_HEIGHT - float(zone["y"])
    rect = (left, top - float(zone["height"]), left + float(zone["width"]), top)
    x0, y0, x1, y1 = (round(place, 2) for place in rect)
    return PlacedZone(str(zone["id"]), int(zone["page"]), (x0, y0, x1, y1))
