"""A report as people read it, whatever it is written into: facts, tables and a picture. All texts are German.

The texts are the program's own, numbers and codes; nothing that was ever typed into a case has a way in here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class Form(StrEnum):
    """How a number is written."""

    WHOLE = "#,##0"
    TENTHS = "0.0"
    HUNDREDTHS = "0.00"
    SHARE = "0.0%"  # of 1


@dataclass(frozen=True, slots=True)
class Number:
    """A number and how it is written; None is one that is not there or not told."""

    value: float | None
    form: Form = Form.WHOLE


Cell = str | Number


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table with a head; the first cell of a row names it."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]


@dataclass(frozen=True, slots=True)
class Fact:
    """A figure, and what exactly was counted."""

    name: str
    value: Number
    meaning: str


@dataclass(frozen=True, slots=True)
class Picture:
    """A drawing as SVG, and the same in words."""

    svg: str
    alt: str


@dataclass(frozen=True, slots=True)
class Presentation:
    """A report of `office` about a time; `day` is the day it was made."""

    title: str
    subtitle: str
    office: str
    day: date
    facts: tuple[Fact, ...] = ()
    sheets: tuple[Sheet, ...] = ()
    picture: Picture | None = None
    note: str = ""


def whole(values: Sequence[int | None]) -> tuple[Number, ...]:
    """Whole numbers as cells."""
    return tuple(Number(value) for value in values)


def said(cell: Cell) -> str:
    """A cell as a German reader writes it: 1.550 and 30,2 %."""
    if isinstance(cell, str):
        return cell
    if cell.value is None:
        return "–"
    if cell.form is Form.SHARE:
        return _german(f"{100 * cell.value:.1f}") + "\u00a0%"
    places = {Form.WHOLE: 0, Form.TENTHS: 1, Form.HUNDREDTHS: 2}[cell.form]
    return _german(f"{cell.value:,.{places}f}")


def plain(cell: Cell) -> str:
    """A cell as programs read it: 1550, and nothing for a number that is not there or not told."""
    if isinstance(cell, str):
        return cell
    return "" if cell.value is None else f"{cell.value:g}"


def german_day(day: date) -> str:
    """31.01.2003"""
    return f"{day:%d.%m.%Y}"


def _german(number: str) -> str:
    return number.translate(str.maketrans(",.", ".,"))
