"""The template of 2003 says what the printed form said, clause by clause."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date

import pytest

from docservice.domain.cases import Annex
from docservice.domain.documents import Block, Clauses, Document, Facts
from docservice.domain.kinds import Kind
from tests.support.content import HERR, ROOT, case_of, document, person

GOLDEN = json.loads((ROOT / "fixtures" / "golden" / "dortmund-2003.json").read_text(encoding="utf-8"))
ELENA = person("Elena", "Levin")
IN_2003 = date(2003, 3, 5)
NAMES = ("Elena Levin", "Petra Muster", "Ute Beispiel")


def test_the_blank_agreement_is_the_form_to_the_letter() -> None:
    form = document(Kind.AGREEMENT, case_of([ELENA], on=None), generated_on=IN_2003)
    assert form.template == "agreement/dortmund-2003"
    assert [_blanked(line) for line in _lines(form)] == [entry["text"] for entry in GOLDEN["agreement"]]


def test_the_blank_annex_is_the_form_to_the_letter() -> None:
    form = document(Kind.ANNEX, case_of([ELENA], on=None), generated_on=IN_2003)
    lines = [line.replace("Elena Levin", "Vorname Name") for line in _lines(form)]
    assert lines == [entry["text"] for entry in GOLDEN["annex"]]


def test_a_man_is_named_in_the_right_case_everywhere() -> None:
    text = "\n".join(document(Kind.AGREEMENT, case_of([person("Igor", "Weiß", HERR)], on=IN_2003)).texts())
    assert "zwischen\nHerrn Igor Weiß,\nund" in text
    assert "verpflichtet sich, Herrn Igor Weiß bei der" in text
    assert "Herr Igor Weiß verpflichtet sich zur" in text


def test_the_year_2003_stands_only_where_no_date_is_given() -> None:
    dated = document(Kind.AGREEMENT, case_of([ELENA], on=date(2002, 9, 1)))
    assert dated.place_and_date.de == "Dortmund, den 1.\u00a0September 2002"
    assert "2003" not in "\n".join(dated.texts())


def test_several_signatures_are_told_apart_by_name() -> None:
    couple = [ELENA, person("Igor", "Levin", HERR)]
    labels = [zone.label.de for zone in document(Kind.AGREEMENT, case_of(couple, on=IN_2003)).zones]
    assert labels == [
        "Unterschrift/en\nFrau Elena Levin",
        "Unterschrift/en\nHerr Igor Levin",
        "Unterschrift – Stadt Dortmund –",
    ]


@pytest.mark.parametrize(("day", "title"), [(IN_2003, " 5.\u00a0März 2003"), (None, "")])
def test_the_annex_names_its_agreement_by_date(day: date | None, title: str) -> None:
    case = replace(case_of([ELENA], on=day), annex=Annex(1, IN_2003))
    assert (
        document(Kind.ANNEX, case, generated_on=IN_2003).title.de == f"Anlage zur Integrationsvereinbarung vom{title}"
    )


def _lines(form: Document) -> list[str]:
    parts = [form.title.de, form.subtitle.de if form.subtitle else ""]
    parts += [line for block in form.blocks for line in _block_lines(block)]
    parts += [form.place_and_date.de, *(zone.label.de for zone in form.zones)]
    return [line for part in parts for line in part.split("\n") if line]


def _block_lines(block: Block) -> Iterator[str]:
    if isinstance(block, Clauses):
        for row in block.rows:
            yield f"{row.number} {row.text.de}".strip()
    elif isinstance(block, Facts):
        for fact in block.rows:
            yield from (fact.label.de, fact.value.de)


def _blanked(line: str) -> str:
    for name in NAMES:
        line = line.replace(name, "")
    return re.sub(" +", " ", line).strip()
