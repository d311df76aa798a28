"""The shipped Word templates are what their script writes, and what Word opens without a word."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from lxml import etree

from authoring.author import shipped
from docservice.templates.word import opc as package
from tests.support.content import TEMPLATES
from tests.support.word_files import part

SHIPPED = dict(shipped())
ORDER = {  # of children, as the schema of WordprocessingML has it
    "pPr": "pStyle keepNext keepLines pageBreakBefore framePr widowControl numPr pBdr shd tabs suppressAutoHyphens "
    "bidi spacing ind contextualSpacing jc textAlignment outlineLvl rPr sectPr",
    "rPr": "rStyle rFonts b bCs i iCs caps strike color spacing w kern position sz szCs highlight u shd vertAlign "
    "rtl cs em lang",
    "tblPr": "tblStyle tblpPr bidiVisual tblW jc tblInd tblBorders shd tblLayout tblCellMar tblLook tblCaption "
    "tblDescription",
    "tcPr": "cnfStyle tcW gridSpan vMerge tcBorders shd noWrap tcMar textDirection vAlign",
    "sectPr": "headerReference footerReference type pgSz pgMar cols titlePg docGrid",
    "style": "name basedOn next link uiPriority semiHidden qFormat pPr rPr tblPr trPr tcPr",
    "lvl": "start numFmt suff lvlText lvlJc pPr rPr",
    "font": "altName panose1 charset family notTrueType pitch sig",
    "tbl": "tblPr tblGrid tr",
    "tblBorders": "top left bottom right insideH insideV",
    "tblCellMar": "top left bottom right",
    "settings": "zoom defaultTabStop characterSpacingControl compat decimalSymbol listSeparator",
}


@pytest.mark.parametrize("name", SHIPPED)
def test_the_script_writes_the_shipped_file_part_by_part(name: str) -> None:
    assert package.read((TEMPLATES / "docx" / name).read_bytes()) == package.read(SHIPPED[name])


def test_nothing_else_is_shipped() -> None:
    found = {str(path.relative_to(TEMPLATES / "docx")) for path in (TEMPLATES / "docx").rglob("*.docx")}
    assert found == set(SHIPPED)


@pytest.mark.parametrize("name", SHIPPED)
def test_elements_stand_in_the_order_of_the_schema(name: str) -> None:
    for member, data in package.read(SHIPPED[name]).items():
        if member.startswith("word/") and member.endswith(".xml"):
            for element in etree.fromstring(data).iter(etree.Element):
                order = ORDER.get(etree.QName(element).localname)
                if order:
                    places = [order.split().index(etree.QName(child).localname) for child in element]
                    assert places == sorted(places), (member, etree.tostring(element)[:300])


@pytest.mark.parametrize("name", SHIPPED)
def test_every_style_list_and_relation_that_is_named_is_there(name: str) -> None:
    members = package.read(SHIPPED[name])
    written = b"".join(data for member, data in members.items() if member.endswith(".xml")).decode()
    styles = set(re.findall(r'w:styleId="([^"]+)"', written))
    used = re.findall(r'<w:(?:pStyle|rStyle|tblStyle|basedOn|next) w:val="([^"]+)"', written)
    assert set(used) <= styles
    assert set(re.findall(r'<w:numId w:val="(\d+)"', written)) <= set(re.findall(r'<w:num w:numId="(\d+)"', written))
    types = members["[Content_Types].xml"].decode()
    for member in set(members) - {"[Content_Types].xml"}:
        extension = member.rpartition(".")[2]
        assert f'PartName="/{member}"' in types or (
            extension in ("rels", "png") and f'Extension="{extension}"' in types
        )


@pytest.mark.parametrize("name", SHIPPED)
def test_ids_of_drawings_are_unique_and_described(name: str) -> None:
    written = b"".join(
        data for member, data in package.read(SHIPPED[name]).items() if member.startswith("word/")
    ).decode("utf-8", "replace")
    drawings = re.findall(r'<wp:docPr id="(\d+)" name="([^"]+)" descr="([^"]+)"', written)
    assert len({number for number, _, _ in drawings}) == len(drawings) == 4
    assert {description for _, _, description in drawings} == {"Seitenkennung"}


@pytest.mark.parametrize("name", SHIPPED)
def test_columns_add_up_to_the_width_of_the_page(name: str) -> None:
    w = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
    for table in part(SHIPPED[name]).iter(f"{w}tbl"):
        grid = [int(str(column.get(f"{w}w"))) for column in table.iter(f"{w}gridCol")]
        assert sum(grid) == 9411
        assert table.find(f"{w}tblPr/{w}bidiVisual") is None
        for row in table.iter(f"{w}tr"):
            widths = [int(str(width.get(f"{w}w"))) for width in row.iter(f"{w}tcW")]
            assert not widths or widths == grid


def test_the_script_run_by_hand_writes_the_same(tmp_path: Path) -> None:
    from authoring.author import main

    main(tmp_path)
    assert {str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*.docx")} == set(SHIPPED)
