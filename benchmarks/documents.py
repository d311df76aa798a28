"""The documents all benchmarks work on: agreement, annex and help plan, German and Russian, of the fixture cases."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from docservice.bundles.content import build
from docservice.cases.intake import parse_case
from docservice.domain.documents import Document
from docservice.domain.kinds import USUAL
from docservice.domain.languages import LANGUAGES
from docservice.domain.page_codes import ID_LETTERS, base32
from docservice.templates.register import TemplateVersion
from docservice.templates.service import TemplateLibrary

PROJECT = Path(__file__).resolve().parent.parent
TEMPLATES = PROJECT / "templates"
LANGUAGE = LANGUAGES["ru"]
LAYOUT = "ltr"
_FIRST_DAY = "2004-07-01"  # from which there are templates in Russian
_NOT_EVERYDAY = ("hostile", "hard-names")
_GENERATED_ON = date(2026, 12, 3)


@dataclass(frozen=True, slots=True)
class Sample:
    """A finished tree with what its two renderings need."""

    document_id: str
    tree: Document
    version: TemplateVersion


def current_cases() -> list[dict[str, Any]]:
    """The everyday families among the fixture cases, in order of their files' names."""
    files = sorted((PROJECT / "fixtures" / "cases").glob("*.json"))
    files = [file for file in files if not any(word in file.name for word in _NOT_EVERYDAY)]
    cases: list[dict[str, Any]] = [json.loads(file.read_text(encoding="utf-8")) for file in files]
    return [case for case in cases if (case["agreement"].get("date") or _FIRST_DAY) >= _FIRST_DAY]


def samples(library: TemplateLibrary) -> list[Sample]:
    """All three documents of every fixture case."""
    letterhead = library.letterhead("dortmund")
    found: list[Sample] = []
    for payload in current_cases():
        case = parse_case(payload)
        day = case.agreement.date or _GENERATED_ON
        for kind in USUAL:
            version = library.select(kind, day, LANGUAGE)
            texts = library.texts(version, LANGUAGE)
            tree = build(kind, case, version, texts, letterhead, LANGUAGE, _GENERATED_ON, 1)
            found.append(Sample(base32(len(found) + 1, ID_LETTERS), tree, version))
    return found
