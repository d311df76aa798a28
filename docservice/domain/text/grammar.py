"""German grammar of the parties: names in the right case, verbs in the right number, terms that fit the constellation.

Only German is inflected. The translations define the parties once and use a fixed term afterwards ("Сторона 1"), so
that no name is ever declined in them. Names come out exactly as stored: nothing is harmonised or transliterated.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from docservice.domain.cases import Case, GuardianKind, Interpreter, Person, Representative, Salutation
from docservice.domain.dates.partial_date import PartialDate

Named = Person | Representative | Interpreter


class GrammaticalCase(StrEnum):
    """The cases the texts need. "Herrn" serves the dative ("zwischen") and the accusative ("vertreten durch")."""

    NOMINATIVE = "nominative"
    OBLIQUE = "oblique"


NOMINATIVE, OBLIQUE = GrammaticalCase.NOMINATIVE, GrammaticalCase.OBLIQUE

_ADDRESS: dict[tuple[Salutation, GrammaticalCase], str] = {
    (Salutation.FRAU, NOMINATIVE): "Frau",
    (Salutation.FRAU, OBLIQUE): "Frau",
    (Salutation.HERR, NOMINATIVE): "Herr",
    (Salutation.HERR, OBLIQUE): "Herrn",
}
_DEFINITION: dict[Salutation, str] = {
    Salutation.FRAU: "Vertragspartnerin 1",
    Salutation.HERR: "Vertragspartner 1",
}
_SEVERAL = "Vertragspartner 1"
_NEUTRAL = "Vertragspartei 1"


@dataclass(frozen=True, slots=True)
class Party:
    """Somebody on the client side, and who signs in that person's place (guardians of a minor, or the Betreuung of a
    ward), if anybody: one or two."""

    person: Person
    guardians: tuple[Person, ...] = ()
    kind: GuardianKind | None = None
    minor: bool = False

    @property
    def signers(self) -> tuple[Person, ...]:
        """Whose hands sign."""
        return self.guardians or (self.person,)

    @property
    def ward(self) -> bool:
        """Whether an adult is represented by a Betreuung (§§ 1814, 1823 BGB)."""
        return self.kind is GuardianKind.BETREUUNG


@dataclass(frozen=True, slots=True)
class ClientSide:
    """The German forms of the whole client side.

    `nominative` and `accusative` carry no comma at the end; `comma` is the one a sentence needs to go on after them
    (after "gesetzlich vertreten durch Frau Anna Jäger"), or nothing.
    """

    nominative: str
    accusative: str
    comma: str
    commit: str  # "verpflichtet" or "verpflichten"
    definition: str  # "Vertragspartnerin 1"


def parties_of(case: Case, on: date) -> tuple[Party, ...]:
    """The client side in the order of its signatures, as it stands on a day: who is a minor then, and who signs.

    Parents and guardians sign for nobody who is of age on that day; a Betreuung does.
    """
    return tuple(_party(case, person, on) for person in case.parties)


def _party(case: Case, person: Person, on: date) -> Party:
    minor = person.is_minor_on(on)
    of_age = person.birth_date is not None and not minor
    if not person.guardian or (of_age and person.guardian_kind is not GuardianKind.BETREUUNG):
        return Party(person, minor=minor)
    return Party(person, tuple(map(case.person, person.guardian)), person.guardian_kind, minor)


@dataclass(frozen=True, slots=True)
class Namesake(Person):
    """A person whose name somebody else in the same document bears too.

    `told_by` is what tells them apart, `addition` the same as German documents print it: "(geb. 3. Mai 1970)".
    """

    told_by: PartialDate = field(kw_only=True)
    addition: str = field(kw_only=True)


def full_name(named: Named) -> str:
    """The name as German texts print it: of a namesake with what tells them apart, "Ahmad Khan (geb. 1970)"."""
    name = name_alone(named)
    return f"{name} {named.addition}" if isinstance(named, Namesake) else name


def name_alone(named: Named) -> str:
    """Title, given names, prefix, family name, suffix: "Dr. Igor Graf zu Löwenstein"; each exactly as stored."""
    parts = (
        getattr(named, "academic_title", None),
        named.given_names if not isinstance(named, Person) else named.legal_given_names,
        getattr(named, "name_prefix", None),
        named.family_name if not isinstance(named, Person) else named.legal_family_name,
        getattr(named, "name_suffix", None),
    )
    return " ".join(part for part in parts if part)


def addressed(named: Named, case: GrammaticalCase = NOMINATIVE) -> str:
    """The name with its form of address in a case ("Herrn Dr. Igor Weiß"); without one, the name alone."""
    if named.salutation is None:
        return full_name(named)
    return f"{_ADDRESS[named.salutation, case]} {full_name(named)}"


def listed(names: Sequence[str]) -> str:
    """ "A", "A und B", "A, B und C"."""
    if len(names) < 2:
        return "".join(names)
    return f"{', '.join(names[:-1])} und {names[-1]}"


def party_name(party: Party, case: GrammaticalCase = NOMINATIVE) -> str:
    """A party as the agreement names it, with who represents a minor or ward.

    A represented minor has the year of birth and no form of address: "Lea Jäger (geb. 2011), gesetzlich vertreten
    durch Frau Anna Jäger und Herrn Igor Jäger"; a ward: "Herrn Igor Weiß, vertreten durch Frau Eva Koch (rechtliche
    Betreuung)".
    """
    name = addressed(party.person, case)
    if not party.guardians:
        return name
    guardians = listed([addressed(guardian, OBLIQUE) for guardian in party.guardians])
    if party.ward:
        return f"{name}, vertreten durch {guardians} (rechtliche Betreuung)"
    if party.minor and party.person.birth_date is not None:
        born = "" if isinstance(party.person, Namesake) else f" (geb. {party.person.birth_date.year})"
        name = f"{full_name(party.person)}{born}"
    return f"{name}, gesetzlich vertreten durch {guardians}"


def client_side(parties: Sequence[Party]) -> ClientSide:
    """The forms for one woman, one man, one person without salutation, several persons, or a represented one."""
    return ClientSide(
        nominative=_enumerated(parties, NOMINATIVE),
        accusative=_enumerated(parties, OBLIQUE),
        comma="," if parties[-1].guardians else "",
        commit="verpflichtet" if len(parties) == 1 else "verpflichten",
        definition=_definition(parties),
    )


def _enumerated(parties: Sequence[Party], case: GrammaticalCase) -> str:
    names = [party_name(party, case) for party in parties]
    if len(names) > 1 and parties[-2].guardians:
        names[-2] += ","  # closes the apposition before "und"
    return listed(names)


def _definition(parties: Sequence[Party]) -> str:
    if len(parties) > 1:
        return _SEVERAL
    only = parties[0]
    if only.guardians or only.person.salutation is None:
        return _NEUTRAL
    return _DEFINITION[only.person.salutation]
