"""Values in right-to-left text: runs of their own, nothing else changed."""

from __future__ import annotations

import pytest
from lxml import etree

from docservice.domain.languages import LRM
from docservice.templates.word.directions import values_apart

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
SECOND = '<w:rtl/><w:cs/><w:lang w:bidi="ar-SA"/>'
PHONE = f"{LRM}(0231) 50-12345{LRM}"


def part_of(*runs: str) -> str:
    return f'<w:p xmlns:w="{W[1:-1]}"><w:pPr><w:bidi/></w:pPr>{"".join(runs)}</w:p>'


def run(text: str, properties: str = SECOND) -> str:
    return f'<w:r><w:rPr>{properties}</w:rPr><w:t xml:space="preserve">{text}</w:t></w:r>'


def runs_of(xml: str) -> list[tuple[str, list[str]]]:
    """The text and the names of the properties of each run that says something."""
    found = []
    for element in etree.fromstring(xml).iter(f"{W}r"):
        text = "".join(part.text or "" for part in element.iter(f"{W}t"))
        names = [etree.QName(one).localname for one in element.findall(f"{W}rPr/*")]
        if text:
            found.append((text, names))
    return found


@pytest.mark.parametrize(
    "value",
    ["(0231) 50-12345", "Anna Weiß jun.", "a.b@c-d.example", "DE02 1203 0000", "§ 5 &amp; 6", "01.02. – 28.02.2027"],
)
def test_a_value_runs_from_left_to_right_between_text_that_runs_the_other_way(value: str) -> None:
    marked = f"{LRM}{value}{LRM}"
    apart = runs_of(values_apart(part_of(run(f"الرقم {marked} ثم {marked}.")), 0))
    second, own = ["rtl", "cs", "lang"], ["noProof"]
    plain = marked.replace("&amp;", "&")
    assert apart == [("الرقم ", second), (plain, own), (" ثم ", second), (plain, own), (".", second)]


def test_other_looks_of_the_run_stay_in_the_order_of_the_schema() -> None:
    look = '<w:rFonts w:ascii="Noto Sans"/><w:b/><w:bCs/><w:color w:val="FF0000"/><w:sz w:val="20"/>'
    apart = dict(runs_of(values_apart(part_of(run(f"رقم {PHONE}", look + SECOND)), 0)))
    assert apart[PHONE] == ["rFonts", "b", "bCs", "noProof", "color", "sz"]
    assert apart["رقم "] == ["rFonts", "b", "bCs", "color", "sz", "rtl", "cs", "lang"]


def test_breaks_between_values_stay() -> None:
    text = f'{PHONE}</w:t><w:br/><w:t xml:space="preserve">ثم {PHONE}'
    apart = values_apart(part_of(run(text)), 0)
    assert [text for text, _ in runs_of(apart)] == [PHONE, "ثم ", PHONE]
    assert apart.count("<w:br/>") == 1


@pytest.mark.parametrize(
    "xml",
    [
        part_of(run("نص بلا قيم")),
        part_of(run(PHONE, '<w:lang w:val="ru-RU"/>')),
        part_of(run(PHONE, '<w:rtl w:val="0"/>')),
        part_of(run(f"كلمة {LRM} واحدة")),
        part_of(run(f"{LRM}كلمة{LRM}")),
        part_of(f"<w:r><w:t>{PHONE}</w:t></w:r>"),
        f"{PHONE}",
    ],
    ids=["no-value", "left-to-right", "switched-off", "one-mark", "no-value-inside", "no-properties", "no-run"],
)
def test_nothing_else_is_touched(xml: str) -> None:
    assert values_apart(xml, 0) == xml
