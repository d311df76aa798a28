"""Finds the words of a document: clause texts, names, dates and free text, each in German and the second language."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime

from babel.dates import format_date, format_skeleton
from babel.lists import format_list

from docservice.domain.cases import BilingualText, OriginalScriptName, Person
from docservice.domain.dates.partial_date import PartialDate
from docservice.domain.documents import Pair
from docservice.domain.languages import GERMAN, LRM, RLM, Language
from docservice.domain.sources import OFFICE_ZONE
from docservice.domain.text.grammar import Named, Namesake, Party, addressed, full_name, listed, name_alone, party_name
from docservice.domain.text.isolates import spans
from docservice.templates.texts import ClauseTexts

_REPRESENTED = "party.represented_adult"
_NAMESAKE = "person.namesake"
NO_BREAK_SPACE = "\u00a0"
BLANK = Pair("")  # an empty value or cell: a line for handwriting
_LATIN_APART = re.compile(rf"(?<={LRM})[^\w{LRM}\n]+(?={LRM}[^\s])")
"""What stands between two stretches: without a letter of its own it would run in their direction."""
_OPENING = {")": "(", "]": "[", "}": "{", "»": "«", "”": "“"}
_EITHER_WAY = (('"', '"'), ("»", "«"), ("„", "“"))
_LEFT_TO_RIGHT = frozenset(("L", "EN"))  # bidirectional classes of letters and European digits
_RIGHT_TO_LEFT = frozenset(("R", "AL", "AN"))
_ARABIC_COMMA = "\u060c"  # without a direction of its own; a list of values runs from right to left
_PHONE = re.compile(r"\+?\(?\d[\d ()/-]+\d")
_BLANK_LINES = re.compile(r"\n{3,}")
_DAY_MONTH = re.compile(r"(?<!\d)(\d{1,2}\.?) (?=[^\W\d])")


class Words:
    """Says things in the two languages of one document. Holds no state but what it was given."""

    def __init__(self, texts: ClauseTexts, language: Language | None) -> None:
        self.texts = texts
        self.language = language

    def __call__(self, unit: str, **values: str | Pair) -> Pair:
        """A unit of the clause texts; a value given as a Pair has its own form in each language."""
        de = {name: value.de if isinstance(value, Pair) else value for name, value in values.items()}
        if self.language is None:
            return self.texts.pair(unit, de)
        tr = {name: self.isolated(_second(value)) for name, value in values.items()}
        return self.texts.pair(unit, de, tr)

    def free(self, text: BilingualText | None) -> Pair:
        """The caseworker's own words; where no translation was given, a note that it was translated orally."""
        german = tidy(text.de) if text else ""
        if text is None or not german:
            return BLANK
        if self.language is None:
            return Pair(german)
        translation = tidy(text.in_language(self.language.code) or "")
        if not translation:
            note = self("free_text.oral")
            translation = f"{note.de} / {note.tr}"
        return Pair(german, self.isolated(translation))

    # -- names -----------------------------------------------------------------------------------------------------

    def introduced(self, named: Named) -> Pair:
        """A name at its first mention: in the second language the original script and the legal name in brackets."""
        return self._named(named, with_legal_name=True)

    def mentioned(self, named: Named) -> Pair:
        """A name at a later mention, without form of address in German and without brackets."""
        pair = self._named(named, with_legal_name=False, address=False)
        return Pair(full_name(named), pair.tr)

    def party(self, party: Party) -> Pair:
        """A party at its first mention, with who represents it."""
        if not party.guardians:
            return self.introduced(party.person)
        return Pair(party_name(party), self._represented(party))

    def listed(self, pairs: Sequence[Pair]) -> Pair:
        """ "A, B und C" in each language, by the rules of CLDR in the second one."""
        german = listed([pair.de for pair in pairs])
        if self.language is None:
            return Pair(german)
        return Pair(german, format_list([_second(pair) for pair in pairs], locale=_locale(self.language)))

    def client(self, parties: Sequence[Party], german: str) -> Pair:
        """The whole client side: its German form as given, the second language in the nominative."""
        if self.language is None:
            return Pair(german)
        names = [self.party(party) for party in parties]
        if any(party.guardians for party in parties):  # commas and "and" belong to those who represent
            semicolon = "؛ " if self.language.script == "Arab" else "; "
            return Pair(german, semicolon.join(_second(name) for name in names))
        return Pair(german, self.listed(names).tr)

    def _named(self, named: Named, *, with_legal_name: bool, address: bool = True) -> Pair:
        german = addressed(named)
        if self.language is None:
            return Pair(german)
        latin = name_alone(named)
        original = _original(named, self.language) if isinstance(named, Person) else None
        name = latin if original is None else " ".join(filter(None, (original.given_names, original.family_name)))
        if original is not None and with_legal_name:
            name = f"{name} ({self.isolated(latin)})"
        if isinstance(named, Namesake):
            name = self._told_apart(name, self.known_date(named.told_by))
        if not address or named.salutation is None:
            return Pair(german, self.isolated(name))
        return Pair(german, self(f"salutation.{named.salutation.value}", name=name).tr)

    def _told_apart(self, name: str, born: Pair) -> str:
        if _NAMESAKE in self.texts:
            return _second(self(_NAMESAKE, name=name, date=born))
        return f"{self.isolated(name)} ({_second(born)})"

    def _represented(self, party: Party) -> str | None:
        if self.language is None or not party.guardians:
            return None
        guardians, born = self.listed([self.introduced(person) for person in party.guardians]), party.person.birth_date
        if party.minor and born is not None and not party.ward:
            name = self._named(party.person, with_legal_name=True, address=False)
            if isinstance(party.person, Namesake):
                return self(_REPRESENTED, name=name, guardian=guardians).tr
            return self("party.represented", name=name, guardian=guardians, year=str(born.year)).tr
        unit = "party.represented_ward" if party.ward and "party.represented_ward" in self.texts else _REPRESENTED
        return self(unit, name=self.introduced(party.person), guardian=guardians).tr

    # -- dates -----------------------------------------------------------------------------------------------------

    def date(self, day: date | None) -> Pair:
        """A date written out ("9. März 2026"), or a blank."""
        return BLANK if day is None else self._each(lambda language: _date(day, "long", language))

    def weekday_and_date(self, moment: datetime) -> Pair:
        """The day of a moment at the office, with its weekday."""
        day = moment.astimezone(OFFICE_ZONE).date()
        return self._each(lambda language: _date(day, "full", language))

    def known_date(self, born: PartialDate) -> Pair:
        """What is known of a date, and no word of what is not: "1970", "Mai 1970", "3. Mai 1970"."""
        if born.month is None:
            year = str(born.year)
            return Pair(year, None if self.language is None else self.isolated(year))
        return self._month(born) if born.day is None else self.date(born.earliest)

    def birth_date(self, born: PartialDate) -> Pair:
        """A birth date; says so when the day, or day and month, are not known."""
        if born.month is None:
            return self("party.birth.year", year=str(born.year))
        if born.day is None:
            return self("party.birth.month", month=self._month(born))
        return self.date(born.earliest)

    def _month(self, born: PartialDate) -> Pair:
        return self._each(lambda language: _month_and_year(born.earliest, language))

    def _each(self, said: Callable[[Language], str]) -> Pair:
        if self.language is None:
            return Pair(said(GERMAN))
        return Pair(said(GERMAN), self.isolated(said(self.language)))

    # -- direction -------------------------------------------------------------------------------------------------

    def isolated(self, text: str) -> str:
        """The text as the second column needs it: in a right-to-left one, Latin names and numbers keep their order.

        A value without a right-to-left letter is set between left-to-right marks as a whole, in others each stretch
        of Latin letters, digits and values (see `domain.text.isolates`) is, with its brackets and stops; without them
        "(0231) 50-12345" prints as "50-12345 (0231)".
        """
        if self.language is None or not self.language.right_to_left or LRM in text:
            return text
        kinds = {unicodedata.bidirectional(letter) for letter in text}
        if kinds & _LEFT_TO_RIGHT and not kinds & _RIGHT_TO_LEFT and "\n" not in text:
            return f"{LRM}{text}{LRM}"
        return _LATIN_APART.sub(
            rf"\g<0>{RLM}",
            "".join(f"{LRM}{_unbroken(part)}{LRM}" if ltr else part for part, ltr in _stretches(text)),
        )


