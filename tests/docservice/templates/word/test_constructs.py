"""Everything a Word template can hold: filled, kept, removed or refused, as the table says; found by relation."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from docservice.domain.errors import DocserviceError
from docservice.templates.word import opc as package
from docservice.templates.word.compile import CompiledWord, WordTemplateError, template_findings
from docservice.templates.word.constructs import CONSTRUCTS, Construct, Fate, as_table
from docservice.templates.word.parts import read_parts
from tests.support.word_constructs import (
    EDITOR,
    MICROSOFT,
    NAMESPACES,
    OFFICE,
    TAG,
    TEXT,
    WORD,
    Extra,
    WordFile,
    core,
    examples,
    footnotes,
    p,
    r,
    relation,
    text_box,
    word_part,
    zipped,
)
from tests.support.word_files import canonical, filled_by_docxtpl, part, texts

EXAMPLES = examples()
CONTEXT = {"name": "Anna Özdemir"}
DOCS = Path(__file__).parents[4] / "docs" / "word-templates.md"
FILES = [
    pytest.param(construct, file, id=f"{construct.key}-{number}")
    for construct in CONSTRUCTS
    for number, file in enumerate(EXAMPLES[construct.key])
]


def test_every_construct_has_its_example_and_the_docs_show_the_table() -> None:
    assert [construct.key for construct in CONSTRUCTS] == list(EXAMPLES)
    assert as_table() in DOCS.read_text(encoding="utf-8")


@pytest.mark.parametrize(("construct", "file"), FILES)
def test_what_the_table_says_is_what_happens(construct: Construct, file: WordFile) -> None:
    found = template_findings(file.data(), CONTEXT)
    if construct.fate is Fate.REFUSED:
        assert {finding.code for finding in found} == {construct.key}
        assert EDITOR not in " ".join(finding.line(language) for finding in found for language in ("de", "en"))
        with pytest.raises(WordTemplateError):
            CompiledWord(file.data(), "t.docx")
        return
    assert not [finding for finding in found if not finding.hint]
    template = CompiledWord(file.data(), "t.docx")
    filled = template.render(CONTEXT, {}, "Titel")
    said = b"".join(package.read(filled).values())
    assert CONTEXT["name"].encode() in said
    assert b"{{" not in said
    assert EDITOR.encode() not in said
    assert canonical(filled) == canonical(filled_by_docxtpl(template.slimmed, CONTEXT, {}, _title(template)))


def _title(template: CompiledWord) -> str:
    return "" if b"{{" in package.read(template.slimmed)["docProps/core.xml"] else "Titel"


def test_footnotes_are_filled_once_however_many_sections_there_are() -> None:
    """docxtpl fills them once a section: what a value says would be a template the second time."""
    file = footnotes("footnote", TAG)
    file.body += "<w:p><w:pPr><w:sectPr/></w:pPr></w:p>" * 2
    filled = CompiledWord(file.data(), "t.docx").render({"name": "{{ 7*7 }} & {% x"}, {})
    assert texts(filled, "word/footnotes.xml") == ["{{ 7*7 }} & {% x"]


def test_footnotes_beside_text_boxes_are_filled_once_too() -> None:
    file = footnotes("footnote", TAG)
    file.body += text_box(p(r(TAG))) + "<w:p><w:pPr><w:sectPr/></w:pPr></w:p>"
    template = CompiledWord(file.data(), "t.docx")
    assert template.docxtpl_reasons
    filled = template.render({"name": "{{ 7*7 }}"}, {})
    assert texts(filled, "word/footnotes.xml") == ["{{ 7*7 }}"]
    assert texts(filled).count("{{ 7*7 }}") == 2


def test_properties_say_a_value_as_it_is() -> None:
    filled = CompiledWord(core(f"<dc:title>{TAG}</dc:title>").data(), "t.docx").render({"name": "Müller & <Söhne>"}, {})
    assert "".join(map(str, part(filled, "docProps/core.xml").itertext())).strip() == "Müller & <Söhne>"
    plain = CompiledWord(WordFile(TEXT).data(), "t.docx").render(CONTEXT, {}, "Vertrag & Anlage")
    assert "".join(map(str, part(plain, "docProps/core.xml").itertext())) == "Vertrag & Anlage"


def test_an_unknown_name_in_a_footnote_or_a_title_is_told_by_its_place() -> None:
    (note,) = template_findings(footnotes("footnote", "{{ nmae }}").data(), CONTEXT)
    assert note.line().startswith("footnotes (word/footnotes.xml), footnote 1, paragraph 1: {{ nmae }}: there is no")
    assert note.line("de").startswith("Fußnoten (word/footnotes.xml), Fußnote 1, Absatz 1: {{ nmae }}")
    (title,) = template_findings(core("<dc:title>{{ nmae }}</dc:title>").data(), CONTEXT)
    assert title.place.en == "properties (docProps/core.xml)"


@pytest.mark.parametrize(
    ("key", "number", "where"),
    [
        ("comments", 0, "document, paragraph 2"),
        ("tracked", 5, "document, table 1, row 1"),
        ("tracked", 6, "header (word/header.xml), paragraph 1"),
        ("link_tags", 2, "header (word/header.xml), paragraph 1"),
        ("foreign_fields", 0, "document, paragraph 2"),
        ("mail_merge", 0, "settings (word/settings.xml)"),
        ("objects", 0, "document, paragraph 2"),
        ("tags_elsewhere", 0, "endnotes (word/endnotes.xml), endnote 1, paragraph 1"),
    ],
)
def test_a_refusal_names_the_place(key: str, number: int, where: str) -> None:
    assert where in [finding.place.en for finding in template_findings(EXAMPLES[key][number].data(), CONTEXT)]


def test_a_deleted_tag_is_not_told_as_if_alive() -> None:
    codes = {finding.code for file in EXAMPLES["tracked"] for finding in template_findings(file.data(), CONTEXT)}
    assert codes == {"tracked"}


def test_an_empty_part_of_comments_is_removed() -> None:
    file = WordFile(TEXT, [word_part("comments", "")])
    assert template_findings(file.data(), CONTEXT) == []
    assert "word/comments.xml" not in package.read(CompiledWord(file.data(), "t.docx").render(CONTEXT, {}))


def test_a_fault_in_a_text_box_is_told_once_and_by_the_box() -> None:
    file = WordFile(TEXT + p(r("vor"), text_box(p(r("{{ nmae }}"))).removeprefix("<w:p>").removesuffix("</w:p>")))
    (finding,) = [found for found in template_findings(file.data(), CONTEXT) if not found.hint]
    assert finding.place.en == "document, paragraph 2, text box 1, paragraph 1"
    alone = WordFile(text_box(p(r("{%p if name %}")) + p(r("x")) + p(r("{%p endif %}"))) + TEXT)
    assert [found for found in template_findings(alone.data(), CONTEXT) if not found.hint] == []


def test_a_tag_torn_inside_a_formula_is_told() -> None:
    torn = "<m:oMath><m:r><m:t>{{ na</m:t></m:r><m:r><m:t>me }}</m:t></m:r></m:oMath>"
    (finding,) = template_findings(WordFile(TEXT + p(torn)).data(), CONTEXT)
    assert (finding.code, finding.place.en) == ("torn", "document, paragraph 2")


def test_a_tag_in_the_properties_of_a_table_is_read_too() -> None:
    table = '<w:tbl><w:tblPr><w:tblCaption w:val="{{ nmae }}"/></w:tblPr><w:tr><w:tc><w:p/></w:tc></w:tr></w:tbl>'
    (finding,) = template_findings(WordFile(TEXT + table).data(), CONTEXT)
    assert (finding.code, finding.place.en) == ("unknown_placeholder", "document, table 1")


def test_parts_are_found_by_relation_whatever_the_case_and_spelling_of_their_names() -> None:
    header = word_part("header", p(r(TAG)), name="word/Kopf eins.xml", root="hdr")
    members = WordFile(TEXT, [header], main="word/document2.xml").members()
    spelt = {
        name.replace("word/document2.xml", "Word\\Document2.xml").replace("_rels", "_Rels"): data.replace(
            b"/word/Kopf eins.xml", b"KOPF%20eins.xml"
        )
        for name, data in members.items()
    }
    spelt["[content_types].xml"] = spelt.pop("[Content_Types].xml")
    filled = package.read(CompiledWord(zipped(spelt), "t.docx").render(CONTEXT, {}))
    assert sum(CONTEXT["name"].encode() in data for data in filled.values()) == 2
    found = template_findings(
        zipped({name: data.replace(b"name }}", b"nmae }}") for name, data in spelt.items()}), CONTEXT
    )
    assert {finding.code for finding in found} == {"unknown_placeholder"}
    assert len(found) == 2


def test_a_part_that_only_looks_like_a_header_is_none() -> None:
    file = WordFile(TEXT)
    members = {**file.members(), "word/header1.xml": f"<w:hdr {NAMESPACES}>{p(r('{{ nmae }}'))}</w:hdr>".encode()}
    assert template_findings(zipped(members), CONTEXT) == []
    assert "word/header1.xml" not in package.read(CompiledWord(zipped(members), "t.docx").render(CONTEXT, {}))


def test_a_circle_of_relations_ends() -> None:
    again = relation("c", f"{OFFICE}footnotes", "/word/footnotes.xml")
    members = WordFile(TEXT, [word_part("footnotes", "", relations=again)]).members()
    assert len(read_parts(members).by_name) == 2


def test_a_header_type_of_somebody_else_is_unknown() -> None:
    foreign = Extra("word/h.xml", "https://example.org/header", f"{WORD}header+xml", f"<w:hdr {NAMESPACES}/>")
    assert {found.code for found in template_findings(WordFile(TEXT, [foreign]).data())} == {"unknown"}
    newer = Extra("word/n.xml", f"{MICROSOFT}header", "application/xml", "<x/>")
    assert {found.code for found in template_findings(WordFile(TEXT, [newer]).data())} == {"unknown"}


@pytest.mark.parametrize("entity", ['<!DOCTYPE x [<!ENTITY e "boom">]>', '<!DOCTYPE x SYSTEM "file:///etc/passwd">'])
def test_a_part_with_a_document_type_is_refused(entity: str) -> None:
    members = WordFile(TEXT).members()
    members["word/document.xml"] = re.sub(rb"\?>\s*", b"?>" + entity.encode(), members["word/document.xml"], count=1)
    with pytest.raises(DocserviceError, match="not_a_word_file"):
        template_findings(zipped(members))
