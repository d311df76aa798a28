"""Entity tags, If-Match and byte ranges as RFC 9110 has them."""

from __future__ import annotations

import pytest

from docservice.api.conditions import byte_range, none_match, refuse_other_state, required_revision
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
        (', "x" ,,W/"abc",', True),
        ('"x" "abc"', False),
        ('w/"abc"', False),
        ('"x, abc"', False),
    ],
)
def test_if_none_match_compares_weakly(header: str | None, matches: bool) -> None:
    assert none_match(header, "abc") is matches


@pytest.mark.parametrize(
    ("header", "revision"),
    [('"3"', 3), ('"2"', 2), ('"1", "3"', 3), ('"1","2"', 2), (" * ", 3), ('W/"3", "2"', 2), (', "3",', 3)],
)
def test_if_match_gives_the_revision_the_caller_has_seen(header: str, revision: int) -> None:
    assert required_revision(header, current=3) == revision


@pytest.mark.parametrize(
    ("header", "code"),
    [
        ('W/"3"', "weak_etag"),
        ('W/"1", W/"3"', "weak_etag"),
        ("3", "invalid_header"),
        ("", "invalid_header"),
        ('w/"3"', "invalid_header"),
        ('"3" "2"', "invalid_header"),
        ('*, "3"', "invalid_header"),
        ('"three"', "unknown_revision"),
        ('"4"', "unknown_revision"),
        ('"0"', "unknown_revision"),
        ('""', "unknown_revision"),
    ],
)
def test_what_names_no_version_is_told_as_what_it_is(header: str, code: str) -> None:
    with pytest.raises(DocserviceError) as refused:
        required_revision(header, current=3)
    assert refused.value.code == code


@pytest.mark.parametrize(
    ("header", "code"),
    [(None, None), ("*", None), ('"x", "abc"', None), ('"x"', "etag_mismatch"), ('W/"abc"', "weak_etag")],
)
def test_if_match_on_reading_compares_strongly(header: str | None, code: str | None) -> None:
    if code is None:
        refuse_other_state(header, "abc")
        return
    with pytest.raises(DocserviceError) as refused:
        refuse_other_state(header, "abc")
    assert refused.value.code == code


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
