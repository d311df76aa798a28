"""The agreement (Integrationsvereinbarung) in its current wording."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from docservice.bundles.content.frame import Body, Order, Recipe, zones
from docservice.bundles.content.historic import historic_agreement
from docservice.domain.documents import Block, Clauses, Column, Pair, Row, RowKind, Table
from docservice.domain.text.grammar import OBLIQUE, addressed, listed, party_name

_NAMED_BY_TERM, _TERM = 3, "client.several"
_ITEMS = ("a", "b", "c", "d")
_STANDARD_GOALS = ("goals.1", "goals.2")


def agreement(order: Order) -> Body:
    """Parties, mutual duties, goals, help plan, data protection; in two languages also which text is binding."""
    return Body(
        title=order.words("title"),
        blocks=(
            Clauses((*_parties(order), *_duties(order))),
            *_goals(order),
            Clauses(tuple(_closing(order))),
        ),
        zones=zones(order),
    )


def _parties(order: Order) -> Iterator[Row]:
    words = order.words
    yield Row(RowKind.TEXT, words("parties.between"))
    for party in order.parties:
        yield Row(RowKind.PARTY, Pair(party_name(party, OBLIQUE), words.party(party).tr))
        if not party.guardians and party.person.birth_date is not None:
            yield Row(RowKind.NOTE, words("party.birth", date=words.birth_date(party.person.birth_date)))
    yield Row(RowKind.TEXT, words("parties.definition", de_definition=order.client.definition))
    yield Row(RowKind.TEXT, words("parties.and"))
    yield Row(RowKind.PARTY, words("parties.city"))
    yield Row(RowKind.TEXT, words("parties.represented", representatives=_representatives(order)))
    yield Row(RowKind.TEXT, words("preamble"))


def _representatives(order: Order) -> Pair:
    """In German in the case that "vertreten durch" asks for; in the second language in the nominative."""
    people = order.case.agreement.representatives
    german = listed([addressed(person, OBLIQUE) for person in people])
    return Pair(german, order.words.listed([order.words.introduced(person) for person in people]).tr)


def _duties(order: Order) -> Iterator[Row]:
    words, forms = order.words, _client_forms(order)
    for number in (1, 2):
        yield Row(RowKind.HEADING, words(f"clause_{number}.heading"), f"{number}.")
        yield Row(RowKind.LEAD, words(f"clause_{number}.lead", **forms))
        for item in _ITEMS:
            yield Row(RowKind.ITEM, words(f"clause_{number}.{item}"))
    yield Row(RowKind.TEXT, words("sanction"))
    yield Row(RowKind.HEADING, words("clause_3.heading"), "3.")
    yield Row(RowKind.TEXT, words("clause_3.lead"))


def _client_forms(order: Order) -> dict[str, str | Pair]:
    """The German forms of the client side in the clauses: by name, and from three parties on by the term that the
    head defines, as the translations do; the texts of a version that has no such term name everybody."""
    client = order.client
    if len(order.parties) >= _NAMED_BY_TERM and _TERM in order.words.texts:
        term = order.words(_TERM).de
        nominative, accusative = term[:1].upper() + term[1:], term
    else:
        nominative, accusative = client.nominative + client.comma, client.accusative + client.comma
    return {"de_client_accusative": accusative, "de_client_nominative": nominative, "de_commit": client.commit}


def _goals(order: Order) -> Iterator[Block]:
    words = order.words
    goals = [*(words(unit) for unit in _STANDARD_GOALS), *(words.free(goal) for goal in order.case.agreement.goals)]
    yield Table(
        columns=(Column(words("goals.number"), 1), Column(words("goals.goal"), 9)),
        rows=tuple((Pair(f"{number}."), goal) for number, goal in enumerate(goals, start=1)),
    )


def _closing(order: Order) -> Iterator[Row]:
    for number, (heading, texts) in enumerate(_closing_clauses(order), start=4):
        yield Row(RowKind.HEADING, heading, f"{number}.")
        for text in texts:
            yield Row(RowKind.TEXT, text)


def _closing_clauses(order: Order) -> Iterator[tuple[Pair, list[Pair]]]:
    words = order.words
    yield words("clause_4.heading"), [words("clause_4.text")]
    yield words("clause_5.heading"), [words("clause_5.text")]
    explained = list(_explanation(order))
    if order.language is not None:
        yield words("language.heading"), [*explained, words("language.precedence")]
    elif explained:
        yield words("interpreter.heading"), explained


def _explanation(order: Order) -> Iterator[Pair]:
    """Who explained the text in which language, when somebody interpreted."""
    words, interpreter = order.words, order.case.interpreter
    if interpreter is None:
        return
    name = Pair(addressed(interpreter, OBLIQUE), words.introduced(interpreter).tr)
    if order.language is None:
        yield words("interpreter.plain", interpreter=name)
    else:
        yield words("interpreter.language", de_language=order.language.german_name, interpreter=name)


RECIPES: Final[Mapping[str, Recipe]] = {"current": agreement, "historic": historic_agreement}
