"""Entity tags, If-Match and byte ranges as RFC 9110 has them."""

from __future__ import annotations

import pytest

from docservice.api.conditions import byte_range, none_match, required_revision
from docservice.domain.errors import DocserviceError


@pytest.mark.parametrize(
    ("header", "matches"),
    [
        (None, False),
        ('"abc"', True),
        ('W/"abc"', True),
        ('"x", "abc"', True),
        ('"x"', False),
        ("*", True),
        ("abc", False),
    ],
)
def test_if_none_match_compares_weakly(header: str | None, matches: bool) -> None:
    assert none_match(header, "abc") is matches


@pytest.mark.parametrize(
    ("header", "revision"),
    [('"3"', 3), ('"2"', 2), ('"1", "3"', 3), ("*", 3), ('W/"3"', -1), ("3", -1), ('"three"', -1)],
)
def test_if_match_gives_the_revision_the_caller_has_seen(header: str, revision: int) -> None:
    assert required_revision(header, current=3) == revision


def test_a_change_without_if_match_is_refused() -> None:
    with pytest.raises(DocserviceError) as refused:
        required_revision(None, current=3)
    assert refused.value.code == "precondition_required"


@pytest.mark.parametrize(
    ("header", "interval"),
    [
        (None, None),
        ("bytes=0-3", (0, 4)),
        ("bytes=4-", (4, 10)),
        ("bytes=-3", (7, 10)),
        ("bytes=-99", (0, 10)),
        ("bytes=8-99", (8, 10)),
        ("Bytes=0-0", (0, 1)),
        ("bytes=0-1,4-5", None),
        ("bytes=5-2", None),
        ("bytes=-", None),
        ("lines=1-2", None),
        ("bytes=" + "9" * 30 + "-", None),
    ],
)
def test_one_range_is_served_and_anything_odd_means_the_whole(
    header: str | None, interval: tuple[int, int] | None
) -> None:
    assert byte_range(header, size=10) == interval


@pytest.mark.parametrize("header", ["bytes=10-", "bytes=99-100", "bytes=-0"])
def test_a_range_outside_is_refused_with_the_size(header: str) -> None:
    with pytest.raises(DocserviceError) as refused:
        byte_range(header, size=10)
    assert refused.value.code == "range_not_satisfiable"
