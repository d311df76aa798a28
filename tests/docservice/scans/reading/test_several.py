"""Several pages on one picture: each is found by its own codes, read by itself, or left to a person if not whole."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import cv2
import numpy as np
import pytest

from docservice.domain.returned.scans import PageFinding, ZoneVerdict
from docservice.scans.reading.page_reader import PageReader, ReadPage
from docservice.tools.untrusted.pictures import Picture, Pixels
from tests.support.scan_simulator import GeneratedDocument, Simulator, everyone_signs
from tests.support.scanned_pages import READER, clean, covered, picture, reference_pages
from tests.support.shared_pictures import on_a_table, side_by_side, two_up

Place = tuple[str, int]


@pytest.fixture(scope="module")
def reader(family: list[GeneratedDocument]) -> PageReader:
    return PageReader(READER, reference_pages(family))


@pytest.fixture(scope="module")
def places(family: list[GeneratedDocument]) -> list[Place]:
    """The page that is signed, then the others, of the first document and then of all."""
    signed = family[0].zones[0].page
    pages = [(document.document_id, page) for document in family for page in range(1, document.pages + 1)]
    return sorted(pages, key=lambda place: place != (family[0].document_id, signed))


@pytest.fixture(scope="module")
def page_of(family: list[GeneratedDocument]) -> Callable[..., Pixels]:
    """A page as its scanner sees it, with everyone's signature."""
    documents = {document.document_id: document for document in family}
    simulator = Simulator(11, held_out=True)

    def page(place: Place, profile: str = "grey200", seed: int | None = None) -> Pixels:
        """With a `seed` it is the same whichever tests ran before."""
        document = documents[place[0]]
        signatures = everyone_signs(document, place[1])
        machine = simulator if seed is None else Simulator(seed, held_out=True)
        return machine.page(document, place[1], profile, signatures=signatures, rotation=0).picture().pixels

    return page


def all_of(read: ReadPage) -> tuple[ReadPage, ...]:
    return (read, *read.beside)


def found(pages: Iterable[ReadPage]) -> list[tuple[str | None, int | None]]:
    return sorted((page.reading.document_id, page.reading.page) for page in pages)


def place(page: ReadPage) -> Place:
    assert page.reading.document_id is not None
    assert page.reading.page is not None
    return page.reading.document_id, page.reading.page


def verdicts(page: ReadPage) -> dict[str, ZoneVerdict]:
    return {zone.zone_id: zone.verdict for zone in page.reading.zones}


def fitted(*pages: Pixels) -> list[Pixels]:
    """The pages in one size, as the glass or the table needs them."""
    height, width = (min(page.shape[axis] for page in pages) for axis in (0, 1))
    return [np.ascontiguousarray(page[:height, :width]) for page in pages]


@pytest.mark.parametrize(("profile", "turns"), [("grey200", 0), ("grey200", 1), ("bilevel200", 2), ("colour300", 3)])
def test_a_booklet_on_the_glass_is_two_pages(
    reader: PageReader, places: list[Place], page_of: Callable[..., Pixels], profile: str, turns: int
) -> None:
    """Each is read at least as well as it is read from a picture of its own."""
    pages = fitted(page_of(places[0], profile), page_of(places[1], profile))
    glass = np.ascontiguousarray(np.rot90(side_by_side(*pages), turns))
    read = all_of(reader.read(picture(glass)))
    assert found(read) == sorted(places[:2])
    for page in read:
        assert page.reading.rotation == 90 * turns
        assert page.reading.outline is not None
        alone = verdicts(reader.read(picture(pages[places.index(place(page))])))
        sure = {zone: verdict for zone, verdict in alone.items() if verdict is not ZoneVerdict.UNCERTAIN}
        assert verdicts(page) == alone | {zone: verdicts(page)[zone] for zone in alone.keys() - sure.keys()}
    assert len({page.pixel_sha256 for page in read}) == 2


