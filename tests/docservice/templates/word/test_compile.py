"""Compiled Word templates: the same as docxtpl, values stay text, and a fault says where it is."""

from __future__ import annotations

import io
import re
import zipfile

import pytest

from docservice.domain.errors import DocserviceError
from docservice.templates.word.compile import CompiledWord, WordTemplateError
from tests.support.word_files import canonical, compiled, filled_by_docxtpl, texts, written_in_word

HOSTILE = [
    "Söhne & <b>Töchter</b> Ende",
    "{{ 7*7 }} {% raw %} {# nichts #}",
    "erste Zeile\nzweite Zeile",
    "vor\tnach",
    "a\n\n\tb\n",
    "]]> &amp; &#38; </w:t></w:r></w:p>",
    "'\"“”‘’",
    "%}} }} %} {%p endif %}",
    '#eval("1") ${x} %s %(y)s {0}',
    "\u200e0231 50-12345\u200e ظاهر",
]


@pytest.mark.parametrize("value", HOSTILE)
def test_a_value_stays_what_it_is(value: str) -> None:
    filled = compiled("Von {{ name }} an alle").render({"name": value}, {})
    assert texts(filled) == [f"Von {value} an alle"]


@pytest.mark.parametrize("value", HOSTILE)
def test_filled_like_docxtpl(value: str) -> None:
    data = written_in_word(
        "Von {{ name }} an {% if more %}alle{% else %}keinen{% endif %}",
        "{%p for item in items_ %}",
        "{{ loop.index }}. {{ item }}",
        "{%p endfor %}",
        table=[["{%tr for item in items_ %}", ""], ["{{ item|upper }}", "{{ item }}"], ["{%tr endfor %}", ""]],
        header="{{ name }}",
    )
    context = {"name": value, "more": True, "items_": [value, "zwei", ""]}
    template = CompiledWord(data, "template.docx")
    assert not template.docxtpl_reasons
    assert canonical(template.render(context, {})) == canonical(filled_by_docxtpl(template.slimmed, context, {}))


def test_docxtpl_wart_a_brace_with_underscore_is_not_changed() -> None:
    assert texts(compiled("{{ name }}").render({"name": "{_{ x }_}"}, {})) == ["{_{ x }_}"]
    assert texts(compiled("{_{ bleibt }_} {{ name }}").render({"name": "x"}, {})) == ["{{ bleibt }} x"]


@pytest.mark.parametrize("value", ["a\x0bb", "a\x00b", "a\rb", "\ud800", "a\ufffe"])
def test_a_character_no_file_can_hold_is_refused(value: str) -> None:
    with pytest.raises(DocserviceError, match="text_not_printable") as caught:
        compiled("{{ name }}").render({"name": f"geheim {value}"}, {})
    assert "geheim" not in caught.value.detail


def test_the_same_input_gives_the_same_bytes_and_no_clock() -> None:
    data = written_in_word("{{ name }}")
    one, two = (CompiledWord(data, "template.docx").render({"name": "Anna"}, {}) for _ in range(2))
    assert one == two
    with zipfile.ZipFile(io.BytesIO(one)) as file:
        assert file.testzip() is None
        assert {entry.date_time for entry in file.infolist()} == {(1980, 1, 1, 0, 0, 0)}


def test_nothing_of_one_document_is_left_for_the_next() -> None:
    template = compiled("{% set kept = name %}{{ kept }}", "{{ name }}")
    assert texts(template.render({"name": "Anna"}, {})) == ["Anna", "Anna"]
    assert texts(template.render({"name": "Igor"}, {})) == ["Igor", "Igor"]
    with pytest.raises(WordTemplateError):
        template.render({}, {})


def test_an_unknown_placeholder_is_told_by_its_cell() -> None:
    template = compiled("{{ name }}", table=[["a", "b"], ["{{ name }}", "{{ nmae }}"]])
    with pytest.raises(WordTemplateError) as caught:
        template.render({"name": "Geheim"}, {})
    assert caught.value.detail == (
        "template.docx: document, table 1, row 2, cell 2: {{ nmae }}: "
        "the placeholder is unknown ('nmae' is undefined); check its spelling."
    )
    assert "Dokument, Tabelle 1, Zeile 2, Zelle 2: {{ nmae }}: der Platzhalter ist unbekannt" in caught.value.detail_de
    assert "Geheim" not in str(caught.value)


