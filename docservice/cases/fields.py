"""The kinds of fields a case file has: names, lines, free texts, dates, appointments; each checks one value.

A check raises `FieldFault` with one or more findings; no finding ever holds the value, at most the one character
that is wrong in it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Annotated, Any, Final

from pydantic import AfterValidator, BeforeValidator, WithJsonSchema
from pydantic_core import PydanticCustomError

from docservice.cases.codes import LANGUAGE_CODES, LEGAL_STATUS
from docservice.domain.dates.partial_date import PartialDate
from docservice.domain.languages import SECOND, USUAL
from docservice.domain.sources import OFFICE_ZONE
from docservice.domain.text.names import letters, normalise, type_a_faults
from docservice.domain.text.scripts import CharacterFault, free_text_faults, script_faults

NAME_LETTERS = 120  # letters of DIN 91379 (FIM: Familienname)
LINE_CHARACTERS = 200
TEXT_CHARACTERS = 3000
GUARDIANS = 2  # parents represent a child together (§ 1629 BGB)
EARLIEST, LATEST = date(1900, 1, 1), date(2199, 12, 31)  # anything outside is a slip of the keyboard

_SHOWN = 3  # characters named in one message; the rest is counted
_CASE_NUMBER = re.compile(r"[0-9A-Za-z](?:[0-9A-Za-z./ _-]{0,38}[0-9A-Za-z])?")
_PERSON_ID = re.compile(r"[0-9A-Za-z][0-9A-Za-z_-]{0,39}")
_ORIGIN = re.compile(r"[1-9][0-9]{0,2}(?:-[1-9][0-9]{0,2}){1,2}")
_ISO_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_BIRTH_DATE = (
    r"[0-9]{4}(-([0-9]{2}|[Xx]{2})(-([0-9]{2}|[Xx]{2}))?)?"
    r"|(00|[Xx]{2})([.]([0-9]{2}|[Xx]{2})[.]|/([0-9]{2}|[Xx]{2})/)[0-9]{4}"
)
_CROSSES = frozenset("x\u0445")  # also the Cyrillic letter that looks like x
_PLACEHOLDERS = frozenset(
    (
        *("fnu", "lnu", "nfn", "nln", "nn", "nomennescio"),
        *("unbekannt", "unbekannter", "unbekannte", "unbek", "unknown", "nieznane", "nieznany", "nieznana", "inconnu"),
        *("неизвестно", "неизвестен", "неизвестна", "невідомо", "невідомий", "невідома", "غيرمعروف", "مجهول"),
        *("отсутствует", "нет", "немає", "відсутнє"),
    )
)
_NOTHING = frozenset(
    (
        *("kein", "keine", "ohne", "nicht", "unbekannt", "unbekannter", "unbek", "fehlt", "no", "not", "without"),
        *("unknown", "nie", "brak", "без", "нет", "не", "немає", "بدون", "لا", "غير"),
    )
)  # words that say that there is no name; most are names too, when they stand alone
_OF_A_NAME = frozenset(
    (
        *("name", "vorname", "vornamen", "nachname", "familienname", "rufname", "angabe", "angaben", "bekannt"),
        *("vorhanden", "angegeben", "first", "given", "last", "family", "middle", "surname", "known", "available"),
        *("stated", "provided", "names", "imienia", "nazwiska", "podano", "имени", "фамилии", "имя", "фамилия"),
        *("указано", "известно", "прізвища", "імені", "вказано", "اسم", "يوجد", "معروف"),
    )
)
_NO_DAY = re.compile(r"\d{4}-(?:00-\d{2}|\d{2}-00)|00\.\d{2}\.\d{4}")
_ISO_TIME = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(?::\d{2})?(?:Z|[+-]\d{2}:\d{2})?")


@dataclass(frozen=True, slots=True)
class Finding:
    """What is wrong with one value: stable code, German and English sentence, a right value as example."""

    code: str
    de: str
    en: str
    example: str | None = None


LEAVE_OUT: Final = Finding(
    "placeholder",
    "Ein Platzhalter aus dem Pass (-, XXX, FNU, LNU) ist kein Name. Wer nur einen Namen hat, hat ihn in einem der "
    "beiden Felder; das andere bitte weglassen.",
    "A placeholder of the passport (-, XXX, FNU, LNU) is no name. Who has one name only has it in one of the two "
    "fields; please leave the other out.",
)


def is_placeholder(text: str) -> bool:
    """Whether a text says that there is no name, as passports and registers write it, instead of being one."""
    bare = "".join(letter for letter in text.casefold() if letter.isalpha())
    words = set(re.findall(r"[^\W\d_]+", text.casefold()))
    in_words = len(words) > 1 and bool(words & _NOTHING) and words <= _NOTHING | _OF_A_NAME
    return not bare or bare in _PLACEHOLDERS or in_words or (len(bare) > 1 and set(bare) <= _CROSSES)


def findings_error(findings: Iterable[Finding]) -> PydanticCustomError:
    """The findings as the error the model collects; read back by `findings_of`."""
    return PydanticCustomError("findings", "the value breaks a rule", {"findings": tuple(findings)})


def name_findings(text: str) -> list[Finding]:
    """What keeps a text from being a legal name: DIN 91379 type A, 1 to 120 letters, no stray spaces."""
    example = "Müller-Groß"
    unfit = _size_finding(text, example)
    if unfit:
        return [unfit]
    found = _shape_findings(text, example) + _character_findings(type_a_faults(text), example)
    if not any(letter.isalpha() for letter in text):
        found.append(
            Finding(
                "no_letter",
                f"Ein Name hat mindestens einen Buchstaben. {LEAVE_OUT.de}",
                f"A name has a letter. {LEAVE_OUT.en}",
                example,
            )
        )
    return found


def original_name_findings(text: str, script: str) -> list[Finding]:
    """What keeps a text from being a name in its original script (Cyrl, Arab, Hebr), 1 to 120 letters."""
    example = {"Cyrl": "Анна", "Arab": "ظاهر", "Hebr": "חנה"}[script]
    unfit = _size_finding(text, example)
    if unfit:
        return [unfit]
    return _shape_findings(text, example) + _character_findings(script_faults(text, script), example)


def tidy(text: str) -> str:
    """Free text as it is kept: NFC, line breaks as single line feeds (browsers send CR LF)."""
    return normalise(text.replace("\r\n", "\n"))


def text_findings(text: str, limit: int = TEXT_CHARACTERS, *, one_line: bool = False) -> list[Finding]:
    """What keeps a text from being printed: empty, too long, or characters that are refused."""
    if not text.strip():
        return [Finding("empty", "Hier fehlt ein Text.", "A text is missing here.", "Anmeldung zum Sprachkurs")]
    if len(text) > limit:
        return [
            Finding(
                "too_long",
                f"Der Text hat {len(text)} Zeichen; erlaubt sind {limit}. Bitte kürzen.",
                f"The text has {len(text)} characters; {limit} are allowed. Please shorten it.",
            )
        ]
    found = _character_findings(free_text_faults(text), None)
    if one_line and "\n" in text:
        found.append(
            Finding("line_break", "Hier ist nur eine Zeile erlaubt.", "Only one line is allowed here.", "VHS Dortmund")
        )
    return found


def read_date(value: Any) -> date:
    """A day as "2026-12-03"; refuses other forms, days that do not exist and years that are slips."""
    if isinstance(value, str) and value.isascii() and _NO_DAY.fullmatch(value):
        raise findings_error([_WHOLE_DAY])
    if isinstance(value, str) and _ISO_DATE.fullmatch(value) and value.isascii():
        try:
            day = date.fromisoformat(value)
        except ValueError:
            raise findings_error([_NO_SUCH_DAY]) from None
        if EARLIEST <= day <= LATEST:
            return day
        raise findings_error([_OUT_OF_RANGE])
    raise findings_error([_DATE_FORM])


def read_partial_date(value: Any) -> PartialDate:
    """A birth date as "1984-03-09", "1984-03" or "1984", or as registers and passports write it: "00.00.1984",
    "1984-00-00", "XX.XX.1984"."""
    if not (isinstance(value, str) and value.isascii() and re.fullmatch(_BIRTH_DATE, value)):
        raise findings_error([_PARTIAL_DATE])
    try:
        born = PartialDate.parse(value)
    except ValueError:
        raise findings_error([_NO_SUCH_DAY]) from None
    if not EARLIEST <= born.earliest <= LATEST:
        raise findings_error([_OUT_OF_RANGE])
    return born


def read_guardians(value: Any) -> tuple[str, ...]:
    """Who signs for a person: one id, or a list of one or two; nobody when null, as with every other field."""
    if value is None:
        return ()
    ids = value if isinstance(value, list) else [value]
    if not all(isinstance(person_id, str) for person_id in ids) or not 1 <= len(ids) <= GUARDIANS:
        raise findings_error([_GUARDIANS])
    if not all(_PERSON_ID.fullmatch(person_id) for person_id in ids):
        raise findings_error([_PERSON_ID_FORM])
    return tuple(ids)


def read_appointment(value: Any) -> datetime:
    """A moment as "2026-12-10T14:30+01:00": with its offset, and one that the clocks of Europe/Berlin show."""
    if not (isinstance(value, str) and _ISO_TIME.fullmatch(value) and value.isascii()):
        raise findings_error([_TIME_FORM])
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        raise findings_error([_NO_SUCH_TIME]) from None
    if not EARLIEST <= moment.date() <= LATEST:
        raise findings_error([_OUT_OF_RANGE])
    found = _clock_finding(moment)
    if found:
        raise findings_error([found])
    return moment


def _clock_finding(moment: datetime) -> Finding | None:
    """What is wrong with the offset of a moment, seen from Europe/Berlin."""
    wall = moment.replace(tzinfo=None)
    offsets = [
        local.utcoffset() or timedelta()
        for local in (wall.replace(tzinfo=OFFICE_ZONE, fold=fold) for fold in (0, 1))
        if local.astimezone(UTC).astimezone(OFFICE_ZONE).replace(tzinfo=None) == wall
    ]
    if not offsets:
        return _NO_SUCH_TIME
    if moment.utcoffset() in offsets:
        return None
    right = " / ".join(sorted({f"+{int(offset.total_seconds() // 3600):02d}:00" for offset in offsets}, reverse=True))
    if moment.tzinfo is None:
        return Finding(
            "offset_missing",
            f"Die Uhrzeit braucht den Abstand zur Weltzeit; für diesen Tag in Dortmund: {right}.",
            f"The time needs its offset; for that day in Dortmund: {right}.",
            _MOMENT,
        )
    return Finding(
        "offset_wrong",
        f"Der Abstand zur Weltzeit passt nicht zu Europe/Berlin; für diesen Tag: {right}.",
        f"The offset is not the one of Europe/Berlin; for that day: {right}.",
        _MOMENT,
    )


def _size_finding(text: str, example: str) -> Finding | None:
    """Whether a name is empty or too long; then nothing else is looked at."""
    if not text.strip():
        return Finding("empty", "Hier fehlt ein Name.", "A name is missing here.", example)
    count = len(letters(text[: NAME_LETTERS * 8]))  # no name has so many code points; a page of text costs no time
    if count <= NAME_LETTERS and len(text) <= NAME_LETTERS * 8:
        return None
    return Finding(
        "too_long",
        f"Der Name ist zu lang; erlaubt sind {NAME_LETTERS} Zeichen.",
        f"The name is too long; {NAME_LETTERS} characters are allowed.",
        example,
    )


def _shape_findings(text: str, example: str) -> list[Finding]:
    found = []
    if text != text.strip(" "):
        found.append(
            Finding(
                "space_at_edge",
                "Am Anfang oder Ende steht ein Leerzeichen; bitte löschen.",
                "There is a space at the beginning or end; please delete it.",
                example,
            )
        )
    if "  " in text.strip(" "):
        found.append(
            Finding(
                "space_doubled",
                "Zwei Leerzeichen stehen hintereinander; bitte eines löschen.",
                "Two spaces follow each other; please delete one.",
                example,
            )
        )
    return found


def _character_findings(faults: tuple[CharacterFault, ...], example: str | None) -> list[Finding]:
    """All refused characters of one value as one finding that names the first few."""
    if not faults:
        return []
    german, english = [fault.de for fault in faults[:_SHOWN]], [fault.en for fault in faults[:_SHOWN]]
    rest = len(faults) - _SHOWN
    if rest > 0:
        german.append(f"Dazu {rest} weitere Zeichen." if rest > 1 else "Dazu ein weiteres Zeichen.")
        english.append(f"And {rest} more characters." if rest > 1 else "And one more character.")
    return [Finding("character_not_allowed", " ".join(german), " ".join(english), example)]


def _checked(find: Callable[[str], list[Finding]], prepare: Callable[[str], str]) -> Callable[[str], str]:
    def check(text: str) -> str:
        ready = prepare(text)
        found = find(ready)
        if found:
            raise findings_error(found)
        return ready

    return check


def _one_of(allowed: Iterable[str], finding: Finding) -> Callable[[str], str]:
    known = frozenset(allowed)

    def check(code: str) -> str:
        if code not in known:
            raise findings_error([finding])
        return code

    return check


def _matches(pattern: re.Pattern[str], finding: Finding) -> Callable[[str], str]:
    def check(text: str) -> str:
        if not pattern.fullmatch(text):
            raise findings_error([finding])
        return text

    return check


_MOMENT = "2026-12-10T14:30+01:00"
_OUT_OF_RANGE = Finding(
    "date_range", "Das Jahr liegt nicht zwischen 1900 und 2199.", "The year is not between 1900 and 2199.", "2026-12-03"
)
_DATE_FORM = Finding(
    "date_form", "Ein Datum wird als JJJJ-MM-TT geschrieben.", "A date is written as YYYY-MM-DD.", "2026-12-03"
)
_WHOLE_DAY = Finding(
    "date_form",
    "Hier wird ein ganzes Datum als JJJJ-MM-TT gebraucht, ohne Nullen für Tag oder Monat.",
    "A whole date is needed here as YYYY-MM-DD, without zeros for day or month.",
    "2026-12-03",
)
_NO_SUCH_DAY = Finding("no_such_day", "Diesen Tag gibt es nicht.", "There is no such day.", "2026-12-03")
_PARTIAL_DATE = Finding(
    "date_form",
    "Ein Geburtsdatum wird als JJJJ-MM-TT, JJJJ-MM oder JJJJ geschrieben; was nicht bekannt ist, bleibt weg.",
    "A birth date is written as YYYY-MM-DD, YYYY-MM or YYYY; what is not known is left out.",
    "1984-03-09",
)
_TIME_FORM = Finding(
    "time_form",
    "Ein Termin wird als JJJJ-MM-TTThh:mm mit Abstand zur Weltzeit geschrieben.",
    "An appointment is written as YYYY-MM-DDThh:mm with its offset.",
    _MOMENT,
)
_NO_SUCH_TIME = Finding(
    "no_such_time",
    "Diese Uhrzeit gibt es an diesem Tag in Europe/Berlin nicht (Zeitumstellung oder Tippfehler).",
    "There is no such time on that day in Europe/Berlin (change of the clocks, or a slip).",
    _MOMENT,
)
_PERSON_ID_FORM = Finding(
    "id_form",
    "Eine Kennung hat 1 bis 40 Zeichen: Buchstaben a-z, Ziffern, - und _.",
    "An id has 1 to 40 characters: letters a-z, digits, - and _.",
    "anna",
)
_GUARDIANS = Finding(
    "guardian_form",
    "Erwartet wird die id der Person, die vertritt, oder eine Liste mit einer oder zwei davon.",
    "The id of the person who represents is expected, or a list of one or two of them.",
    '["anna", "igor"]',
)

Name = Annotated[
    str,
    AfterValidator(_checked(name_findings, normalise)),
    WithJsonSchema({"type": "string", "minLength": 1, "description": "DIN 91379 type A, 1 to 120 letters"}),
]
OriginalName = Annotated[
    str,
    AfterValidator(normalise),  # judged by its script in the model
    WithJsonSchema({"type": "string", "minLength": 1, "description": "letters of the script, 1 to 120"}),
]
FreeText = Annotated[
    str,
    AfterValidator(_checked(text_findings, tidy)),
    WithJsonSchema({"type": "string", "minLength": 1, "maxLength": TEXT_CHARACTERS}),
]
Line = Annotated[
    str,
    AfterValidator(_checked(lambda text: text_findings(text, LINE_CHARACTERS, one_line=True), tidy)),
    WithJsonSchema({"type": "string", "minLength": 1, "maxLength": LINE_CHARACTERS}),
]
Day = Annotated[date, BeforeValidator(read_date), WithJsonSchema({"type": "string", "format": "date"})]
BirthDate = Annotated[
    PartialDate,
    BeforeValidator(read_partial_date),
    WithJsonSchema(
        {
            "type": "string",
            "pattern": f"^({_BIRTH_DATE})$",
            "description": "YYYY-MM-DD, YYYY-MM or YYYY; 00.00.YYYY, YYYY-00-00 and XX.XX.YYYY, as registers and "
            "passports write it, is YYYY",
        }
    ),
]
Moment = Annotated[
    datetime,
    BeforeValidator(read_appointment),
    WithJsonSchema({"type": "string", "format": "date-time", "description": "Europe/Berlin, with its offset"}),
]
PersonId = Annotated[
    str,
    AfterValidator(_matches(_PERSON_ID, _PERSON_ID_FORM)),
    WithJsonSchema({"type": "string", "pattern": f"^{_PERSON_ID.pattern}$"}),
]
Origin = Annotated[
    str,
    AfterValidator(
        _matches(
            _ORIGIN,
            Finding(
                "origin_form",
                "Die Herkunft nennt Nummer und Stelle, an der etwas zuerst vereinbart wurde, mit - dazwischen.",
                "The origin names the number and the place where something was first agreed, with - between them.",
                "1-2",
            ),
        )
    ),
    WithJsonSchema({"type": "string", "pattern": f"^{_ORIGIN.pattern}$"}),
]
Guardians = Annotated[
    tuple[str, ...],
    BeforeValidator(read_guardians),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "string", "pattern": f"^{_PERSON_ID.pattern}$"},
                {
                    "type": "array",
                    "items": {"type": "string", "pattern": f"^{_PERSON_ID.pattern}$"},
                    "minItems": 1,
                    "maxItems": GUARDIANS,
                },
                {"type": "null"},
            ],
            "description": "the id of who signs for this person, or of both (joint custody, § 1629 BGB)",
        }
    ),
]
CaseNumber = Annotated[
    str,
    AfterValidator(
        _matches(
            _CASE_NUMBER,
            Finding(
                "case_number_form",
                "Ein Aktenzeichen hat 1 bis 40 Zeichen: Buchstaben A-Z, Ziffern, . / - _ und Leerzeichen.",
                "A case number has 1 to 40 characters: letters A-Z, digits, . / - _ and spaces.",
                "2026-0815",
            ),
        )
    ),
    WithJsonSchema({"type": "string", "pattern": f"^{_CASE_NUMBER.pattern}$"}),
]
SpokenLanguage = Annotated[
    str,
    AfterValidator(
        _one_of(
            LANGUAGE_CODES,
            Finding(
                "unknown_language",
                "Diese Sprache ist nicht bekannt; erwartet wird ein Kürzel nach ISO 639.",
                "This language is not known; a code of ISO 639 is expected.",
                USUAL.code,
            ),
        )
    ),
]
TranslationLanguage = Annotated[
    str,
    AfterValidator(
        _one_of(
            SECOND,
            Finding(
                "unknown_language",
                f"Übersetzungen gibt es in: {', '.join(SECOND)}.",
                f"Translations are in: {', '.join(SECOND)}.",
                USUAL.code,
            ),
        )
    ),
]
StatusCode = Annotated[
    str,
    AfterValidator(
        _one_of(
            LEGAL_STATUS,
            Finding(
                "unknown_status",
                f"Bekannt sind: {', '.join(sorted(LEGAL_STATUS))}.",
                f"Known are: {', '.join(sorted(LEGAL_STATUS))}.",
                "BVFG_4",
            ),
        )
    ),
]
