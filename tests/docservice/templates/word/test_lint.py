"""Linting a Word template: what a person who edits one in Word gets told."""

from __future__ import annotations

from pathlib import Path

import pytest

from docservice.bundles.word import PLACEHOLDERS
from docservice.templates.word.language import WordFinding
from docservice.templates.word.lint import lint
from tests.support.content import TEMPLATES
from tests.support.word_files import written_in_word

NAMES = frozenset({"name", "rows", "unit"})


def _lint(folder: Path, *paragraphs: str, table: list[list[str]] | None = None) -> list[WordFinding]:
    path = folder / "form.docx"
    path.write_bytes(written_in_word(*paragraphs, table=table))
    return lint(path, NAMES)


@pytest.mark.parametrize(
    "path", sorted((TEMPLATES / "docx").rglob("*.docx")), ids=lambda path: f"{path.parent.name}-{path.stem}"
)
def test_the_shipped_templates_are_clean(path: Path) -> None:
    assert lint(path, PLACEHOLDERS) == []


def test_a_good_template_has_no_findings(tmp_path: Path) -> None:
    rows = [["{%tr for r in rows %}", ""], ["{{ r.de }}", "{{ loop.index }}"], ["{%tr endfor %}", ""]]
    assert _lint(tmp_path, "{{ name }}", "{%p if name %}", "x", "{%p endif %}", table=rows) == []


@pytest.mark.parametrize("tag", ["{%p if rows|length % 2 %}", "{%p if rows == {} %}", "{%p if name == '}' %}"])
def test_percent_or_brace_in_a_paragraph_tag_is_refused(tmp_path: Path, tag: str) -> None:
    assert "percent_or_brace" in {finding.code for finding in _lint(tmp_path, tag, "x", "{%p endif %}")}


def test_what_stands_beside_a_paragraph_tag_would_vanish(tmp_path: Path) -> None:
    (finding,) = _lint(tmp_path, "Achtung: {%p if name %}", "x", "{%p endif %}")
    assert finding.line() == (
        "document, paragraph 1: {%p if name %}: replaces the paragraph around it, which holds more than this tag; "
        "let it stand alone."
    )
    assert finding.line("de").startswith("Dokument, Absatz 1: {%p if name %}: ersetzt sein Umfeld (Absatz)")


def test_what_stands_beside_a_row_tag_would_vanish(tmp_path: Path) -> None:
    rows = [["{%tr for r in rows %}", "Betrag"], ["{{ r }}", ""], ["{%tr endfor %}", ""]]
    (finding,) = _lint(tmp_path, table=rows)
    assert (finding.code, finding.place.en) == ("not_alone", "document, table 1, row 1, cell 1")


def test_a_misspelt_placeholder_is_told_with_the_right_one(tmp_path: Path) -> None:
    (finding,) = _lint(tmp_path, "x", table=[["a", "{{ nmae }}"]])
    assert finding.line() == (
        'document, table 1, row 1, cell 2: {{ nmae }}: there is no placeholder "nmae"; "name" is probably meant.'
    )
    assert finding.line("de").endswith("den Platzhalter „nmae“ gibt es nicht; gemeint ist wohl „name“.")


def test_names_of_a_loop_end_with_it(tmp_path: Path) -> None:
    found = _lint(tmp_path, "{%p for r in rows %}", "{{ r }}", "{%p endfor %}", "{{ r }}")
    assert [(finding.code, finding.place.en) for finding in found] == [("unknown_placeholder", "document, paragraph 4")]


def test_a_loop_that_leaves_its_table_is_refused(tmp_path: Path) -> None:
    found = _lint(tmp_path, "{%p endfor %}", table=[["{%tr for r in rows %}"], ["{{ r }}"]])
    assert {"stray", "unclosed"} == {finding.code for finding in found}
    crossing = _lint(tmp_path, "x", table=[["{% if name %}", "{% endif %}"]])
    assert [finding.code for finding in crossing] == ["crossing"]


def test_all_faults_come_at_once_and_hints_last(tmp_path: Path) -> None:
    table = [["{%tc for r in rows %}", "{{ r }}", "{%tc endfor %}"]]
    found = _lint(tmp_path, "{{ nmae }}", "{{ name", "{{ unti }}", table=table)
    assert [finding.hint for finding in found] == [False, False, False, True, True]


def test_smart_quotes_of_word_are_fine(tmp_path: Path) -> None:
    assert _lint(tmp_path, "{% if name == “x” %}ja{% endif %}") == []


def test_another_file_is_a_finding(tmp_path: Path) -> None:
    path = tmp_path / "brief.docx"
    path.write_bytes(b"%PDF-1.7")
    assert [finding.code for finding in lint(path)] == ["not_a_word_file"]
    with pytest.raises(OSError, match="nirgends"):
        lint(tmp_path / "nirgends.docx")
