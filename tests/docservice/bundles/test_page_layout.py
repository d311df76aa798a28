"""How finished pages look: values stay whole, text stays in its place."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime

import pikepdf
import pypdfium2
import pytest

from docservice.bundles.pdf.page_area import area_faults
from docservice.bundles.typeset import typeset
from docservice.domain.cases import (
    Appointment,
    BilingualText,
    Case,
    GoalArea,
    Measure,
    PlanGoal,
    Responsible,
    WorkStep,
)
from docservice.domain.documents import Document, Facts, Typeset
from docservice.domain.kinds import USUAL, Kind
from docservice.tools.codes import CodeDrawer
from docservice.tools.typst import SupervisedTypst
from tests.support.content import CASES, FRAU, TEMPLATES, case_of, document, fixture_case, person

DAY = date(2027, 1, 15)
ADDRESS = "sozialberatung@diakonie-nordstadt.example.org"
VALUES = (ADDRESS, "DE02 1203 0000 0000 2020 51", "(0231) 50-12345", "01.02.2027 – 28.02.2027", "IV-2026-0815")
FAMILY = case_of([person("Anna", "Weiß", FRAU, name_suffix="jun.")], on=DAY)


@pytest.fixture(scope="module")
def typst() -> Iterator[SupervisedTypst]:
    engine = SupervisedTypst(TEMPLATES / "pdf", TEMPLATES / "fonts")
    yield engine
    engine.close()


def finished(tree: Document, engine: SupervisedTypst) -> Typeset:
    layout = TEMPLATES / "pdf" / f"{tree.template}.typ"
    return typeset(tree, "0123456789ABCDEFGHJK", layout, engine, CodeDrawer())


def with_steps(*steps: WorkStep, **annex: object) -> Case:
    return replace(FAMILY, annex=replace(FAMILY.annex, work_steps=steps, **annex))  # type: ignore[arg-type]


def letters(pdf: bytes) -> list[tuple[str, float, float, float]]:
    """Each letter of all pages in the order of the file: itself, its left and right edge, its middle height."""
    found = []
    for number, page in enumerate(pypdfium2.PdfDocument(pdf)):
        text = page.get_textpage()
        for index in range(text.count_chars()):
            left, bottom, right, top = text.get_charbox(index)
            found.append((text.get_text_range(index, 1), left, right, (bottom + top) / 2 - number * 1000))
    return found


@pytest.mark.parametrize("version", [date(2026, 11, 20), DAY])
@pytest.mark.parametrize("code", [None, "ru"])
def test_an_address_gets_no_hyphen_and_stays_in_its_column(
    code: str | None, version: date, typst: SupervisedTypst
) -> None:
    step = WorkStep(BilingualText("Fragen"), BilingualText(ADDRESS), DAY)
    case = replace(with_steps(step), agreement=replace(FAMILY.agreement, date=version))
    found = letters(finished(document(Kind.ANNEX, case, code, DAY), typst).pdf)
    said = "".join(letter for letter, *_ in found if letter.strip())
    start = said.replace("\ufffe", "-").index(ADDRESS)
    printed = [letter for letter in found if letter[0].strip()][start : start + len(ADDRESS)]
    assert min(left for _, left, _, _ in printed) > 62 + 83 * 2.83
    assert max(right for _, _, right, _ in printed) < 62 + 133 * 2.83


@pytest.mark.parametrize("code", [None, "en"])
@pytest.mark.parametrize("value", VALUES)
def test_a_value_that_fits_on_a_line_is_never_torn(value: str, code: str | None, typst: SupervisedTypst) -> None:
    padded = [f"{'Wort ' * count}{value}." for count in range(1, 16)]
    steps = (WorkStep(BilingualText(text, {"en": text}), None, DAY) for text in padded)
    found = letters(finished(document(Kind.ANNEX, with_steps(*steps), code), typst).pdf)
    shown = [letter for letter in found if letter[0].strip()]
    said, bare = "".join(letter for letter, *_ in shown).replace("\ufffe", "-"), "".join(value.split())
    places = [place for place in range(len(said)) if said.startswith(bare, place)]
    assert len(places) == len(padded) * (2 if code else 1)
    for place in places:
        heights = [height for *_, height in shown[place : place + len(bare)]]
        assert max(heights) - min(heights) < 6


def test_values_in_arabic_text_run_from_left_to_right_with_their_brackets(typst: SupervisedTypst) -> None:
    text = BilingualText("Anrufen", {"ar": "يرجى الاتصال على الرقم (0231) 50-12345 قبل الموعد"})
    found = letters(finished(document(Kind.ANNEX, with_steps(WorkStep(text)), "ar"), typst).pdf)
    height = next(place for letter, _, _, place in found if letter == "(")
    line = sorted(
        (left, letter) for letter, left, _, place in found if abs(place - height) < 5 and letter in "()-012345"
    )
    shown = "".join(letter for _, letter in line)
    assert re.search(r"[()]0231[()]50-12345", shown)  # either bracket: the reader of the file turns them with the line


def test_the_dot_of_a_suffix_stands_at_its_right_end(typst: SupervisedTypst) -> None:
    found = letters(finished(document(Kind.AGREEMENT, FAMILY, "ar"), typst).pdf)
    ends = [
        index for index in range(3, len(found)) if "".join(letter for letter, *_ in found[index - 3 : index]) == "jun"
    ]
    for index in ends:
        n = found[index - 1]
        assert any(letter == "." and 0 <= left - n[2] < 3 for letter, left, _, h in found if abs(h - n[3]) < 6)
    assert len(ends) >= 3


def test_a_long_address_in_arabic_text_takes_lines_of_its_own(typst: SupervisedTypst) -> None:
    long = "sehr.langer.name-mit-teilen@jugendmigrationsdienst-der-nordstadt.example.org"
    text = BilingualText("Schreiben", {"ar": f"راسلنا على {long}، ثم"})
    found = letters(finished(document(Kind.ANNEX, with_steps(WorkStep(text)), "ar"), typst).pdf)
    assert all(left >= 22 * 2.83 - 1 and right <= 188 * 2.84 + 1 for letter, left, right, _ in found if letter.strip())


# -- tall rows and long leads ------------------------------------------------------------------------------------------

LINES = BilingualText("\n".join(f"Zeile {n}" for n in range(60)), {"ru": "\n".join(f"строка {n}" for n in range(60))})
LONG = BilingualText("Ein längerer Satz mit vielen Wörtern. " * 80, {"ru": "Длинное предложение. " * 140})


def faults(pdf: bytes) -> list[str]:
    pages = enumerate(pypdfium2.PdfDocument(pdf), 1)
    return [fault.en for number, page in pages for fault in area_faults(page, number)]


@pytest.mark.parametrize("version", [date(2026, 11, 20), DAY])
@pytest.mark.parametrize("kind", USUAL)
def test_what_is_higher_than_a_page_is_torn_and_stays_in_the_text_area(
    kind: Kind, version: date, typst: SupervisedTypst
) -> None:
    meeting = Appointment(datetime.fromisoformat("2027-02-03T10:00+01:00"), LINES, LONG, None)
    case = with_steps(WorkStep(LINES, LONG, DAY), WorkStep(LONG), next_appointment=meeting)
    measures = (Measure(LINES, "Bildungswerk", Responsible.CLIENT, None, None, DAY),)
    goal = PlanGoal(GoalArea.WORK, BilingualText("Arbeit"), situation=LONG, own_words=LINES, measures=measures)
    terms = replace(case.agreement, date=version, goals=(LINES, LONG))
    case = replace(case, agreement=terms, help_plan=replace(case.help_plan, goals=(goal,), client_statement=LINES))
    result = finished(document(kind, case, "ru", DAY), typst)
    assert faults(result.pdf) == []
    assert {f"{n}" for n in range(60)} <= set("".join(texts(result.pdf)).split())
    if kind is Kind.ANNEX:
        assert "Zeile 5" in texts(result.pdf)[0]  # the torn row begins where there is room


def texts(pdf: bytes) -> list[str]:
    return [page.get_textpage().get_text_range() for page in pypdfium2.PdfDocument(pdf)]


@pytest.mark.parametrize("wards", [4, 6])
@pytest.mark.parametrize("version", [date(2026, 11, 20), DAY])
def test_the_columns_are_in_step_after_each_page_break(wards: int, version: date, typst: SupervisedTypst) -> None:
    children = [
        person(f"Elisabeth{chr(97 + n)}", "Schneider-Kowalczyk", None, born=f"201{n}-04-01", guardian=("anna",))
        for n in range(wards)
    ]
    family = case_of([person("Anna", "Schneider-Kowalczyk"), *children], on=version)
    result = finished(document(Kind.AGREEMENT, family, "ru", DAY), typst)
    bullets = [(left < 297, round(height)) for letter, left, _, height in letters(result.pdf) if letter == "•"]
    assert len(bullets) == 16
    assert sorted(h for german, h in bullets if german) == sorted(h for german, h in bullets if not german)
    assert faults(result.pdf) == []


@pytest.mark.parametrize(
    ("before", "after", "fault"),
    [
        (b"1 0 0 1 0 -60 cm", b"", "outside of the text area"),
        (b"1 0 0 1 9 0 cm", b"", "outside of the text area"),
        (b"", b"q 150 100 0.5 500 re f Q", "reach into the next column"),
        (b"", b"twice", "printed over another"),
    ],
)
def test_what_stands_in_the_wrong_place_is_found(
    before: bytes, after: bytes, fault: str, typst: SupervisedTypst
) -> None:
    pdf = finished(document(Kind.AGREEMENT, FAMILY, "ru", DAY), typst).pdf
    assert faults(pdf) == []
    with pikepdf.open(io.BytesIO(pdf)) as changed:
        page = changed.pages[0]
        content = page.Contents.read_bytes()
        more = b"q 1 0 0 1 2 2 cm " + content + b" Q" if after == b"twice" else after
        page.Contents = changed.make_stream(b"q " + before + b" " + content + b" Q " + more)
        out = io.BytesIO()
        changed.save(out)
    assert any(fault in said for said in faults(out.getvalue()))


# -- what is listened to -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("code", [None, "ru", "ar"])
@pytest.mark.parametrize("kind", USUAL)
def test_every_table_has_header_cells_with_a_scope(kind: Kind, code: str | None, typst: SupervisedTypst) -> None:
    tree = document(kind, fixture_case(CASES / "01-miller.json"), code, DAY)
    with pikepdf.open(io.BytesIO(finished(tree, typst).pdf)) as pdf:
        cells = [found for found in pdf.objects if isinstance(found, pikepdf.Dictionary) and "/S" in found]
        tables = [found for found in cells if found.S == "/Table"]
        scopes = [_scope(found) for found in cells if found.S == "/TH"]
        rows = [found for found in tables if found.K[0].S == "/TR"]
        assert all(row.K[0].S == "/TH" and row.K[1].S == "/TD" for table in rows for row in table.K)
        assert len(rows) == sum(isinstance(block, Facts) for block in tree.blocks)
        assert len(tables) > len(rows) or kind is not Kind.ANNEX
        assert set(scopes) <= {"/Row", "/Column"}
        assert scopes.count("/Row") == sum(len(block.rows) for block in tree.blocks if isinstance(block, Facts))


def _scope(cell: pikepdf.Object) -> str:
    return next((str(part.Scope) for part in cell.A if "/Scope" in part), "")


# -- a last page -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("code", "counts"), [("uk", range(2, 11)), (None, range(14, 38, 3))])
def test_less_air_is_taken_where_it_saves_the_last_page_and_nowhere_else(
    code: str | None, counts: range, typst: SupervisedTypst
) -> None:
    """An annex grows step by step: with all its air while it fits, then with less, then with all of it on two pages."""
    looks = []
    for count in counts:
        steps = (WorkStep(BilingualText(f"Schritt {n};", {"uk": f"крок {n};"}), None, DAY) for n in range(count))
        result = finished(document(Kind.ANNEX, with_steps(*steps), code, DAY), typst)
        assert faults(result.pdf) == []
        assert {round(zone.rect[3] - zone.rect[1]) for zone in result.zones} == {47}
        looks.append((result.pages, round(height_of("Schritt 0;", result.pdf) - height_of("Schritt 1;", result.pdf))))
    (one, loose), (also_one, tight), (two, loose_again) = sorted(set(looks), key=looks.index)
    assert (one, also_one, two) == (1, 1, 2)
    assert loose == loose_again > tight
    assert looks == sorted(looks, key=lambda look: (look[0], -look[1]))  # never back again


def height_of(text: str, pdf: bytes) -> float:
    """Where a text of the first page stands, in points."""
    with pypdfium2.PdfDocument(pdf) as opened:
        page = opened[0].get_textpage()
        bottom: float = page.get_charbox(page.get_text_range().index(text))[1]
        return bottom
