"""Filling Word files side by side: ours, docxtpl, and the engines that live on npm. CPU time in one process.

Two tables. The shipped templates with the documents of the fixture cases, ours against docxtpl, both with the page
code drawn and put in. And one form (clauses in two columns, signatures, header and footer), written in every engine's
own syntax and filled from the same data.
"""

from __future__ import annotations

import functools
import io
import json
import shutil
import subprocess
import tempfile
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from docxtpl import DocxTemplate
from jinja2 import StrictUndefined
from jinja2.sandbox import SandboxedEnvironment
from lxml import etree

from authoring import xml
from authoring.body import HALF, SIGNATURE_WIDTHS
from authoring.styles import PAGE
from benchmarks.documents import LAYOUT, TEMPLATES, Sample, samples
from benchmarks.measure import Work, measure
from benchmarks.npm import node_modules
from benchmarks.report import Figure, Ratio, Section
from docservice.bundles import word
from docservice.domain.documents import Clauses, Document
from docservice.domain.kinds import USUAL, Kind
from docservice.domain.page_codes import PageCode
from docservice.templates.service import TemplateLibrary
from docservice.templates.word import opc as package
from docservice.templates.word.compile import CompiledWord
from docservice.tools.codes import CodeDrawer

_Data = dict[str, object]
_ENGINES = ("docxtemplater", "easy-template-x", "carbone")
_TIMES_DOCXTPL = 25  # what has to be reached
_TEXT = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}t"


def run(*, quick: bool) -> Section:
    """Measure all: about a minute, a quarter of it when `quick`."""
    section = Section("Word: CPU time of filling a document")
    for kind in USUAL:
        ours = measure(functools.partial(_ours, kind), pieces=300 if quick else 1500, warm_up=50).cpu_ms
        theirs = measure(functools.partial(_docxtpl, kind), pieces=8 if quick else 40).cpu_ms
        section.figures.append(Figure(f"{kind.value}, docservice", ours, "ms"))
        section.figures.append(Figure(f"{kind.value}, docxtpl (escaping, strict, sandbox)", theirs, "ms"))
        section.ratios.append(Ratio(f"{kind.value}: against docxtpl", theirs / ours, at_least=_TIMES_DOCXTPL))
    with tempfile.TemporaryDirectory(prefix="ds-bench-") as folder:
        _form(section, Path(folder), quick)
    return section


def _form(section: Section, folder: Path, quick: bool) -> None:
    """The form in every engine's own syntax."""
    ours = measure(_our_form, pieces=500 if quick else 3000, warm_up=50).cpu_ms
    theirs = measure(_docxtpl_form, pieces=15 if quick else 80).cpu_ms
    section.figures.append(Figure("form, docservice", ours, "ms"))
    section.figures.append(Figure("form, docxtpl", theirs, "ms"))
    section.ratios.append(Ratio("form: against docxtpl", theirs / ours, at_least=_TIMES_DOCXTPL))
    modules = node_modules()
    if modules is None:
        section.skipped.append(f"{', '.join(_ENGINES)} need node and npm")
        return
    for engine in _ENGINES:
        try:
            peer = _npm(modules, engine, folder, 60 if quick else 300)
        except (RuntimeError, subprocess.SubprocessError, OSError, ValueError) as error:
            section.skipped.append(f"{engine} did not run: {error}")
            continue
        section.figures.append(Figure(f"form, {engine}", peer, "ms"))
        section.ratios.append(Ratio(f"form: against {engine}", peer / ours, at_least=1))


# -- the shipped templates ----------------------------------------------------------------------------------------


def _of_kind(kind: Kind) -> list[Sample]:
    return [sample for sample in samples(TemplateLibrary(TEMPLATES)) if sample.tree.kind is kind]


def _nothing() -> None:
    """Nothing to end."""


