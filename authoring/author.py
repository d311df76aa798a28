"""Writes the shipped Word templates. A published template never changes: this script is kept as its provenance.

`python -m authoring.author TARGET` writes them below TARGET; the tests compare them with the shipped ones.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from authoring import body
from authoring.styles import FONT_TABLE, MODERN, PLAIN, SETTINGS, Palette, numbering, styles
from authoring.xml import DECLARATION
from docservice.templates.word import opc as package
from docservice.templates.word.slim import slim
from docservice.tools.codes import CodeDrawer

TITLES = {
    "agreement": "Integrationsvereinbarung",
    "annex": "Anlage",
    "help_plan": "Hilfeplan",
    "supplement": "Nachtrag",
    "plan_changes": "Was sich geändert hat",
}
SHAPES: dict[str, tuple[tuple[int, ...], ...]] = {
    "agreement": ((1, 9),),
    "annex": ((5, 3, 2), (3, 1, 1)),
    "help_plan": ((4, 3, 3, 3), (4, 2, 2, 2)),
    "supplement": (),
    "plan_changes": ((4, 6), (4, 2, 3, 3), (4, 2, 2, 3)),
}
UNSIGNED = ("plan_changes",)
_LATER = ("supplement", "plan_changes")  # kinds that came with the second version of the others
_OFFICE = "application/vnd.openxmlformats-officedocument.wordprocessingml"
_RELATION = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_PARTS = (
    ("rId1", "styles"),
    ("rId2", "settings"),
    ("rId3", "fontTable"),
    ("rId4", "numbering"),
    ("rId11", "header1"),
    ("rId12", "header2"),
    ("rId13", "footer1"),
    ("rId14", "footer2"),
)


def shipped() -> Iterator[tuple[str, bytes]]:
    """Every shipped template: its path below templates/docx, and its bytes."""
    for kind in TITLES:
        for layout in ("de", "ltr", "rtl"):
            for version in ("2026-11",) if kind in _LATER else ("2026-01", "2026-11"):
                yield f"{kind}/{version}-{layout}.docx", template(kind, layout, MODERN)
        if kind in ("agreement", "annex"):
            yield f"{kind}/dortmund-2003-de.docx", template(kind, "de", PLAIN)


def template(kind: str, layout: str, palette: Palette) -> bytes:
    """One template as the bytes of its .docx."""
    voice = body.Voice(layout)
    parts = {
        "[Content_Types].xml": _content_types(),
        "_rels/.rels": _relations(
            (("rId1", "officeDocument", "word/document.xml"), ("rId3", "extended-properties", "docProps/app.xml")),
            f'<Relationship Id="rId2" Type="{_PACKAGE}/relationships/metadata/core-properties" '
            'Target="docProps/core.xml"/>',
        ),
        "docProps/core.xml": _core(TITLES[kind]),
        "docProps/app.xml": _app(),
        "word/document.xml": body.document(voice, palette, SHAPES[kind], signed=kind not in UNSIGNED),
        "word/_rels/document.xml.rels": _relations(
            (number, name.rstrip("12"), f"{name}.xml") for number, name in _PARTS
        ),
        "word/styles.xml": styles(palette, layout),
        "word/settings.xml": SETTINGS,
        "word/fontTable.xml": FONT_TABLE,
        "word/numbering.xml": numbering(layout),
        "word/header1.xml": body.header(first=False, palette=palette),
        "word/header2.xml": body.header(first=True, palette=palette),
        "word/footer1.xml": body.footer(first=False),
        "word/footer2.xml": body.footer(first=True),
    }
    for part in ("header1", "header2", "footer1", "footer2"):
        parts[f"word/_rels/{part}.xml.rels"] = _relations((("rId1", "image", "media/page-code.png"),))
    members = {name: xml.encode() for name, xml in parts.items()}
    members["word/media/page-code.png"] = CodeDrawer().png("PLACEHOLDER OF THE PAGE CODE")
    return slim(package.repack(members))


def _relations(entries: Iterable[tuple[str, str, str]], more: str = "") -> str:
    inside = "".join(
        f'<Relationship Id="{number}" Type="{_RELATION}/{kind}" Target="{target}"/>' for number, kind, target in entries
    )
    return f'{DECLARATION}<Relationships xmlns="{_PACKAGE}/relationships">{inside}{more}</Relationships>'


def _content_types() -> str:
    overrides = {"document": "document.main", **{name: name.rstrip("12") for _, name in _PARTS}}
    inside = "".join(
        f'<Override PartName="/word/{name}.xml" ContentType="{_OFFICE}.{kind}+xml"/>'
        for name, kind in overrides.items()
    )
    return (
        f'{DECLARATION}<Types xmlns="{_PACKAGE}/content-types"><Default Extension="png" ContentType="image/png"/>'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Default Extension="xml" ContentType="application/xml"/>'
        '<Override PartName="/docProps/core.xml" '
        'ContentType="application/vnd.openxmlformats-package.core-properties+xml"/>'
        '<Override PartName="/docProps/app.xml" '
        'ContentType="application/vnd.openxmlformats-officedocument.extended-properties+xml"/>'
        f"{inside}</Types>"
    )


def _core(title: str) -> str:
    return (
        f'{DECLARATION}<cp:coreProperties xmlns:cp="{_PACKAGE}/metadata/core-properties" '
        'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:dcterms="http://purl.org/dc/terms/" '
        'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">'
        f"<dc:title>{title}</dc:title><dc:subject></dc:subject><dc:creator></dc:creator>"
        "<dc:description></dc:description><dc:identifier></dc:identifier><dc:language>de-DE</dc:language>"
        "</cp:coreProperties>"
    )


def _app() -> str:
    return (
        f"{DECLARATION}<Properties "
        'xmlns="http://schemas.openxmlformats.org/officeDocument/2006/extended-properties">'
        "<Application>Microsoft Office Word</Application></Properties>"
    )


def main(target: Path) -> None:
    """Writes all shipped templates below `target`."""
    for name, data in shipped():
        path = target / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
