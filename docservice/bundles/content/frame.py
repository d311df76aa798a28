"""What every document has around its blocks: identity, notes, place and date, signature zones."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from docservice.bundles.content.words import BLANK, NO_BREAK_SPACE, Words
from docservice.domain.cases import Case
from docservice.domain.documents import Block, Document, Letterhead, Pair, Role, SignatureZone
from docservice.domain.kinds import KINDS, Kind
from docservice.domain.languages import GERMAN, Language
from docservice.domain.text.grammar import ClientSide, Named, Party, addressed, client_side, full_name, parties_of

_HANDS = ("", "b")  # zones of a party: "party-1", and "party-1b" where two sign for it


@dataclass(frozen=True, slots=True)
class Order:
    """One document to be built: for which case, from which texts, and as what it is identified."""

    kind: Kind
    case: Case
    template: str
    letterhead: Letterhead
    language: Language | None
    generated_on: date
    revision: int
    words: Words

    @property
    def day(self) -> date | None:
        """The document's own date, None when it is left blank for handwriting."""
        return KINDS[self.kind].day(self.case)

    @property
    def parties(self) -> tuple[Party, ...]:
        return parties_of(self.case, self.case.agreement.date or self.generated_on)

    @property
    def signing_parties(self) -> tuple[Party, ...]:
        """The parties on the day this document is signed: a child may have come of age since the agreement."""
        agreed = self.case.agreement.date or self.generated_on
        return parties_of(self.case, max(agreed, self.day or agreed))

    @property
    def client(self) -> ClientSide:
        return client_side(self.parties)


@dataclass(frozen=True, slots=True)
class Body:
    """What the recipe of one kind adds to the frame."""

    title: Pair
    blocks: tuple[Block, ...]
    zones: tuple[SignatureZone, ...]
    subtitle: Pair | None = None


Recipe = Callable[[Order], Body]


def framed(order: Order, body: Body) -> Document:
    """The whole document."""
    words = order.words
    return Document(
        kind=order.kind,
        template=order.template,
        language=order.language,
        date=order.day or order.generated_on,
        letterhead=order.letterhead,
        reference=order.case.reference,
        title=body.title,
        subtitle=body.subtitle,
        column_headers=_column_headers(order),
        translation_note=None if words.texts.checked else words("note.unchecked"),
        footer_line=_footer_line(order),
        page_label="Seite {page} von {pages}",
        blocks=body.blocks,
        place_and_date=place_and_date(order),
        zones=body.zones,
    )


def place_and_date(order: Order) -> Pair:
    """Place and date above the signatures; without a date, room for one."""
    words, place = order.words, _place(order)
    if order.day is None:
        return words("place_date.blank", place=place)
    return words("place_date", place=place, date=words.date(order.day))


def zones(order: Order) -> tuple[SignatureZone, ...]:
    """A zone for each adult party or guardian, one or two for the city, and an optional one for who interpreted."""
    return (*_client_zones(order), *_city_zones(order), *_interpreter_zones(order))


def _client_zones(order: Order) -> Iterator[SignatureZone]:
    for number, party in enumerate(order.signing_parties, start=1):
        role = Role.GUARDIAN if party.guardians else Role.PARTY
        label = order.words(_signature_unit(order, party))
        for suffix, signer in zip(_HANDS, party.signers, strict=False):
            name = addressed(signer) + (f" für {full_name(party.person)}" if party.guardians else "")
            yield SignatureZone(f"party-{number}{suffix}", role, _signer(signer), True, _signed(label, name))


def _signer(named: Named) -> str:
    """Who signs, as programs compare it: with plain spaces only."""
    return full_name(named).replace(NO_BREAK_SPACE, " ")


def _signature_unit(order: Order, party: Party) -> str:
    """What stands beneath the line: whether a party signs, who represents a minor, or a Betreuung."""
    units = ["signature.party"]
    if party.guardians:
        units = [*(["signature.ward"] if party.ward else []), "signature.guardian", *units]
    return next(unit for unit in units if unit in order.words.texts)


def _city_zones(order: Order) -> Iterator[SignatureZone]:
    """One zone in which either representative may sign, or one for each when the city needs two signatures."""
    agreement, label = order.case.agreement, order.words("signature.city")
    names = [addressed(representative) for representative in agreement.representatives]
    if agreement.city_signatures_required < 2 or len(names) < 2:
        yield SignatureZone("city-1", Role.CITY, order.letterhead.authority, True, _signed(label, " / ".join(names)))
        return
    for number, representative in enumerate(agreement.representatives, start=1):
        signer = full_name(representative)
        yield SignatureZone(f"city-{number}", Role.CITY, signer, True, _signed(label, addressed(representative)))


def _interpreter_zones(order: Order) -> Iterator[SignatureZone]:
    interpreter = order.case.interpreter
    if interpreter is not None and "signature.interpreter" in order.words.texts:
        label = _signed(order.words("signature.interpreter"), addressed(interpreter))
        yield SignatureZone("interpreter-1", Role.INTERPRETER, full_name(interpreter), False, label)


def _signed(label: Pair, name: str) -> Pair:
    """A label with the name beneath it; names stand once, in German, as the one signature block does."""
    return Pair(f"{label.de}\n{name}", label.tr)


def values(pairs: Sequence[Pair]) -> Pair:
    """Several values of one fact, one a line."""
    if not pairs:
        return BLANK
    second = [pair.tr for pair in pairs if pair.tr is not None]
    return Pair("\n".join(pair.de for pair in pairs), "\n".join(second) if second else None)


def _place(order: Order) -> Pair:
    place = order.case.agreement.place
    if "place.dortmund" in order.words.texts:
        known = order.words("place.dortmund")
        if known.de == place:
            return known
    return Pair(place)


def _column_headers(order: Order) -> Pair:
    if order.language is None:
        return Pair(GERMAN.name)
    translation = order.words("columns.translation").tr
    return Pair(order.words("columns.german").de, f"{order.language.name} – {translation}")


def _footer_line(order: Order) -> str:
    """The page identity people read: "IV-2026-0815 · Anlage 1 · Fassung 1 · DE/RU"."""
    languages = [GERMAN, order.language] if order.language else [GERMAN]
    kind = KINDS[order.kind]
    parts = (
        order.case.reference,
        kind.footer.format(number=kind.number(order.case)),
        f"Fassung {order.revision}",
        "/".join(language.code.upper() for language in languages),
    )
    return " · ".join(parts)
