"""The process that holds the Typst compiler: `python -m docservice.tools.typst_child ROOT FONTS`.

Answers each request {"layout", "written"}, the document as JSON in its body: with the PDF if it is to be written, with
{"closing", "zones"} if not, or with {"error"}: what the compiler said, without the texts of the document.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import sys
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import typst

from docservice.tools.process import die_with_parent, serve

_STANDARDS: list[Any] = ["a-2a", "ua-1"]
_TOLD = "selector(<closing>).or(<place>)"
_PREFIX = "docservice-typst-"
_PLACE = re.compile(r"┌─ (\S+?):(\d+):(\d+)")
_QUOTED = re.compile(r'"(?:\\.|[^"\\])*"|“[^”]*”|\'[^\']*\'')
_CODE = re.compile(r"`[^`]*`")


class Engine:
    """A compiler for each layout, with the same fonts; documents are compiled one at a time, what they share is kept.

    A compiler reads the document as the file "/document.json", which exists in this process's memory alone: as an
    input of the program ("sys.inputs") it would be part of the key under which the compiler keeps what it has set, and
    nothing would ever be taken from there again. What is kept, it keeps for all: a document that was laid out is not
    laid out again to be written.
    """

    def __init__(self, root: Path, fonts: Path) -> None:
        _sweep()
        self._memory = os.memfd_create("document")
        self._folder = tempfile.TemporaryDirectory(prefix=f"{_PREFIX}{os.getpid()}-")
        self._root = Path(self._folder.name)
        shutil.copytree(root, self._root, dirs_exist_ok=True)  # the compiler leaves out layouts behind links
        (self._root / "document.json").symlink_to(f"/proc/{os.getpid()}/fd/{self._memory}")
        self._fonts = typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(fonts)])
        self._compilers: dict[str, typst.Compiler] = {}

    def answer(self, header: Mapping[str, Any], document: bytes) -> tuple[dict[str, Any], bytes]:
        """Write one document, or tell how it is laid out."""
        self._hold(document)
        try:
            compiler = self._compiler(header["layout"])
            return ({}, _written(compiler)) if header["written"] else (_laid_out(compiler), b"")
        except typst.TypstError as error:
            return {"error": said(error, json.loads(document))}, b""
        finally:
            self._hold(b"")

    def close(self) -> None:
        """Remove the folder with the copies of the layouts."""
        self._folder.cleanup()

    def _compiler(self, layout: str) -> typst.Compiler:
        if layout not in self._compilers:
            self._compilers[layout] = typst.Compiler(
                str(self._root / layout), root=str(self._root), font_paths=self._fonts, ignore_system_fonts=True
            )
        return self._compilers[layout]

    def _hold(self, document: bytes) -> None:
        os.ftruncate(self._memory, 0)
        os.pwrite(self._memory, document, 0)


def _written(compiler: typst.Compiler) -> bytes:
    pdf = compiler.compile(format="pdf", pdf_standards=_STANDARDS)
    assert isinstance(pdf, bytes)
    return pdf


def _laid_out(compiler: typst.Compiler) -> dict[str, Any]:
    try:
        found = json.loads(compiler.query(_TOLD, field="value"))
    except RuntimeError:  # which does not say where; writing the document does
        _written(compiler)
        raise
    zones = [value for value in found if "id" in value]
    return {"closing": next(value for value in found if "id" not in value), "zones": zones}


def _sweep() -> None:
    """Remove what killed processes left behind: folders of layouts, no texts."""
    for folder in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*"):
        pid = folder.name.removeprefix(_PREFIX).split("-")[0]
        if pid.isdigit() and not Path("/proc", pid).exists():
            shutil.rmtree(folder, ignore_errors=True)


def said(error: typst.TypstError, document: Any) -> str:
    """The compiler's message, place and hints in one line, without any text of the document."""
    letters = _unprintable(error, document)
    message = _cleaned(error.message.split("\n")[0], document)
    places = [f"{file}:{line}" for file, line, _ in _PLACE.findall(f"{error.message}\n{error.diagnostic}")]
    hints = [_cleaned(hint.split("\n")[0], document) for hint in error.hints]
    parts = [message, *(f"at {place}" for place in places[:1]), *letters, *(f"hint: {hint}" for hint in hints)]
    return "; ".join(part for part in parts if part)


def _cleaned(text: str, document: Any) -> str:
    """A message without quotations, and without any longer piece of the document's texts."""
    bare = _QUOTED.sub("…", _CODE.sub("…", text))
    for value in sorted(set(_texts(document)), key=len, reverse=True):
        if len(value) > 2:
            bare = re.sub(rf"(?<!\w){re.escape(value)}(?!\w)", "…", bare)
    return bare


def _unprintable(error: typst.TypstError, document: Any) -> list[str]:
    """The code points no font has, when that is the compiler's complaint (a code point identifies nobody)."""
    if "font" not in error.message and "glyph" not in error.message:
        return []
    said_letters = {letter for quoted in _QUOTED.findall(error.message) for letter in quoted if ord(letter) > 0x17F}
    known = {letter for text in _texts(document) for letter in text}
    return [f"characters {', '.join(f'U+{ord(letter):04X}' for letter in sorted(said_letters & known))}"]


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for key, item in value.items():
            if key != "codes":
                yield from _texts(item)
    elif isinstance(value, list):
        for item in value:
            yield from _texts(item)


def main() -> None:
    """Serve until the parent closes the pipe or dies."""
    die_with_parent()
    root, fonts = (Path(argument) for argument in sys.argv[1:3])
    engine = Engine(root, fonts)
    try:
        serve(engine.answer, sys.stdin.buffer, sys.stdout.buffer)
    finally:
        engine.close()


if __name__ == "__main__":
    main()
