"""The annex (Anlage) in its current wording: the next work steps and the next appointment."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from docservice.bundles.content.frame import Body, Order, Recipe, zones
from docservice.bundles.content.historic import historic_annex
from docservice.bundles.content.words import BLANK, NO_BREAK_SPACE, Words, clock_time
from docservice.domain.cases import Appointment, WorkStep
from docservice.domain.documents import Block, Clauses, Column, Fact, Facts, Heading, Pair, Row, RowKind, Table

_EMPTY_ROWS = 4  # room to write when no step was entered


def annex(order: Order) -> Body:
    """To which agreement it belongs, the work steps as a table, the appointment."""
    words, content = order.words, order.case.annex
    return Body(
        title=words("title", number=str(content.number)),
        blocks=(
            Facts((_agreement_date(order), _agreement_parties(order))),
            Heading(words("steps.heading")),
            _steps(words, content.work_steps),
            Heading(words("appointment.heading")),
            Facts(tuple(_appointment(words, content.next_appointment))),
            *_notes(order),
        ),
        zones=zones(order),
    )


def _agreement_date(order: Order) -> Fact:
    return Fact(order.words("annex.agreement_date"), order.words.date(order.case.agreement.date))


def _agreement_parties(order: Order) -> Fact:
    return Fact(order.words("annex.parties"), order.words.client(order.parties, order.client.accusative))


def _steps(words: Words, steps: tuple[WorkStep, ...]) -> Table:
    filled = tuple((words.free(step.what), words.free(step.who), words.date(step.by)) for step in steps)
    return Table(
        columns=(
            Column(words("steps.what"), 5),
            Column(words("steps.who"), 3),
            Column(words("steps.by"), 2),
        ),
        rows=filled or ((BLANK, BLANK, BLANK),) * _EMPTY_ROWS,
    )


def _appointment(words: Words, appointment: Appointment | None) -> Iterator[Fact]:
    if appointment is None:
        yield Fact(words("appointment.when"), BLANK)
        yield Fact(words("appointment.place"), BLANK)
        return
    yield Fact(words("appointment.when"), _moment(words, appointment))
    yield Fact(words("appointment.place"), words.free(appointment.place))
    if appointment.documents_to_bring is not None:
        yield Fact(words("appointment.bring"), words.free(appointment.documents_to_bring))
    if appointment.phone is not None:
        yield Fact(words("appointment.phone"), words("appointment.phone_value", phone=_unbroken(appointment.phone)))


def _moment(words: Words, appointment: Appointment) -> Pair:
    day, time = words.weekday_and_date(appointment.start), clock_time(appointment.start)
    return words("appointment.when_value", date=day, time=time)


def _unbroken(phone: str) -> str:
    """A phone number that is not torn at its spaces."""
    return phone.replace(" ", NO_BREAK_SPACE)


def _notes(order: Order) -> Iterator[Block]:
    rows = [Row(RowKind.TEXT, order.words("annex.part"))]
    if order.language is not None:
        rows.append(Row(RowKind.NOTE, order.words("language.precedence")))
    yield Clauses(tuple(rows))


RECIPES: Final[Mapping[str, Recipe]] = {"current": annex, "historic": historic_annex}