def test_a_fault_in_a_header_is_told_by_the_header() -> None:
    with pytest.raises(WordTemplateError, match=re.escape("header (word/header1.xml), paragraph 1: {{ nmae }}")):
        compiled("x", header="Az. {{ nmae }}").render({}, {})


def test_data_that_does_not_fit_is_told_without_the_data() -> None:
    template = compiled("eins", "{% for x in name %}{% endfor %}{{ number + name }}")
    with pytest.raises(WordTemplateError, match=re.escape("paragraph 2: {{ number + name }}")) as caught:
        template.render({"name": "Geheim", "number": 1}, {})
    assert "Geheim" not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{%p for x in names %}", r"is never closed; add {% endfor %}"),
        ("{% endif %}", "closes nothing that is open"),
        ("{{ name", r"has no }} in the same paragraph"),
        ("{{ name | nosuchfilter }}", "No filter named 'nosuchfilter'"),
        ("{{ na me }}", "cannot be read"),
        ("{% import 'x' as y %}", "no such statement here"),
        ("{{ name.__class__ }}", 'access to "__class__" is barred'),
    ],
)
def test_a_broken_template_is_refused_with_place_and_mend(text: str, said: str) -> None:
    with pytest.raises(WordTemplateError, match=re.escape(said)) as caught:
        compiled("Guter Absatz {{ name }}", text)
    assert caught.value.findings[0].place.en == "document, paragraph 2"


def test_a_tag_torn_by_formatting_is_one_tag() -> None:
    file = written_in_word("{{ name }}")
    torn = _replaced(file, "{{ name }}", "{{ na</w:t></w:r><w:r><w:rPr><w:b/></w:rPr><w:t>me }}")
    assert texts(CompiledWord(torn, "t.docx").render({"name": "Anna"}, {})) == ["Anna"]
    wrong = CompiledWord(_replaced(file, "{{ name }}", "{{ na</w:t></w:r><w:r><w:t>mme }}"), "t.docx")
    with pytest.raises(WordTemplateError, match=re.escape("paragraph 1: {{ namme }}")):
        wrong.render({"name": "Anna"}, {})


@pytest.mark.parametrize("attack", ["''|attr('__class__')", "name.format(name)", "names.append(1)", "''.mro()"])
def test_the_sandbox_holds(attack: str) -> None:
    context = {"name": "{0.__class__}", "names": []}
    with pytest.raises(WordTemplateError) as caught:
        compiled("{{ " + attack + " }}").render(context, {})
    assert caught.value.findings[0].code in ("forbidden", "unknown_placeholder")
    assert context["names"] == []


def test_there_is_nothing_to_call() -> None:
    with pytest.raises(WordTemplateError, match="'range' is undefined"):
        compiled("{% for x in range(9) %}x{% endfor %}").render({}, {})


def test_what_the_compiler_does_not_cover_is_filled_by_docxtpl_itself() -> None:
    data = written_in_word(
        "{{ name }}",
        table=[["{%tc for c in columns %}", "{{ c }}", "{%tc endfor %}"], ["{% colspan 3 %}{{ name }}", "b", "c"]],
    )
    template = CompiledWord(data, "template.docx")
    assert len(template.docxtpl_reasons) >= 2
    context = {"name": "A & B", "columns": ["eins", "zwei", "drei", "vier"]}
    filled = template.render(context, {})
    assert canonical(filled) == canonical(filled_by_docxtpl(template.slimmed, context, {}))
    assert filled == template.render(context, {})
    with pytest.raises(WordTemplateError, match=re.escape("table 1, row 1, cell 1: {%tc for c in columns %}")):
        template.render({"name": "x"}, {})


def test_a_picture_the_template_does_not_have_is_an_error() -> None:
    with pytest.raises(DocserviceError, match=re.escape("unknown_picture")):
        compiled("x").render({}, {"logo.png": b""})


def test_what_is_no_word_file_is_said_so() -> None:
    for data in (b"", b"PK\x03\x04 torn", b"%PDF-1.7"):
        with pytest.raises(DocserviceError, match="not_a_word_file"):
            CompiledWord(data, "x.docx")


def _replaced(data: bytes, old: str, new: str) -> bytes:
    result = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as source, zipfile.ZipFile(result, "w") as target:
        for name in source.namelist():
            content = source.read(name)
            target.writestr(
                name, content.replace(old.encode(), new.encode()) if name == "word/document.xml" else content
            )
    return result.getvalue()