def test_two_pages_on_a_sheet_are_read_at_their_size(
    reader: PageReader, places: list[Place], page_of: Callable[..., Pixels]
) -> None:
    sheet = two_up(*fitted(page_of(places[1], "grey300"), page_of(places[0], "grey300")))
    read = all_of(reader.read(Picture(sheet, 300.0, bilevel=False)))
    assert found(read) == sorted(places[:2])
    assert all(page.reading.registration is not None for page in read)


def test_two_sheets_on_a_table_are_two_pages(
    reader: PageReader, places: list[Place], page_of: Callable[..., Pixels]
) -> None:
    photo = on_a_table(*fitted(page_of(places[0]), page_of(places[2])))
    read = all_of(reader.read(Picture(photo, None, bilevel=False)))
    assert found(read) == sorted([places[0], places[2]])
    for page in read:
        assert page.reading.registration is not None
        assert ZoneVerdict.UNSIGNED not in verdicts(page).values()


def test_what_is_cut_out_shows_nothing_of_its_neighbour(
    reader: PageReader, family: list[GeneratedDocument], places: list[Place]
) -> None:
    black = np.zeros_like(clean(family[0], 1))
    first, second = clean(family[0], 1), clean(family[0], 2)
    photo = on_a_table(first, black, second, turned=(0.0, 0.0, 0.0), gap=0, lean=0.0)
    for page in all_of(reader.read(picture(photo))):
        shown = cv2.imdecode(np.frombuffer(page.picture, np.uint8), cv2.IMREAD_GRAYSCALE)
        assert shown is not None
        assert (shown < 60).mean() < 0.12


def test_a_page_that_is_cut_off_is_left_to_a_person_and_the_whole_one_is_taken(
    reader: PageReader, places: list[Place], page_of: Callable[..., Pixels]
) -> None:
    first, second = fitted(page_of(places[1]), page_of(places[0]))
    for cut in (0.8, 0.6):
        glass = side_by_side(first, second[:, : round(second.shape[1] * cut)])
        taken, rest = all_of(reader.read(Picture(glass, 200.0, bilevel=False)))
        assert found([taken]) == [places[1]]
        assert (rest.reading.finding, rest.reading.document_id) == (PageFinding.NOT_WHOLE, None)
        assert rest.reading.codes
        assert reader.read_as(Picture(second, 200.0, bilevel=False), *places[0]).reading.page == places[0][1]


def test_two_pages_that_are_both_cut_off_are_one_question(
    reader: PageReader, places: list[Place], page_of: Callable[..., Pixels]
) -> None:
    first, second = fitted(page_of(places[1]), page_of(places[0]))
    quarter = first.shape[1] // 4
    read = reader.read(Picture(side_by_side(first[:, quarter:], second[:, :-quarter]), 200.0, bilevel=False))
    assert (read.reading.finding, read.beside) == (PageFinding.CONFLICTING, ())


@pytest.mark.parametrize("first_on_top", [True, False])
def test_pages_that_cover_each_other_are_not_taken(
    reader: PageReader, places: list[Place], page_of: Callable[..., Pixels], first_on_top: bool
) -> None:
    pages = fitted(page_of(places[0]), page_of(places[1]))
    photo = on_a_table(
        *pages, turned=(0.0, 0.0), gap=-round(pages[0].shape[1] * 0.3), lean=0.0, first_on_top=first_on_top
    )
    for page in all_of(reader.read(Picture(photo, None, bilevel=False))):
        assert page.reading.finding is PageFinding.CONFLICTING


def test_a_page_with_the_code_of_another_stuck_on_it_is_not_taken(
    reader: PageReader, family: list[GeneratedDocument]
) -> None:
    page, other = clean(family[0], 1), clean(family[0], 2)
    tall = page.shape[0] // 8
    for target in (np.s_[-tall:], np.s_[:tall]):
        mixed = page.copy()
        mixed[target] = other[target]
        read = reader.read(picture(mixed))
        assert (read.reading.finding, read.beside) == (PageFinding.CONFLICTING, ())


