"""Which values of rows about persons may be shown, so that no count of fewer than five can be read off anywhere."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

SMALLEST_CELL: Final = 5
"""Fewer persons than this are never told of as a group."""
HIDDEN: Final = "*"
"""Stands for a value that is not shown."""

Values = tuple[str, ...]


def shown(rows: Sequence[Values]) -> list[Values]:
    """The rows in their order, with HIDDEN for what is not shown of each; no row at all when there are fewer than
    SMALLEST_CELL.

    Values are hidden from the last one on: the first ones matter most. Of the rows that begin alike, those that then
    have a value fewer than SMALLEST_CELL of them have are put together and no more is shown of them; when these are
    still too few, the next smallest group joins them (complementary suppression). So

    - every combination that stands in the answer stands in it at least SMALLEST_CELL times, and so does every sum of
      combinations;
    - of all rows that begin alike, none or at least SMALLEST_CELL are hidden: whoever knows their number (a total of
      another table) cannot subtract his way to a smaller one.
    """
    if len(rows) < SMALLEST_CELL:
        return []
    answer: dict[int, Values] = {}
    for places, values in _classes(rows, range(len(rows)), ()):
        answer |= dict.fromkeys(places, values)
    return [answer[place] for place in range(len(rows))]


def small_hidden(count: int) -> int | None:
    """The count, None when it is of some but too few."""
    return None if 0 < count < SMALLEST_CELL else count


def _classes(rows: Sequence[Values], places: Iterable[int], begin: Values) -> Iterator[tuple[list[int], Values]]:
    """The places of rows that are shown alike, with what is shown of them; all of these begin with `begin`."""
    depth, width = len(begin), len(rows[0])
    if depth == width:
        yield list(places), begin
        return
    groups: dict[str, list[int]] = {}
    for place in places:
        groups.setdefault(rows[place][depth], []).append(place)
    by_size = sorted(groups.items(), key=lambda group: (len(group[1]), group[0]))
    pooled: list[int] = []
    while by_size and (len(by_size[0][1]) < SMALLEST_CELL or 0 < len(pooled) < SMALLEST_CELL):
        pooled += by_size.pop(0)[1]
    if pooled:
        yield pooled, (*begin, *[HIDDEN] * (width - depth))
    for value, group in by_size:
        yield from _classes(rows, group, (*begin, value))
