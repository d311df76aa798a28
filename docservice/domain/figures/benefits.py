"""Whether somebody has come off benefits, as the interim report asks it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from docservice.domain.record.periods import BenefitStatus


@dataclass(frozen=True, slots=True)
class BenefitSpan:
    """What somebody lived on between two days, both included; None is open."""

    status: BenefitStatus
    begin: date | None
    end: date | None


def off_benefit_spans(spans: Iterable[BenefitSpan]) -> Iterator[tuple[date, date]]:
    """The times, first and last day, in which a person is off full benefit: lives on no benefit (`none`) or not on
    benefits alone (`supplementary`), and has lived on them alone (`full`) at an earlier time.

    Who has never had full benefit has not come off it; of a time of which nothing is recorded nothing is said. No day
    is told twice.
    """
    had_full, told = False, date.min
    for span in sorted(spans, key=lambda each: each.begin or date.min):
        begin, end = span.begin or date.min, span.end or date.max
        if span.status is BenefitStatus.FULL:
            had_full = True
        elif had_full and end > told:
            yield max(begin, told + timedelta(days=1)), end
            told = end


def is_off_benefit(spans: Iterable[BenefitSpan], day: date) -> bool:
    """Whether a person is off full benefit on a day (see `off_benefit_spans`)."""
    return any(begin <= day <= end for begin, end in off_benefit_spans(spans))
