"""What a benchmark says: measured figures, ratios against peers, and which peers were not there."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured number, lower or higher being better as the unit says."""

    name: str
    value: float
    unit: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Ratio:
    """How many times better than a peer, or a figure of ours, against what it has to reach.

    `at_least` and `at_most` are the bounds; one of them may be missing.
    """

    name: str
    value: float
    unit: str = "x"
    at_least: float | None = None
    at_most: float | None = None

    @property
    def reached(self) -> bool:
        """Whether the bounds hold."""
        return (self.at_least is None or self.value >= self.at_least) and (
            self.at_most is None or self.value <= self.at_most
        )


@dataclass(slots=True)
class Section:
    """One benchmark: figures, ratios, and one sentence for each peer that could not be measured.

    `rows` make a table before them; all have the same columns.
    """

    title: str
    figures: list[Figure] = field(default_factory=list)
    ratios: list[Ratio] = field(default_factory=list)
    skipped: list[str] = field(default_factory=list)
    rows: list[dict[str, str | float]] = field(default_factory=list)

    def as_json(self) -> dict[str, object]:
        """The section for the JSON file, each ratio with whether its bounds hold."""
        ratios = [asdict(ratio) | {"reached": ratio.reached} for ratio in self.ratios]
        return asdict(self) | {"ratios": ratios}

    def lines(self) -> list[str]:
        """The section for people."""
        lines = [self.title, "-" * len(self.title), *self._table()]
        for figure in self.figures:
            note = f"   {figure.note}" if figure.note else ""
            lines.append(f"  {figure.name:<58} {_number(figure.value):>9} {figure.unit}{note}")
        for ratio in self.ratios:
            lines.append(f"  {ratio.name:<58} {_number(ratio.value):>9} {ratio.unit}   {_verdict(ratio)}")
        lines += [f"  not measured: {sentence}" for sentence in self.skipped]
        return [*lines, ""]

    def _table(self) -> list[str]:
        if not self.rows:
            return []
        table = [list(self.rows[0]), *map(_cells, self.rows)]
        widths = [max(len(row[column]) for row in table) for column in range(len(table[0]))]
        return ["  " + "  ".join(cell.rjust(width) for cell, width in zip(row, widths, strict=True)) for row in table]


def _cells(row: dict[str, str | float]) -> list[str]:
    return [
        value if isinstance(value, str) else f"{value:.0f}" if value == round(value) else f"{value:.1f}"
        for value in row.values()
    ]


def _number(value: float) -> str:
    return f"{value:.0f}" if abs(value) >= 100 else f"{value:.2f}" if abs(value) < 10 else f"{value:.1f}"


def _verdict(ratio: Ratio) -> str:
    bounds = [f">= {_number(ratio.at_least)}"] if ratio.at_least is not None else []
    bounds += [f"<= {_number(ratio.at_most)}"] if ratio.at_most is not None else []
    if not bounds:
        return ""
    return f"{'reached' if ratio.reached else 'MISSED'} ({' and '.join(bounds)})"