def _ours(kind: Kind) -> tuple[Work, Callable[[], None]]:
    library, codes, documents = TemplateLibrary(TEMPLATES), CodeDrawer(), _of_kind(kind)

    def work(number: int) -> None:
        sample = documents[number % len(documents)]
        word.fill(sample.tree, sample.document_id, library.word(sample.version, LAYOUT), codes)

    return work, _nothing


def _docxtpl(kind: Kind) -> tuple[Work, Callable[[], None]]:
    codes, documents = CodeDrawer(), _of_kind(kind)

    def work(number: int) -> None:
        sample = documents[number % len(documents)]
        template = DocxTemplate(sample.version.word[LAYOUT])
        code = codes.png(PageCode(sample.document_id, 0).payload())
        template.replace_pic(word.PICTURE, io.BytesIO(code))
        template.render(word.context(sample.tree), _stock())
        template.save(io.BytesIO())

    return work, _nothing


def _stock() -> SandboxedEnvironment:
    return SandboxedEnvironment(autoescape=True, undefined=StrictUndefined)


# -- one form in every syntax -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Syntax:
    """How an engine writes a value of the document, and a table row for each entry of a list."""

    value: Callable[[str], str]
    rows: Callable[[str, tuple[str, ...], tuple[int, ...]], str]


def _jinja_rows(name: str, fields: tuple[str, ...], widths: tuple[int, ...]) -> str:
    cells = _cells([f"{{{{ entry.{field} }}}}" for field in fields], widths)
    begin = xml.control_row(f"{{%tr for entry in {name} %}}", len(fields))
    return begin + xml.row(cells) + xml.control_row("{%tr endfor %}", len(fields))


def _brace_rows(name: str, fields: tuple[str, ...], widths: tuple[int, ...]) -> str:
    texts = [f"{{{field}}}" for field in fields]
    texts[0], texts[-1] = f"{{#{name}}}{texts[0]}", f"{texts[-1]}{{/{name}}}"
    return xml.row(_cells(texts, widths))


def _carbone_rows(name: str, fields: tuple[str, ...], widths: tuple[int, ...]) -> str:
    lines = ([f"{{d.{name}[{place}].{field}}}" for field in fields] for place in ("i", "i+1"))
    return "".join(xml.row(_cells(texts, widths)) for texts in lines)


def _cells(texts: list[str], widths: tuple[int, ...]) -> list[str]:
    return [
        xml.cell(width, xml.paragraph("ClauseText", xml.run(text))) for text, width in zip(texts, widths, strict=True)
    ]


_JINJA = _Syntax(lambda name: f"{{{{ {name} }}}}", _jinja_rows)
_BRACES = _Syntax(lambda name: f"{{{name}}}", _brace_rows)
_SYNTAX = {
    "docxtemplater": _BRACES,
    "easy-template-x": _BRACES,
    "carbone": _Syntax(lambda name: f"{{d.{name}}}", _carbone_rows),
}


def _template(syntax: _Syntax) -> bytes:
    """The form with the styles, settings and fonts of the shipped agreement, and its own body, header and footer."""

    def text(style: str, *names: str) -> str:
        return "".join(xml.paragraph(style, xml.run(syntax.value(name))) for name in names)

    clauses = xml.table("Paired", HALF, [syntax.rows("clauses", ("de", "tr"), HALF)], "Text")
    signatures = syntax.rows("signatures", ("left", "between", "right"), SIGNATURE_WIDTHS)
    lines = xml.table("Signatures", SIGNATURE_WIDTHS, [signatures], "Unterschriften")
    opening, closing = text("Heading1", "title_de", "title_tr"), text("PlaceAndDate", "place_de", "place_tr")
    references = '<w:headerReference w:type="default" r:id="rId11"/><w:footerReference w:type="default" r:id="rId13"/>'
    section = f"<w:sectPr>{references}{PAGE}</w:sectPr>"
    body = f"{opening}{clauses}{closing}{lines}{xml.paragraph('SignatureLast')}{section}"
    members = package.read((TEMPLATES / "docx" / "agreement" / f"2026-01-{LAYOUT}.docx").read_bytes())
    members["word/document.xml"] = _part("document", f"<w:body>{body}</w:body>")
    members["word/header1.xml"] = members["word/header2.xml"] = _part("hdr", text("RunningHead", "authority", "unit"))
    members["word/footer1.xml"] = members["word/footer2.xml"] = _part("ftr", text("Footer", "footer_line"))
    return package.repack(members)


