"""Cases and documents for tests of the content: small invented people, the real templates."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from functools import cache
from pathlib import Path

from docservice.bundles.content import build
from docservice.cases.intake import parse_case
from docservice.domain.cases import AgreementTerms, Annex, Case, HelpPlan, Person, Representative, Salutation
from docservice.domain.dates.partial_date import PartialDate
from docservice.domain.documents import Document
from docservice.domain.kinds import Kind
from docservice.domain.languages import LANGUAGES
from docservice.templates.service import TemplateLibrary

ROOT = Path(__file__).parents[2]
TEMPLATES = ROOT / "templates"
CASES = ROOT / "fixtures" / "cases"
TODAY = date(2026, 12, 22)
FRAU, HERR = Salutation.FRAU, Salutation.HERR
PETRA = Representative("Muster", "Petra", FRAU)
UTE = Representative("Beispiel", "Ute", FRAU)


@cache
def library() -> TemplateLibrary:
    """The shipped templates, compiled once for all tests of a process."""
    return TemplateLibrary(TEMPLATES)


def person(given: str, family: str, salutation: Salutation | None = FRAU, **fields: object) -> Person:
    """A person whose id is the given name in small letters."""
    born = fields.pop("born", "1984-03-09")
    known = {"birth_date": PartialDate.parse(str(born)) if born else None, **fields}
    return replace(Person(given.lower(), family, given, salutation=salutation), **known)  # type: ignore[arg-type]


def case_of(persons: Sequence[Person], parties: Sequence[str] | None = None, on: date | None = TODAY) -> Case:
    """A case of these persons, all of them parties unless `parties` says which."""
    chosen = tuple(parties or (somebody.id for somebody in persons))
    terms = AgreementTerms(chosen, (PETRA, UTE), on)
    return Case("2026-0001", tuple(persons), terms, Annex(1, on), HelpPlan(1, on))


def fixture_case(path: Path) -> Case:
    """A case file of fixtures/cases."""
    return parse_case(json.loads(path.read_text(encoding="utf-8")))


def document(kind: Kind, case: Case, code: str | None = None, generated_on: date = TODAY) -> Document:
    """The document as the service would build it, from the template valid on the agreement date."""
    language = LANGUAGES[code] if code else None
    version = library().select(kind, case.agreement.date or generated_on, language)
    texts, letterhead = library().texts(version, language), library().letterhead()
    return build(kind, case, version, texts, letterhead, language, generated_on, 1)
