"""Real documents to scan: the fixture families in every language they can be had in, typeset as the service does."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import pypdfium2 as pdfium

from docservice.bundles.typeset import typeset
from docservice.domain.cases import Case
from docservice.domain.documents import Document, PlacedZone
from docservice.domain.kinds import USUAL, Kind
from docservice.domain.languages import LANGUAGES
from docservice.domain.page_codes import id_of_bytes
from docservice.domain.returned.scans import Rect
from docservice.tools.codes import CodeDrawer
from docservice.tools.typst import SupervisedTypst
from tests.support.content import CASES, TEMPLATES, document, fixture_case, library

_HISTORIC = 2003  # its template is offered in German alone
_NOT_EVERYDAY = ("hard-names",)  # twenty parties: eleven pages of zones


@dataclass(frozen=True)
class GeneratedDocument:
    """A finished document as the service keeps it. `pages` counts the pages of `pdf`."""

    document_id: str
    pdf: bytes
    pages: int
    zones: tuple[PlacedZone, ...]
    language: str | None = None

    def zones_on(self, page: int) -> tuple[PlacedZone, ...]:
        """The zones on a page (from 1)."""
        return tuple(zone for zone in self.zones if zone.page == page)

    @cached_property
    def lines(self) -> tuple[tuple[int, Rect], ...]:
        """Page and place of each line that is printed to be written on by hand, as of the date."""
        pdf = pdfium.PdfDocument(self.pdf)
        try:
            return tuple(
                (number, rect) for number, page in enumerate(pdf, start=1) for rect in _underscores(page.get_textpage())
            )
        finally:
            pdf.close()


def documents(seed: int, families: Sequence[str] | None = None, *, undated: float = 0.25) -> list[GeneratedDocument]:
    """Agreement, annex and help plan of each family in each language, with document ids of their own.

    `undated` is the share of the families whose date is left to be written by hand. About 0.05 s a document.
    """
    rng = random.Random(seed)
    typesetter = SupervisedTypst(TEMPLATES / "pdf", TEMPLATES / "fonts")
    codes = CodeDrawer()
    try:
        return [
            _set(tree, id_of_bytes(rng.randbytes(13)), typesetter, codes)
            for path in _families(families)
            for tree in _trees(fixture_case(path), rng, undated)
        ]
    finally:
        typesetter.close()


def family_names() -> list[str]:
    """The families of `fixtures/cases` that have everyday documents."""
    return [path.stem for path in _families(None)]


def _families(chosen: Sequence[str] | None) -> list[Path]:
    files = sorted(CASES.glob("*.json"))
    if chosen is not None:
        return [path for path in files if path.stem in chosen]
    return [path for path in files if not any(word in path.stem for word in _NOT_EVERYDAY)]


def _trees(case: Case, rng: random.Random, undated: float) -> Iterator[Document]:
    day = case.agreement.date
    historic = day is not None and day.year <= _HISTORIC
    for code in (None,) if historic else (None, *(code for code in LANGUAGES if code != "de")):
        dated = case if historic or rng.random() >= undated else _without_date(case)
        for kind in (Kind.AGREEMENT, Kind.ANNEX) if historic else USUAL:
            yield document(kind, dated, code)


def _without_date(case: Case) -> Case:
    return replace(case, agreement=replace(case.agreement, date=None))


def _set(tree: Document, document_id: str, typesetter: SupervisedTypst, codes: CodeDrawer) -> GeneratedDocument:
    done = typeset(tree, document_id, library().version(tree.template).pdf, typesetter, codes)
    code = tree.language.code if tree.language else None
    return GeneratedDocument(document_id, done.pdf, done.pages, done.zones, code)


def _underscores(page: pdfium.PdfTextPage) -> Iterator[Rect]:
    search = page.search("______")
    while (found := search.get_next()) is not None:
        boxes = [page.get_charbox(index) for index in range(found[0], found[0] + found[1])]
        left, bottom = min(box[0] for box in boxes), min(box[1] for box in boxes)
        right = max(box[2] for box in boxes)
        yield (left, bottom, right, bottom + 20)
        return
