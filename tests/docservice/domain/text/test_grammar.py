"""The grammar table of the agreement: salutation, case, number and term for every constellation."""

from __future__ import annotations

from dataclasses import replace

import pytest

from docservice.domain.cases import GuardianKind, Representative, Salutation
from docservice.domain.text.grammar import (
    NOMINATIVE,
    OBLIQUE,
    GrammaticalCase,
    Party,
    addressed,
    client_side,
    full_name,
    listed,
    parties_of,
    party_name,
)
from tests.support.content import FRAU, HERR, TODAY, case_of, person

ANNA = Party(person("Anna", "Jäger"))
IGOR = Party(person("Igor", "Weiß", HERR))
KIM = Party(person("Kim", "Sommer", None))
LEA = Party(person("Lea", "Jäger", FRAU, born="2011-04-21"), (ANNA.person,), minor=True)
WARD = Party(person("Karl", "Alt", HERR, born="1938"), (ANNA.person,), GuardianKind.BETREUUNG)

LEA_NAME = "Lea Jäger (geb. 2011), gesetzlich vertreten durch Frau Anna Jäger"


@pytest.mark.parametrize(
    ("parties", "nominative", "accusative", "commit", "definition"),
    [
        ([ANNA], "Frau Anna Jäger", "Frau Anna Jäger", "verpflichtet", "Vertragspartnerin 1"),
        ([IGOR], "Herr Igor Weiß", "Herrn Igor Weiß", "verpflichtet", "Vertragspartner 1"),
        ([KIM], "Kim Sommer", "Kim Sommer", "verpflichtet", "Vertragspartei 1"),
        (
            [ANNA, IGOR],
            "Frau Anna Jäger und Herr Igor Weiß",
            "Frau Anna Jäger und Herrn Igor Weiß",
            "verpflichten",
            "Vertragspartner 1",
        ),
        (
            [ANNA, KIM, IGOR],
            "Frau Anna Jäger, Kim Sommer und Herr Igor Weiß",
            "Frau Anna Jäger, Kim Sommer und Herrn Igor Weiß",
            "verpflichten",
            "Vertragspartner 1",
        ),
        ([LEA], LEA_NAME, LEA_NAME, "verpflichtet", "Vertragspartei 1"),
    ],
    ids=["one woman", "one man", "no salutation", "couple", "three", "guardian"],
)
def test_each_constellation_has_its_forms(
    parties: list[Party], nominative: str, accusative: str, commit: str, definition: str
) -> None:
    client = client_side(parties)
    assert (client.nominative, client.accusative) == (nominative, accusative)
    assert (client.commit, client.definition) == (commit, definition)


def test_an_apposition_is_closed_by_a_comma() -> None:
    assert client_side([LEA]).comma == ","
    assert client_side([ANNA]).comma == ""
    assert client_side([LEA, IGOR]).accusative == f"{LEA_NAME}, und Herrn Igor Weiß"


def test_a_represented_adult_keeps_the_form_of_address_and_shows_no_year() -> None:
    assert party_name(WARD, OBLIQUE) == "Herrn Karl Alt, vertreten durch Frau Anna Jäger (rechtliche Betreuung)"


def test_parents_represent_together() -> None:
    both = replace(LEA, guardians=(ANNA.person, IGOR.person))
    assert party_name(both) == f"{LEA_NAME} und Herrn Igor Weiß"
    assert both.signers == (ANNA.person, IGOR.person)


def test_who_is_a_minor_is_judged_on_the_day_of_the_agreement() -> None:
    lea = person("Lea", "Jäger", FRAU, born="2008-12-23", guardian=("anna",))
    case = case_of([ANNA.person, lea], ["lea"])
    (before,), (after,) = parties_of(case, TODAY), parties_of(case, TODAY.replace(day=23))
    assert (before.minor, before.signers) == (True, (ANNA.person,))
    assert (after.minor, after.signers) == (False, (lea,))  # who is of age signs


def test_a_betreuung_goes_on_and_an_open_age_is_cautious() -> None:
    ward = replace(WARD.person, guardian=("anna",), guardian_kind=GuardianKind.BETREUUNG)
    (party,) = parties_of(case_of([ANNA.person, ward], [ward.id]), TODAY)
    assert (party.ward, party.signers) == (True, (ANNA.person,))
    lea = person("Lea", "Jäger", FRAU, born="2008", guardian=("anna",))
    assert parties_of(case_of([ANNA.person, lea], ["lea"]), TODAY)[0].signers == (ANNA.person,)
    assert parties_of(case_of([ANNA.person, replace(lea, of_age=True)], ["lea"]), TODAY)[0].signers == (
        replace(lea, of_age=True),
    )


@pytest.mark.parametrize(
    ("case", "expected"),
    [(NOMINATIVE, "Herr Dr. Igor Graf zu Löwenstein"), (OBLIQUE, "Herrn Dr. Igor Graf zu Löwenstein")],
)
def test_title_and_nobility_follow_the_form_of_address(case: GrammaticalCase, expected: str) -> None:
    igor = person("Igor", "Löwenstein", HERR, academic_title="Dr.", name_prefix="Graf zu")
    assert addressed(igor, case) == expected


def test_names_are_printed_exactly_as_stored() -> None:
    name = person("Ûliâ Gennadʹevna", "K͟hālid’s", FRAU, name_suffix="jun.")
    assert full_name(name) == "Ûliâ Gennadʹevna K͟hālid’s jun."


def test_a_representative_without_given_name_is_addressed_by_family_name() -> None:
    assert addressed(Representative("Kowalke", None, Salutation.HERR), OBLIQUE) == "Herrn Kowalke"


def test_lists_have_commas_and_one_und() -> None:
    assert [listed(["A"][:n] + ["B", "C"][: max(0, n - 1)]) for n in (1, 2, 3)] == ["A", "A und B", "A, B und C"]
