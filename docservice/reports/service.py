"""The office's own figures: the interim report, the return statistics, the export for the scientific evaluation."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from docservice.db.events import EventName
from docservice.db.unit_of_work import Database, Transaction
from docservice.domain.actors import Actor
from docservice.domain.figures.evaluation import KEY_BYTES, EvaluationRow, evaluation_rows
from docservice.domain.figures.interim import InterimFigures, interim_figures
from docservice.domain.figures.periods import Period, read_period
from docservice.domain.figures.returns import return_figures
from docservice.domain.sources import Clock, IdSource, office_day
from docservice.reports.answers import (
    EvaluationAnswer,
    InterimAnswer,
    ReturnsAnswer,
    evaluation_answer,
    interim_answer,
    returns_answer,
)
from docservice.reports.evaluation import present_evaluation
from docservice.reports.interim import present_interim, told_period
from docservice.reports.page import as_pdf
from docservice.reports.returned import present_returns
from docservice.reports.sheets import Presentation
from docservice.templates.service import TemplateLibrary
from docservice.tools.typst import Typesetter

Answer = TypeVar("Answer")


@dataclass(frozen=True, slots=True)
class Report(Generic[Answer]):
    """A report: as JSON, and as people read it."""

    answer: Answer
    presentation: Presentation


@dataclass(frozen=True, slots=True)
class Export:
    """The evaluation export. `key` is what its pseudonyms were made with: nobody keeps it unless the caller does."""

    report: Report[EvaluationAnswer]
    rows: tuple[EvaluationRow, ...]
    key: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class ReportService:
    """Counts what the records and the returned documents say. Days are written "2003-01-31"; InvalidInput for a period
    that cannot be (`domain/figures/periods`). No report holds a name, a text of a case, or a value of class K2 or K3:
    what is counted is read column by column."""

    database: Database
    templates: TemplateLibrary
    typesetter: Typesetter
    clock: Clock
    ids: IdSource
    authority: str
    overdue_days: int
    new_key: Callable[[int], bytes] = secrets.token_bytes

    def interim(self, actor: Actor, begin: str, end: str) -> Report[InterimAnswer]:
        """The interim report of a period, both days included."""
        period = self._period(begin, end)
        with self.database.reading() as tx:
            figures = _interim(tx, period)
        return Report(interim_answer(figures), present_interim(figures, self._office()))

    def returns(self, actor: Actor, begin: str, end: str) -> Report[ReturnsAnswer]:
        """What has become of the documents that were made in a period, as of today."""
        period = self._period(begin, end)
        with self.database.reading() as tx:
            figures = return_figures(period, tx.returned_figures.printed(period), self.overdue_days)
        return Report(returns_answer(figures), present_returns(figures, self._office(), told_period(period)))

    def evaluation(self, actor: Actor, begin: str, end: str) -> Export:
        """The export for the scientific evaluation, with a key of its own. That it was made is an event."""
        period, key, export_id = self._period(begin, end), self.new_key(KEY_BYTES), self.ids.new()
        with self.database.reading() as tx:
            figures = _interim(tx, period)
            rows = evaluation_rows(list(tx.record_figures.covered_persons(period)), key)
        with self.database.transaction() as tx:
            about = {"from": period.begin.isoformat(), "to": period.end.isoformat()}
            tx.events.add(actor, EventName.EVALUATION_EXPORTED, export_id, self.clock.now(), about)
        answer = evaluation_answer(export_id, self._office(), figures, rows)
        return Export(Report(answer, present_evaluation(answer, rows, period, told_period(period))), rows, key)

    def pdf(self, actor: Actor, report: Presentation) -> bytes:
        """A report as PDF/A-2a and PDF/UA-1. Raises what the typesetter raises."""
        return as_pdf(report, self.templates.root / "pdf" / "report" / "2026-11.typ", self.typesetter)

    def xlsx(self, actor: Actor, report: Presentation) -> bytes:
        """A report as a workbook."""
        from docservice.reports.workbook import as_xlsx  # its library is loaded only where somebody wants one

        return as_xlsx(report)

    def _period(self, begin: str, end: str) -> Period:
        return read_period(begin, end, office_day(self.clock.now()))

    def _office(self) -> str:
        return self.templates.letterhead(self.authority).authority


def _interim(tx: Transaction, period: Period) -> InterimFigures:
    figures = tx.record_figures
    return interim_figures(
        period,
        contacts=figures.contacts(period),
        agreements=figures.agreements(period),
        preparations=figures.preparations(period),
        covered=figures.covered(period),
    )