def tidy(text: str) -> str:
    """A free text as it is printed: without blank lines around it, and with no more than one between its lines."""
    lines = "\n".join(line.rstrip() for line in text.splitlines())
    return _BLANK_LINES.sub("\n\n", lines).strip("\n")


def clock_time(moment: datetime) -> str:
    """The 24-hour time at the office: "14:30"."""
    return moment.astimezone(OFFICE_ZONE).strftime("%H:%M")


def _second(value: str | Pair) -> str:
    if isinstance(value, str):
        return value
    return value.de if value.tr is None else value.tr


def _locale(language: Language) -> str:
    return language.tag.replace("-", "_")


def _date(day: date, form: str, language: Language) -> str:
    """A CLDR form of a date; day and month, and year and "г.", stay on one line."""
    text = format_date(day, form, locale=_locale(language)).replace("\u202f", NO_BREAK_SPACE)
    return _DAY_MONTH.sub(rf"\1{NO_BREAK_SPACE}", text, count=1)


def _month_and_year(day: date, language: Language) -> str:
    return format_skeleton("yMMMM", day, locale=_locale(language)).replace("\u202f", NO_BREAK_SPACE)


def _original(person: Person, language: Language) -> OriginalScriptName | None:
    """The stored name in the language's own script; one given for this very language is preferred."""
    fitting = [name for name in person.original_script_names if name.script == language.script]
    exact = [name for name in fitting if name.language.partition("-")[0] == language.code]
    return next(iter(exact or fitting), None)


