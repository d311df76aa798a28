"""Checks a finished document before anybody may see it: does the paper say what the tree says, and can it come back?

Nothing is claimed unchecked: the fonts are embedded, every text is there, each page carries its code twice and a
decoder reads it, each zone stands on its page, no template tag is left over, and the files say what they are.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from io import BytesIO

import pikepdf
import pypdfium2
from lxml import etree

from docservice.bundles.pdf.page_area import area_faults
from docservice.bundles.pdf.page_text import Said, said
from docservice.bundles.pdf.plain_pdf import without_profiles
from docservice.bundles.pdf.text_proof import missing_texts, plain
from docservice.domain.documents import Document, PlacedZone, Typeset
from docservice.domain.errors import DocserviceError
from docservice.domain.page_codes import PageCode
from docservice.domain.text.messages import Sentence, in_a_row, say
from docservice.tools.codes import CodeReader, Raster
from docservice.tools.embedded_fonts import is_embedded

_TAGS = ("{{", "}}", "{%", "%}", "{page}", "{pages}")
_IDENTIFICATION = {
    "PDF/A part 2": re.compile(rb"<pdfaid:part>2</pdfaid:part>|pdfaid:part=\"2\""),
    "PDF/A conformance A": re.compile(rb"<pdfaid:conformance>A</pdfaid:conformance>|pdfaid:conformance=\"A\""),
    "PDF/UA part 1": re.compile(rb"<pdfuaid:part>1</pdfuaid:part>|pdfuaid:part=\"1\""),
}
_STRIP_HEIGHT = 90.0  # points at the top and at the bottom of a page where the codes stand
_STRIP_WIDTH = 90.0  # points around the middle
_STRIP_SCALE = 2.0  # pixels a point: 3.4 pixels a module of 0.6 mm
_WORD_TEXT = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}t"
_LISTED = 8


def check_rendering(document: Document, document_id: str, typeset: Typeset, docx: bytes, codes: CodeReader) -> None:
    """Return when every check passes; raise DocserviceError "verification_failed" naming every failed one.

    Texts are named by their number in `Document.texts()`, never quoted.
    """
    faults = [*_pdf_faults(document, document_id, typeset, codes), *_docx_faults(document, docx)]
    if faults:
        told = in_a_row(faults, "; ")
        raise DocserviceError.told(
            "bundles.verification_failed", kind=document.kind.value, count=len(faults), faults=told
        )


def _pdf_faults(document: Document, document_id: str, typeset: Typeset, codes: CodeReader) -> Iterator[Sentence]:
    try:
        with pikepdf.open(BytesIO(typeset.pdf)) as pdf:
            yield from _structure_faults(pdf, typeset)
        yield from _text_faults(typeset.pdf, document)
        pages = pypdfium2.PdfDocument(without_profiles(typeset.pdf))
    except (pikepdf.PdfError, pypdfium2.PdfiumError):
        yield say("pieces.proof_unreadable")
        return
    try:
        for number, page in enumerate(pages, start=1):
            yield from area_faults(page, number)
            yield from _code_faults(page, PageCode(document_id, number), codes)
            yield from _zone_faults(page, [zone for zone in typeset.zones if zone.page == number])
            page.close()
    finally:
        pages.close()
    yield from _zone_id_faults(document, typeset)


def _structure_faults(pdf: pikepdf.Pdf, typeset: Typeset) -> Iterator[Sentence]:
    if len(pdf.pages) != typeset.pages or not pdf.pages:
        yield say("pieces.proof_pages", found=len(pdf.pages), stated=typeset.pages)
    loose = sum(not is_embedded(font) for font in _fonts(pdf))
    if loose:
        yield say("pieces.proof_fonts", count=loose)
    metadata = bytes(pdf.Root.Metadata.read_bytes()) if "/Metadata" in pdf.Root else b""
    for name, pattern in _IDENTIFICATION.items():
        if not pattern.search(metadata):
            yield say("pieces.proof_identification", standard=name)
    if "/StructTreeRoot" not in pdf.Root or "/Lang" not in pdf.Root:
        yield say("pieces.proof_structure")


def _fonts(pdf: pikepdf.Pdf) -> Iterator[pikepdf.Object]:
    seen: set[tuple[int, int]] = set()
    for page in pdf.pages:
        fonts = page.obj.get("/Resources", pikepdf.Dictionary()).get("/Font", pikepdf.Dictionary())
        for _, font in fonts.items():
            if font.objgen not in seen:
                seen.add(font.objgen)
                yield font


def _code_faults(page: pypdfium2.PdfPage, code: PageCode, codes: CodeReader) -> Iterator[Sentence]:
    for name, top in (("top", True), ("bottom", False)):
        if codes.read(_strip(page, top=top)) != [code.payload()]:
            yield say(f"pieces.proof_code_{name}", page=code.page)


def _strip(page: pypdfium2.PdfPage, *, top: bool) -> Raster:
    width, height = page.get_size()
    side, rest = (width - _STRIP_WIDTH) / 2, height - _STRIP_HEIGHT
    crop = (side, rest if top else 0, side, 0 if top else rest)  # cut off left, bottom, right, top
    bitmap = page.render(scale=_STRIP_SCALE, crop=crop, grayscale=True, may_draw_forms=False)
    view = memoryview(bitmap.buffer).cast("B")
    rows = [bytes(view[y * bitmap.stride : y * bitmap.stride + bitmap.width]) for y in range(bitmap.height)]
    raster = Raster(b"".join(rows), bitmap.width, bitmap.height)
    view.release()
    bitmap.close()
    return raster


def _zone_faults(page: pypdfium2.PdfPage, zones: list[PlacedZone]) -> Iterator[Sentence]:
    width, height = page.get_size()
    for zone in zones:
        x0, y0, x1, y1 = zone.rect
        if not (0 <= x0 < x1 <= width and 0 <= y0 < y1 <= height):
            yield say("pieces.proof_zone_outside", zone=zone.zone_id, page=zone.page)
    for place, zone in enumerate(zones):
        if any(_overlap(zone, other) for other in zones[:place]):
            yield say("pieces.proof_zone_overlap", zone=zone.zone_id)


def _overlap(one: PlacedZone, other: PlacedZone) -> bool:
    return (
        one.rect[0] < other.rect[2]
        and other.rect[0] < one.rect[2]
        and one.rect[1] < other.rect[3]
        and other.rect[1] < one.rect[3]
    )


def _zone_id_faults(document: Document, typeset: Typeset) -> Iterator[Sentence]:
    wanted = sorted(zone.zone_id for zone in document.zones)
    if sorted(zone.zone_id for zone in typeset.zones) != wanted:
        yield say("pieces.proof_other_zones")
    for zone in typeset.zones:
        if not 1 <= zone.page <= typeset.pages:
            yield say("pieces.proof_zone_nowhere", zone=zone.zone_id)


def _text_faults(pdf: bytes, document: Document) -> Iterator[Sentence]:
    try:
        found = said(pdf)
    except ValueError:
        found = Said((), ())  # it is not written as the typesetter writes
    yield from _said_faults(found, document)


def _said_faults(found: Said, document: Document) -> Iterator[Sentence]:
    wanted = list(document.texts())
    yield from _missing("PDF", missing_texts(wanted, found.paragraphs), len(wanted))
    shown = "\n".join(line.text for paragraph in (*found.paragraphs, *found.outside) for line in paragraph)
    repeated = (document.footer_line, document.reference, *document.column_headers.texts())
    yield from _left_over("PDF", shown, [*wanted, *repeated * len(found.outside)])


def _docx_faults(document: Document, docx: bytes) -> Iterator[Sentence]:
    parser = etree.XMLParser(resolve_entities=False, no_network=True)
    texts: list[str] = []
    try:
        with zipfile.ZipFile(BytesIO(docx)) as package:
            for name in package.namelist():
                if name.endswith((".xml", ".rels")):
                    root = etree.fromstring(package.read(name), parser)
                    texts += [node.text or "" for node in root.iter(_WORD_TEXT)]
    except (zipfile.BadZipFile, etree.XMLSyntaxError, OSError, EOFError):
        yield say("pieces.proof_word_file")
        return
    yield from _word_faults(document, "".join(texts))


def _word_faults(document: Document, found: str) -> Iterator[Sentence]:
    wanted = list(document.texts())
    shown = plain(found)
    missing = [number for number, text in enumerate(wanted, start=1) if not _holds(shown, text)]
    yield from _missing("Word file", missing, len(wanted))
    yield from _left_over("Word file", found, [*wanted, document.footer_line, document.reference])


def _holds(shown: str, text: str) -> bool:
    return plain(text) in shown or all(plain(word) in shown for word in text.split())


def _missing(file: str, numbers: Sequence[int], of: int) -> Iterator[Sentence]:
    if numbers:
        listed = ", ".join(map(str, numbers[:_LISTED])) + (" …" if len(numbers) > _LISTED else "")
        yield say("pieces.proof_texts_missing", count=len(numbers), texts=of, file=file, numbers=listed)


def _left_over(file: str, found: str, own: Iterable[str]) -> Iterator[Sentence]:
    allowed = "\n".join(own)
    if any(found.count(tag) > allowed.count(tag) for tag in _TAGS):
        yield say("pieces.proof_tags_left", file=file)
