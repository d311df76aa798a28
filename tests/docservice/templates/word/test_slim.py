"""Slimming: smaller files that look and say the same."""

from __future__ import annotations

from pathlib import Path

import pytest

from docservice.templates.word import opc as package
from docservice.templates.word.compile import CompiledWord
from docservice.templates.word.slim import slim
from tests.support.content import TEMPLATES
from tests.support.word_files import part, texts, written_in_word

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"


@pytest.mark.parametrize(
    "path", sorted((TEMPLATES / "docx").rglob("*.docx")), ids=lambda path: f"{path.parent.name}-{path.stem}"
)
def test_the_shipped_templates_are_slim(path: Path) -> None:
    assert slim(path.read_bytes()) == path.read_bytes()


def test_a_template_out_of_word_loses_what_it_does_not_show() -> None:
    thick = written_in_word("{{ name }}")
    thin = slim(thick)
    before, after = package.read(thick), package.read(thin)
    assert "word/theme/theme1.xml" in before
    assert not [name for name in after if "theme" in name or "thumbnail" in name or name.startswith("customXml")]
    left, all_of_them = (len(part(file, "word/styles.xml").findall(f"{W}style")) for file in (thin, thick))
    assert left <= 10 < 100 < all_of_them
    assert texts(CompiledWord(thick, "t.docx").render({"name": "Anna"}, {})) == ["Anna"]
    assert slim(thin) == thin


def test_fonts_of_the_theme_are_written_out() -> None:
    fonts = part(slim(written_in_word("x")), "word/styles.xml").find(f".//{W}rFonts")
    assert fonts is not None
    assert fonts.get(f"{W}ascii") == fonts.get(f"{W}hAnsi") == "Cambria"
    assert not [name for name in fonts.attrib if "heme" in str(name)]


def test_no_relation_points_nowhere() -> None:
    members = package.read(slim(written_in_word("x")))
    for name, data in members.items():
        if name == "word/_rels/document.xml.rels":
            targets = {line.split('"')[0] for line in data.decode().split('Target="')[1:]}
            assert {target for target in targets if f"word/{target}" not in members} == set()
