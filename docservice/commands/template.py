"""`docservice template list | lint | preview | publish | approve`: the document templates."""

from __future__ import annotations

import hashlib
import json as json_text
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from cyclopts import App

from docservice.commands.files import SecondLanguage, known_language, make_folder, write_file
from docservice.commands.installation import opened, operator, read_settings
from docservice.domain.errors import DocserviceError
from docservice.domain.languages import GERMAN, USUAL
from docservice.domain.sources import SystemClock, office_day

if TYPE_CHECKING:
    from docservice.templates.service import TemplateLibrary

app = App(name="template", help="The document templates.")


@app.command(name="list")
def list_templates(*, json: bool = False) -> int:
    """All versions: validity, state, languages, and translations that are not published yet.

    Parameters
    ----------
    json
        Print one JSON document.
    """
    library = _library()
    rows = [
        {
            "template": version.name,
            "state": version.status.value,
            "valid_from": version.valid_from.isoformat(),
            "valid_to": version.valid_to.isoformat() if version.valid_to else None,
            "languages": [GERMAN.code, *(language.code for language in library.languages(version))],
            "drafts": [code for code in version.translations if code not in version.languages],
        }
        for version in library.register.versions
    ]
    if json:
        print(json_text.dumps({"templates": rows}, indent=1))
        return 0
    from rich.console import Console
    from rich.table import Column, Table

    table = Table(Column("template", no_wrap=True), "state", "valid from", "valid to", "languages (drafts)")
    for row in rows:
        *cells, languages, drafts = row.values()
        offered = [*(languages or ()), *(f"({code})" for code in drafts or ())]
        table.add_row(*(str(cell or "-") for cell in cells), " ".join(offered))
    Console().print(table)
    return 0


@app.command
def lint(file: Path | None = None, /, *, json: bool = False) -> int:
    """Everything wrong with a Word template, or, without a file, with the register and the files of all versions.

    Ends with 0 when nothing is wrong, with 1 otherwise.

    Parameters
    ----------
    file
        A Word template (DOCX).
    json
        Print one JSON document.
    """
    faults = _library_faults() if file is None else _word_faults(file)
    if json:
        print(json_text.dumps({"faults": faults}, ensure_ascii=False, indent=1))
    else:
        for fault in faults:
            print(fault)
        print(f"{len(faults)} fault(s)", file=sys.stderr)
    return 1 if faults else 0


@app.command
def preview(template: str, /, *, out: Path, lang: SecondLanguage = USUAL.code) -> int:
    """Fill one template version with an invented case and write it as Word and PDF; faults of a draft are told.

    Parameters
    ----------
    template
        A name of `template list`, for example agreement/2026-01.
    out
        The folder for the two files; made if missing.
    """
    from docservice.cases.intake import example_case, parse_case

    language = known_language(lang)
    make_folder(out)
    for fault in _library().faults_of(template):
        print(f"docservice: {fault.path}: {fault.en}", file=sys.stderr)
    with opened() as services:
        made = services.bundles.preview(operator(), template, parse_case(example_case()), language)
    for ending, data in (("docx", made.docx), ("pdf", made.pdf)):
        path = out / f"{made.kind}.{ending}"
        write_file(path, data)
        print(path)
    return 0


@app.command
def publish(template: str, language: str | None = None, /) -> int:
    """Freeze a draft: from now on its files never change, and a correction is a new version.

    With a language, a new translation of a version that is published already. Refused while lint finds a fault in it.

    Parameters
    ----------
    template
        A name of `template list`, for example agreement/2026-01.
    language
        A translation that the register lists as a draft, for example fr.
    """
    library, today = _library(), office_day(SystemClock().now())
    if language is None:
        library.publish(template, today)
        version = library.version(template)
        print(f"{template}: published; {len(version.sha256) + len(version.languages)} files are frozen")
    else:
        library.publish_translation(template, language, today)
        print(f"{template} {language}: published; the translation is frozen, the version is as it was")
    return 0


@app.command
def approve(template: str, language: str, /, *, translator: str, seal: str) -> int:
    """Record that a certified translator has checked a translation as it stands; its note then disappears.

    Parameters
    ----------
    template
        A name of `template list`, for example agreement/2026-01.
    language
        The translation, for example ru.
    translator
        Who has checked it: the certified translator's name.
    seal
        The number of the translator's seal or court appointment.
    """
    from docservice.templates.register import Approval

    library = _library()
    path = library.version(template).texts.get(language)
    digest = hashlib.sha256(path.read_bytes()).hexdigest() if path is not None else ""
    library.approve(template, Approval(language, translator, office_day(SystemClock().now()), seal, digest))
    print(f"{template} {language}: approved as {digest[:12]}")
    return 0


def _library() -> TemplateLibrary:
    from docservice.bundles.word import PLACEHOLDERS
    from docservice.templates.service import TemplateLibrary

    return TemplateLibrary(read_settings().templates_dir, PLACEHOLDERS)


def _library_faults() -> list[str]:
    library = _library()
    return [*library.faults(), *(f"{name}: {fault.path}: {fault.en}" for name, fault in library.lint())]


def _word_faults(file: Path) -> list[str]:
    from docservice.bundles.word import PLACEHOLDERS
    from docservice.templates.word.lint import lint as lint_word

    if not file.is_file():
        raise DocserviceError.told("commands.template_file", file=file)
    return [finding.line() for finding in lint_word(file, PLACEHOLDERS)]
