"""Reads of a PDF what makes a tree of its pages. Every other object is copied as its bytes stand, but for the numbers
of the objects that it names: most of the time of joining files went into reading the widths of letters, one by one."""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from pypdf import PdfReader
from pypdf.generic import IndirectObject, PdfObject

_READ = re.compile(rb"/(?:Pages?|Catalog|Kids)\b|\bstream\b|[()]")  # of the tree, or not written as expected
_BEGINNING = re.compile(rb"\d+ 0 obj\n")
_STREAM = re.compile(rb"(<</Length (\d+)[^\n]*>>\n)stream\n")
_STRING = re.compile(rb"(\((?:[^\\()]|\\[\s\S])*\))")
_NAMED = re.compile(rb"\b(\d+) 0 R\b")
_Parts = Sequence[bytes | IndirectObject]


class PagesToCopy(PdfReader):
    """A finished PDF whose pages are added to a writer. What is not written as the typesetter writes it is read."""

    def __init__(self, pdf: bytes) -> None:
        self._pdf = pdf
        super().__init__(io.BytesIO(pdf), strict=True)  # else each entry of the table is looked at

    def get_object(self, indirect_reference: int | IndirectObject) -> PdfObject | None:
        """An object of the file."""
        number = indirect_reference if isinstance(indirect_reference, int) else indirect_reference.idnum
        if (0, number) not in self.resolved_objects and (parts := self._parts(number)):
            self.cache_indirect_object(0, number, _Copied(parts))
        return super().get_object(indirect_reference)

    def _parts(self, number: int) -> _Parts | None:
        """The bytes of an object and the objects named between; None when it is one to be read."""
        start = self.xref.get(0, {}).get(number)
        found = None if start is None else _BEGINNING.match(self._pdf, start)
        if not found:
            return None
        if stream := _STREAM.match(self._pdf, found.end()):
            named = self._with_references(stream[1])
            content = self._pdf[stream.end() : stream.end() + int(stream[2])]
            return named and (*named, b"stream\n", content, b"\nendstream")
        return self._with_references(self._pdf[found.end() : self._pdf.index(b"\nendobj", found.end())])

    def _with_references(self, text: bytes) -> _Parts | None:
        if _READ.search(_STRING.sub(b"", text)):
            return None
        return tuple(self._split(_STRING.split(text)))

    def _split(self, texts: Iterable[bytes]) -> Iterator[bytes | IndirectObject]:
        """Each second text is a string, in which nothing is named."""
        for at, text in enumerate(texts):
            if at % 2:
                yield text
            else:
                for place, part in enumerate(_NAMED.split(text)):
                    yield IndirectObject(int(part), 0, self) if place % 2 else part


class _Copied(PdfObject):
    """An object as its bytes stand, with the others that it names between them."""

    def __init__(self, parts: _Parts) -> None:
        self._parts = parts

    def clone(self, pdf_dest: Any, force_duplicate: bool = False, ignore_fields: Any = ()) -> PdfObject:
        """The object in the file that is written, with all it names."""
        clone = self._reference_clone(_Copied(()), pdf_dest, force_duplicate)
        if isinstance(clone, _Copied) and not clone._parts:
            clone._parts = tuple(
                part.clone(pdf_dest) if isinstance(part, IndirectObject) else part for part in self._parts
            )
        return clone

    def write_to_stream(self, stream: Any, encryption_key: object = None) -> None:
        """Its bytes, with the numbers that the others have there."""
        for part in self._parts:
            if isinstance(part, IndirectObject):
                part.write_to_stream(stream)
            else:
                stream.write(part)
