"""Draws columns by month: one row of them for each figure, each with a scale of its own, as SVG.

Nothing is told by colour alone: each row has its name, and its highest and its last column their number.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape, quoteattr

from docservice.reports.sheets import Number, said

_WIDTH = 660
_LEFT, _RIGHT = 8, 8
_TITLE, _COLUMNS, _GAP = 18, 42, 11  # heights of what a row is made of
_AXIS = 34
_INK, _QUIET, _COLUMN, _LINE = "#1c2430", "#4a5564", "#123f6d", "#aab4c0"
_LABEL_WIDTH = 34  # of the name of a month
_NUMBER_WIDTH = 8  # of a digit, with room beside it
_WIDEST_COLUMN = 26.0


@dataclass(frozen=True, slots=True)
class Panel:
    """A row of columns."""

    title: str
    values: tuple[int, ...]


def drawn(panels: Sequence[Panel], months: Sequence[tuple[int, str]], title: str, alt: str) -> str:
    """The rows beneath each other over the months, which are (year, name); at least one of each."""
    height = len(panels) * (_TITLE + _COLUMNS + _GAP) + _AXIS
    step = (_WIDTH - _LEFT - _RIGHT) / len(months)
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" width="{_WIDTH}" height="{height}" '
        f'role="img" aria-label={quoteattr(title)} font-family="Noto Sans, sans-serif">',
        f"<title>{escape(title)}</title><desc>{escape(alt)}</desc>",
        f'<rect width="{_WIDTH}" height="{height}" fill="#ffffff"/>',
    ]
    top = 0
    for panel in panels:
        lines += _row(panel, top, step)
        top += _TITLE + _COLUMNS + _GAP
    lines += _axis(months, top - _GAP, step)
    return "\n".join([*lines, "</svg>", ""])


def _row(panel: Panel, top: int, step: float) -> Iterator[str]:
    yield _text(_LEFT, top + 13, panel.title, size=11, weight="bold")
    base, most = top + _TITLE + _COLUMNS, max(panel.values)
    width = min(step * 0.72, _WIDEST_COLUMN)
    for place, value in enumerate(panel.values):
        if value:
            height = max(1.0, (_COLUMNS - 12) * value / most)
            left = _LEFT + (place + 0.5) * step - width / 2
            yield (
                f'<rect x="{left:.1f}" y="{base - height:.1f}" width="{width:.1f}" height="{height:.1f}" '
                f'fill="{_COLUMN}"/>'
            )
    yield f'<path d="M{_LEFT} {base}H{_WIDTH - _RIGHT}" stroke="{_LINE}"/>'
    for place in _numbered(panel.values, step):
        number = said(Number(panel.values[place]))
        half = _NUMBER_WIDTH * len(number) / 2
        centre = min(max(_LEFT + (place + 0.5) * step, _LEFT + half), _WIDTH - _RIGHT - half)
        beneath = range(max(0, int((centre - half - _LEFT) / step)), place + int(half / step) + 1)
        highest = max(panel.values[each] for each in beneath if each < len(panel.values))
        height = (_COLUMNS - 12) * highest / most if most else 0.0
        yield _text(centre, base - height - 3, number, size=9.5, anchor="middle")


def _numbered(values: Sequence[int], step: float) -> list[int]:
    """The columns whose number is written: all where there is room, else the highest and the last one."""
    last = len(values) - 1
    widest = max(len(said(Number(value))) for value in values)
    if step >= _NUMBER_WIDTH * widest:
        return list(range(len(values)))
    highest = values.index(max(values))
    near = abs(highest - last) * step < _NUMBER_WIDTH * widest
    return [highest] if near else [highest, last]


def _axis(months: Sequence[tuple[int, str]], base: int, step: float) -> Iterator[str]:
    """The names of the months, as many as there is room for, and beneath them each year where it begins."""
    every = next(each for each in (1, 2, 3, 6, 12, 24, 60, 120, 600) if each * step >= _LABEL_WIDTH or each == 600)
    for place, (_, name) in enumerate(months):
        if place % every == 0 and every < 12:
            yield _text(_LEFT + (place + 0.5) * step, base + 13, name, size=9, anchor="middle", fill=_QUIET)
    written = -_LABEL_WIDTH
    for place, (year, _) in enumerate(months):
        left = _LEFT + place * step
        if (place == 0 or months[place - 1][0] != year) and left - written >= _LABEL_WIDTH:
            yield f'<path d="M{left:.1f} {base}v26" stroke="{_LINE}"/>'
            yield _text(left + 3, base + 26, str(year), size=9, fill=_QUIET)
            written = round(left)


def _text(
    x: float, y: float, words: str, *, size: float, weight: str = "normal", anchor: str = "start", fill: str = _INK
) -> str:
    bold = ' font-weight="bold"' if weight == "bold" else ""
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}" text-anchor="{anchor}" fill="{fill}"{bold}>'
        f"{escape(words)}</text>"
    )