def test_a_page_beside_itself_is_found_twice(
    reader: PageReader, places: list[Place], page_of: Callable[..., Pixels]
) -> None:
    pages = fitted(page_of(places[0]), page_of(places[0]))
    read = all_of(reader.read(Picture(side_by_side(*pages), 200.0, bilevel=False)))
    assert found(read) == [places[0], places[0]]


def test_one_readable_code_is_enough_for_a_page_that_is_seen_well(
    reader: PageReader, family: list[GeneratedDocument]
) -> None:
    read = all_of(reader.read(picture(side_by_side(covered(clean(family[0], 1), upper=True), clean(family[0], 2)))))
    assert [page.reading.page for page in sorted(read, key=lambda page: str(page.reading.page))] == [1, 2]


def test_a_page_of_a_document_that_is_not_known_is_the_rest(family: list[GeneratedDocument]) -> None:
    first, second = family[:2]
    reader = PageReader(READER, reference_pages([first]))
    taken, rest = all_of(reader.read(picture(side_by_side(clean(second, 1), clean(first, 1)))))
    assert found([taken]) == [(first.document_id, 1)]
    assert rest.reading.finding is PageFinding.NOT_WHOLE


@pytest.mark.parametrize("lying", ["glass", "turned", "table", "below", "negative"])
def test_a_sheet_without_a_readable_code_beside_a_page_is_asked_about(
    reader: PageReader, places: list[Place], page_of: Callable[..., Pixels], lying: str
) -> None:
    page, lost = fitted(page_of(places[0], seed=5), page_of(places[1], seed=5))
    lost = covered(lost, upper=True, lower=True)
    glass = np.vstack([page, lost]) if lying == "below" else side_by_side(page, lost)
    shown = {
        "turned": np.ascontiguousarray(np.rot90(glass)),
        "table": on_a_table(page, lost),
        "negative": np.asarray(255 - glass, np.uint8),
    }.get(lying, glass)
    read, beside = all_of(reader.read(Picture(shown, None, bilevel=False)))
    assert place(read) == places[0]
    assert (beside.reading.finding, beside.reading.document_id) == (PageFinding.BESIDE, None)
    assert beside.reading.outline is not None
    if lying != "table":
        assert verdicts(read) == verdicts(reader.read(picture(page)))


def test_a_third_sheet_without_a_readable_code_is_asked_about(
    reader: PageReader, places: list[Place], page_of: Callable[..., Pixels]
) -> None:
    pages = fitted(*(page_of(each, seed=5) for each in places[:3]))
    pages[1] = covered(pages[1], upper=True, lower=True)
    read = all_of(reader.read(Picture(side_by_side(*pages), None, bilevel=False)))
    assert [page.reading.finding for page in read] == [PageFinding.IDENTIFIED] * 2 + [PageFinding.BESIDE]


def test_empty_paper_and_tables_beside_a_page_are_no_sheet(
    reader: PageReader, places: list[Place], page_of: Callable[..., Pixels]
) -> None:
    page = page_of(places[0], seed=5)
    empty = np.full_like(page, 250)
    crumbs = empty.copy()
    for number in range(12):
        cv2.circle(crumbs, (150 + 110 * number, 300 + 137 * number), 4, 60, -1)
    grain = np.random.default_rng(3).normal(0, 9, (40, 30)).astype(np.float32)
    wood = np.clip(170 + cv2.resize(grain, page.shape[::-1]), 0, 255).astype(np.uint8)
    for beside in (empty, crumbs, wood):
        for shown in (side_by_side(page, beside), on_a_table(page, beside)):
            read = reader.read(Picture(shown, None, bilevel=False))
            assert (place(read), read.beside) == (places[0], ())
