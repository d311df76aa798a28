"""The process that holds the Typst compiler: `python -m docservice.tools.typst_child ROOT FONTS`.

Answers each request {"layout"}, the document as JSON in its body, with {"closing", "zones"} and the PDF, or with
{"error"}: what the compiler said, without the texts of the document.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, cast

import typst

from docservice.tools.process import die_with_parent, serve

_STANDARDS: list[Any] = ["a-2a", "ua-1"]
_PLACE = re.compile(r"┌─ (\S+?):(\d+):(\d+)")
_QUOTED = re.compile(r'"(?:\\.|[^"\\])*"|“[^”]*”|\'[^\']*\'')
_CODE = re.compile(r"`[^`]*`")


class Engine:
    """The layouts and fonts, read once; documents are compiled one at a time.

    A document is handed over as a file in memory: as an input of the program ("sys.inputs") it would be part of the
    key under which the compiler keeps what it has set, and nothing would ever be taken from there again. A compiler
    object holds one set of files and can be asked one thing only; making one costs next to nothing.
    """

    def __init__(self, root: Path, fonts: Path) -> None:
        self._layouts = {path.relative_to(root).as_posix(): path.read_bytes() for path in root.rglob("*.typ")}
        self._fonts = typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(fonts)])

    def answer(self, header: Mapping[str, Any], document: bytes) -> tuple[dict[str, Any], bytes]:
        """Set one document."""
        main = f'#include "{header["layout"]}"'.encode()
        files = {**self._layouts, "main.typ": main, "document.json": document}
        try:
            pdf = self._compiler(files).compile(format="pdf", pdf_standards=_STANDARDS)
            found = json.loads(self._compiler(files).query("selector(<closing>).or(<place>)", field="value"))
        except typst.TypstError as error:
            return {"error": said(error, json.loads(document))}, b""
        assert isinstance(pdf, bytes)
        zones = [value for value in found if "id" in value]
        return {"closing": next(value for value in found if "id" not in value), "zones": zones}, pdf

    def _compiler(self, files: Mapping[str, bytes]) -> typst.Compiler:
        in_memory = cast(Any, dict(files))  # which its type stubs do not mention
        return typst.Compiler(in_memory, font_paths=self._fonts, ignore_system_fonts=True)


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
    serve(Engine(root, fonts).answer, sys.stdin.buffer, sys.stdout.buffer)


if __name__ == "__main__":
    main()
