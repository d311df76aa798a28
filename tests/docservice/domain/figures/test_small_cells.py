"""No count below five can be read off the rows of the evaluation, nor computed from them and known totals."""

from __future__ import annotations

from collections import Counter
from itertools import product

from hypothesis import given
from hypothesis import strategies as st

from docservice.domain.figures.small_cells import HIDDEN, SMALLEST_CELL, Values, shown, small_hidden

ROWS = st.lists(st.tuples(*[st.sampled_from("abc")] * 3), max_size=60)


def test_fewer_than_five_are_not_told_of_at_all() -> None:
    assert shown([("a", "b")] * 4) == []
    assert shown([]) == []
    assert shown([("a", "b")] * 5) == [("a", "b")] * 5


def test_the_last_values_are_hidden_first() -> None:
    rows = [("yes", "young", "1")] * 6 + [("yes", "young", "2")] * 3 + [("yes", "young", "3")] * 2
    assert shown(rows) == [("yes", "young", "1")] * 6 + [("yes", "young", HIDDEN)] * 5


def test_a_small_group_takes_the_next_one_with_it() -> None:
    """Hidden alone, four would be the difference between a known total and what is shown."""
    rows = [("yes", "young")] * 9 + [("yes", "old")] * 4 + [("yes", "middle")] * 7
    assert Counter(shown(rows)) == {("yes", "young"): 9, ("yes", HIDDEN): 11}


def test_where_the_first_value_itself_is_small_nothing_is_shown_of_both() -> None:
    rows = [("yes", "young")] * 4 + [("no", "young")] * 30
    assert Counter(shown(rows)) == {(HIDDEN, HIDDEN): 34}


@given(ROWS)
def test_no_combination_and_no_sum_of_them_is_small(rows: list[Values]) -> None:
    told = shown(rows)
    assert len(told) in (0, len(rows))
    assert (told == []) is (len(rows) < SMALLEST_CELL)
    for places in product((False, True), repeat=3):
        cells = Counter(tuple(value for value, kept in zip(row, places, strict=True) if kept) for row in told)
        assert all(count >= SMALLEST_CELL for count in cells.values())


@given(ROWS)
def test_known_totals_reveal_nothing_small(rows: list[Values]) -> None:
    """Of all rows that truly begin alike, as far as that is shown, none or at least five are hidden."""
    told = shown(rows)
    for depth in range(3):
        hidden = Counter(row[:depth] for row in told if row[depth] == HIDDEN and HIDDEN not in row[:depth])
        assert all(count >= SMALLEST_CELL for count in hidden.values())


@given(ROWS)
def test_what_is_shown_is_true(rows: list[Values]) -> None:
    for true, told in zip(rows, shown(rows), strict=False):
        assert all(value in (HIDDEN, known) for known, value in zip(true, told, strict=True))


def test_small_counts_are_not_told_but_none_is() -> None:
    assert [small_hidden(count) for count in (0, 1, 4, 5)] == [0, None, None, 5]
