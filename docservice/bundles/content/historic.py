"""Agreement and annex of the model project, 2001 to 2004: the wording and order of the printed form, German alone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from docservice.bundles.content.frame import Body, Order, values, zones
from docservice.bundles.content.words import BLANK, clock_time
from docservice.domain.documents import Clauses, Fact, Facts, Pair, Role, Row, RowKind, SignatureZone
from docservice.domain.text.grammar import OBLIQUE, addressed, full_name, listed

_ITEMS = ("a", "b", "c", "d")
_STANDARD_GOALS = ("goals.1", "goals.2")


def historic_agreement(order: Order) -> Body:
    """The form's three clauses with the parties' names in the places left blank on paper."""
    words = order.words
    return Body(
        title=words("title"),
        blocks=(
            Clauses((*_parties(order), *_clauses(order))),
            Facts((Fact(words("goals.label"), _goals(order)),)),
        ),
        zones=_zones(order),
    )


def historic_annex(order: Order) -> Body:
    """The form's two table rows, work steps and next appointment."""
    words = order.words
    day = order.case.agreement.date
    return Body(
        title=words("title.blank") if day is None else words("title", date=words.date(day)),
        subtitle=words("annex.parties", parties=listed([full_name(person) for person in order.case.parties])),
        blocks=(
            Facts(
                (
                    Fact(words("steps.label"), _steps(order)),
                    Fact(words("appointment.label"), _appointment(order)),
                )
            ),
        ),
        zones=_zones(order),
    )


def _parties(order: Order) -> Iterator[Row]:
    words = order.words
    representatives = listed([addressed(person, OBLIQUE) for person in order.case.agreement.representatives])
    yield Row(RowKind.TEXT, words("parties.between"))
    yield Row(RowKind.PARTY, words("parties.client", de_client_dative=order.client.accusative))
    yield Row(RowKind.TEXT, words("parties.and"))
    yield Row(RowKind.TEXT, words("parties.city"))
    yield Row(RowKind.PARTY, words("parties.representatives", representatives=representatives))
    yield Row(RowKind.TEXT, words("preamble.purpose"))
    yield Row(RowKind.TEXT, words("preamble.closing"))


def _clauses(order: Order) -> Iterator[Row]:
    words, client = order.words, order.client
    forms = {
        "de_client_accusative": client.accusative + client.comma,
        "de_client_nominative": client.nominative + client.comma,
        "de_commit": client.commit,
    }
    for number in (1, 2):
        yield Row(RowKind.LEAD, words(f"clause_{number}.lead", **forms), f"{number}.")
        for item in _ITEMS:
            yield Row(RowKind.ITEM, words(f"clause_{number}.{item}"))
    yield Row(RowKind.TEXT, words("sanction"))
    yield Row(RowKind.LEAD, words("clause_3.lead"), "3.")


def _goals(order: Order) -> Pair:
    words = order.words
    goals = [*(words(unit) for unit in _STANDARD_GOALS), *(words.free(goal) for goal in order.case.agreement.goals)]
    return values([Pair(f"{number}. {goal.de}") for number, goal in enumerate(goals, start=1)])


def _steps(order: Order) -> Pair:
    return values([order.words.free(step.what) for step in order.case.annex.work_steps])


def _appointment(order: Order) -> Pair:
    appointment = order.case.annex.next_appointment
    if appointment is None:
        return BLANK
    day = order.words.weekday_and_date(appointment.start)
    return order.words("appointment.when", date=day, time=clock_time(appointment.start))


def _zones(order: Order) -> tuple[SignatureZone, ...]:
    """The common zones; names are added to the form's labels only where several lines must be told apart."""
    found = zones(order)
    roles = [zone.role for zone in found]
    units = {Role.PARTY: "signature.party", Role.CITY: "signature.city"}
    return tuple(
        replace(zone, label=order.words(units[zone.role]))
        if zone.role in units and roles.count(zone.role) == 1
        else zone
        for zone in found
    )