def _unbroken(stretch: str) -> str:
    """A phone number is not torn at its spaces, where a line of the other direction would split it."""
    return stretch.replace(" ", NO_BREAK_SPACE) if _PHONE.fullmatch(stretch) else stretch


def _stretches(text: str) -> Iterator[tuple[str, bool]]:
    """The text in pieces: from the first to the last left-to-right letter, digit or value of each stretch, and the
    rest. What closes a bracket or quotation around a stretch ends it."""
    values = dict(spans(text))
    done = begin = end = position = 0  # text[begin:end] is the stretch so far; empty while there is none
    while position < len(text):
        kind = unicodedata.bidirectional(text[position])
        after = values.get(position, position + 1)
        if position in values or kind in _LEFT_TO_RIGHT:
            begin, end = position if begin == end else begin, after
        elif begin < end == position and (_belongs(text[position]) or _closes(text[begin:after])):
            end = after
        elif begin < end and (
            kind in _RIGHT_TO_LEFT
            or kind == "B"
            or text[position] == _ARABIC_COMMA
            or _closes_around(text, begin, position)
        ):
            yield text[done:begin], False
            yield text[begin:end], True
            done = begin = end
        position = after
    if begin < end:
        yield text[done:begin], False
        yield text[begin:end], True
        done = end
    yield text[done:], False


def _belongs(letter: str) -> bool:
    """Whether it belongs to the letter before it: an accent, or the prime of a transliterated soft sign."""
    return unicodedata.bidirectional(letter) == "NSM" or unicodedata.category(letter) in ("Lm", "Sk")


def _closes(stretch: str) -> bool:
    """Whether its last letter is a bracket that was opened inside it."""
    bracket = stretch[-1]
    return bracket in ")]" and stretch.count("(["[")]".index(bracket)]) >= stretch.count(bracket)


def _closes_around(text: str, begin: int, position: int) -> bool:
    """Whether the letter closes a bracket or quotation that was opened before the stretch that begins at `begin`."""
    letter, stretch = text[position], text[begin:position]
    opening = _OPENING.get(letter)
    if opening is not None:
        return stretch.count(opening) <= stretch.count(letter)
    return begin > 0 and (text[begin - 1], letter) in _EITHER_WAY
