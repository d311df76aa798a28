"""Where a list of reviews goes on: only a place that was given out is one."""

from __future__ import annotations

import base64
from datetime import UTC, datetime, timedelta, timezone

import pytest

from docservice.db.reviews import ReviewRecord
from docservice.domain.errors import InvalidInput
from docservice.domain.returned.scans import ReviewKind
from docservice.scans.cursors import cursor_of, position_of

ID = "0123456789ABCDEFGHJK"
MOMENT = "2026-12-03T09:00:00+00:00"


def written(text: str) -> str:
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def test_a_cursor_leads_back_to_its_place() -> None:
    moment = datetime(2026, 12, 3, 9, 0, 0, 123456, UTC)
    assert position_of(cursor_of(ReviewRecord(ID, ReviewKind.PAGE, "page", "no_code", moment))) == (moment, ID)


def test_a_moment_comes_in_utc() -> None:
    moment, _ = position_of(written(f"2026-12-03T09:00:00+02:00 {ID}"))
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
