"""Where a list goes on: only a place that was given out is one."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone

import pytest

from docservice.domain.cursors import next_cursor, numbers_cursor, numbers_of, position_of
from docservice.domain.errors import InvalidInput

ID = "0123456789ABCDEFGHJK"
MOMENT = "2026-12-03T09:00:00+00:00"


@dataclass(frozen=True, slots=True)
class Row:
    id: str
    created_at: datetime


def written(text: str) -> str:
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def test_a_cursor_leads_back_to_its_place() -> None:
    moment = datetime(2026, 12, 3, 9, 0, 0, 123456, UTC)
    row = Row(ID, moment)
    assert position_of(next_cursor([row, row], 1)) == (moment, ID)
    assert next_cursor([row, row], 2) is None
    assert position_of(None) is None


def test_a_cursor_of_numbers_leads_back_to_them() -> None:
    assert numbers_of(numbers_cursor((0, 17, 999_999_999)), 3) == (0, 17, 999_999_999)
    assert numbers_of(None, 3) is None


def test_a_moment_comes_in_utc() -> None:
    position = position_of(written(f"2026-12-03T09:00:00+02:00 {ID}"))
    assert position is not None
    moment, _ = position
    assert (moment, moment.utcoffset()) == (datetime(2026, 12, 3, 7, 0, tzinfo=UTC), timedelta(0))
    assert moment == datetime(2026, 12, 3, 9, 0, tzinfo=timezone(timedelta(hours=2)))


@pytest.mark.parametrize(
    "text",
    [
        f"0001-01-01T00:00:00+14:00 {ID}",  # before the first year
        f"9999-12-31T23:59:59-14:00 {ID}",  # after the last
        f"2026-12-03T09:00:00 {ID}",
        f"{MOMENT} ",
        f"{MOMENT} {ID}\n",
        f"{MOMENT} {ID[:-1]}\0",
        f"{MOMENT} {ID.lower()}",
        f"{MOMENT} {ID}0",
        f"{MOMENT} {ID} more",
        MOMENT,
    ],
)
def test_a_made_up_cursor_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        position_of(written(text))
    assert [fault.code for fault in refused.value.faults] == ["unknown_cursor"]


@pytest.mark.parametrize(
    "text", ["", "1 2", "1 2 3 4", "1 2 9999999999", "1 2 x", "1 2 -3", "1  2", "1 2 ٣", "1 2 3\n"]
)
def test_made_up_numbers_are_refused(text: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        numbers_of(written(text), 3)
    assert [fault.code for fault in refused.value.faults] == ["unknown_cursor"]


@pytest.mark.parametrize("cursor", ["", "x", "nothing", "ä", "____", "\0"])
def test_what_no_letters_of_a_cursor_are_is_refused(cursor: str) -> None:
    for read in (position_of, lambda cursor: numbers_of(cursor, 3)):
        with pytest.raises(InvalidInput):
            read(cursor)