def _part(kind: str, inside: str) -> bytes:
    return f"{xml.DECLARATION}<w:{kind} {xml.NAMESPACES}>{inside}</w:{kind}>".encode()


def _data() -> _Data:
    """The form's data: the texts of the agreement of the first fixture case."""
    tree = next(sample.tree for sample in samples(TemplateLibrary(TEMPLATES)) if sample.tree.kind is Kind.AGREEMENT)
    labels = [zone.label.de.replace("\n", " ") for zone in tree.zones]
    pairs = zip(labels[::2], [*labels[1::2], ""], strict=False)
    return {
        "title_de": tree.title.de,
        "title_tr": tree.title.tr,
        "place_de": tree.place_and_date.de,
        "place_tr": tree.place_and_date.tr,
        "authority": tree.letterhead.authority,
        "unit": tree.letterhead.unit,
        "footer_line": tree.footer_line,
        "clauses": _clauses(tree),
        "signatures": [{"left": left, "between": "", "right": right} for left, right in pairs],
    }


def _clauses(tree: Document) -> list[dict[str, str]]:
    rows = [row for block in tree.blocks if isinstance(block, Clauses) for row in block.rows]
    return [{"de": f"{row.number} {row.text.de}".strip(), "tr": row.text.tr or ""} for row in rows]


def _our_form() -> tuple[Work, Callable[[], None]]:
    template, data = CompiledWord(_template(_JINJA), "form.docx"), _data()
    _is_filled("docservice", template.render(data, {}), data)
    return lambda _: _use(template.render(data, {})), _nothing


def _docxtpl_form() -> tuple[Work, Callable[[], None]]:
    source, data = _template(_JINJA), _data()

    def work(_: int) -> None:
        template = DocxTemplate(io.BytesIO(source))
        template.render(data, _stock())
        template.save(io.BytesIO())

    return work, _nothing


def _use(_: bytes) -> None:
    """Filled, and let go."""


def _npm(modules: Path, engine: str, folder: Path, rounds: int) -> float:
    """CPU milliseconds a document, warm."""
    data, template, out = _data(), folder / f"{engine}.docx", folder / f"{engine}-filled.docx"
    template.write_bytes(_template(_SYNTAX[engine]))
    values = folder / "data.json"
    values.write_text(json.dumps(data, ensure_ascii=False), encoding="utf-8")
    command = [str(shutil.which("node")), str(modules.parent / "fill.cjs"), engine]
    command += [str(template), str(values), str(rounds), str(out)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    if done.returncode:
        raise RuntimeError(done.stderr.strip().splitlines()[-1] if done.stderr.strip() else "it ended without a word")
    _is_filled(engine, out.read_bytes(), data)
    return float(json.loads(done.stdout.splitlines()[-1])["cpu_ms"])


def _is_filled(engine: str, filled: bytes, data: _Data) -> None:
    """A peer that leaves out texts would be fast for nothing."""
    with zipfile.ZipFile(io.BytesIO(filled)) as file:
        parts = [
            etree.fromstring(file.read(name))
            for name in file.namelist()
            if name.startswith("word/") and name.endswith(".xml")
        ]
    said = " ".join("".join(text.text or "" for text in part.iter(_TEXT)) for part in parts)
    entries = [entry for value in data.values() if isinstance(value, list) for entry in value]
    texts = [str(value) for value in data.values() if not isinstance(value, list)]
    texts += [str(value) for entry in entries for value in entry.values()]
    missing = sum(1 for text in texts if text not in said)
    if missing:
        raise RuntimeError(f"{engine} left out {missing} of {len(texts)} texts")
