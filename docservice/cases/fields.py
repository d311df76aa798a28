"""The kinds of fields a case file has: names, lines, free texts, dates, appointments; each checks one value.

A check raises one or more `Fault`s as one error, without a path: where a field stands is not known to it. None ever
holds the value, at most the one character that is wrong in it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime, timedelta
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, WithJsonSchema
from pydantic_core import PydanticCustomError

from docservice.cases.codes import LANGUAGE_CODES, LEGAL_STATUS
from docservice.domain.dates.partial_date import PartialDate
from docservice.domain.errors import Fault
from docservice.domain.languages import SECOND, USUAL
from docservice.domain.page_codes import ID_PATTERN
from docservice.domain.sources import OFFICE_ZONE
from docservice.domain.text.messages import in_a_row, say
from docservice.domain.text.names import letters, normalise, type_a_faults
from docservice.domain.text.scripts import CharacterFault, free_text_faults, script_faults

NAME_LETTERS = 120  # letters of DIN 91379 (FIM: Familienname)
LINE_CHARACTERS = 200
TEXT_CHARACTERS = 3000
FIELD_FAULTS = "field_faults"
"""How pydantic names the error that carries the faults of a field."""
GUARDIANS = 2  # parents represent a child together (§ 1629 BGB)
EARLIEST, LATEST = date(1900, 1, 1), date(2199, 12, 31)  # anything outside is a slip of the keyboard

_HERE = ""  # the path of a fault in the value itself
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


def is_placeholder(text: str) -> bool:
    """Whether a text says that there is no name, as passports and registers write it, instead of being one."""
    bare = "".join(letter for letter in text.casefold() if letter.isalpha())
    words = set(re.findall(r"[^\W\d_]+", text.casefold()))
    in_words = len(words) > 1 and bool(words & _NOTHING) and words <= _NOTHING | _OF_A_NAME
    return not bare or bare in _PLACEHOLDERS or in_words or (len(bare) > 1 and set(bare) <= _CROSSES)


def faults_error(faults: Iterable[Fault]) -> PydanticCustomError:
    """The faults as the error the model collects; `intake` reads them back."""
    return PydanticCustomError(FIELD_FAULTS, "the value breaks a rule", {FIELD_FAULTS: tuple(faults)})


def name_faults(text: str) -> list[Fault]:
    """What keeps a text from being a legal name: DIN 91379 type A, 1 to 120 letters, no stray spaces."""
    example = "Müller-Groß"
    unfit = _size_fault(text, example)
    if unfit:
        return [unfit]
    found = _shape_faults(text, example) + _character_faults(type_a_faults(text), example)
    if not any(letter.isalpha() for letter in text):
        found.append(Fault.told(_HERE, "cases.no_letter", example=example))
    return found


def original_name_faults(text: str, script: str) -> list[Fault]:
    """What keeps a text from being a name in its original script (Cyrl, Arab, Hebr), 1 to 120 letters."""
    example = {"Cyrl": "Анна", "Arab": "ظاهر", "Hebr": "חנה"}[script]
    unfit = _size_fault(text, example)
    if unfit:
        return [unfit]
    return _shape_faults(text, example) + _character_faults(script_faults(text, script), example)


def tidy(text: str) -> str:
    """Free text as it is kept: NFC, line breaks as single line feeds (browsers send CR LF)."""
    return normalise(text.replace("\r\n", "\n"))


def text_faults(text: str, limit: int = TEXT_CHARACTERS, *, one_line: bool = False) -> list[Fault]:
    """What keeps a text from being printed: empty, too long, or characters that are refused."""
    if not text.strip():
        return [Fault.told(_HERE, "cases.empty.text", example="Anmeldung zum Sprachkurs")]
    if len(text) > limit:
        return [Fault.told(_HERE, "cases.too_long.text", count=len(text), most=limit)]
    found = _character_faults(free_text_faults(text), None)
    if one_line and "\n" in text:
        found.append(Fault.told(_HERE, "cases.line_break", example="VHS Dortmund"))
    return found


def read_date(value: Any) -> date:
    """A day as "2026-12-03"; refuses other forms, days that do not exist and years that are slips."""
    if isinstance(value, str) and value.isascii() and _NO_DAY.fullmatch(value):
        raise faults_error([_WHOLE_DAY])
    if isinstance(value, str) and _ISO_DATE.fullmatch(value) and value.isascii():
        try:
            day = date.fromisoformat(value)
        except ValueError:
            raise faults_error([_NO_SUCH_DAY]) from None
        if EARLIEST <= day <= LATEST:
            return day
        raise faults_error([_OUT_OF_RANGE])
    raise faults_error([_DATE_FORM])


def read_partial_date(value: Any) -> PartialDate:
    """A birth date as "1984-03-09", "1984-03" or "1984", or as registers and passports write it: "00.00.1984",
    "1984-00-00", "XX.XX.1984"."""
    if not (isinstance(value, str) and value.isascii() and re.fullmatch(_BIRTH_DATE, value)):
        raise faults_error([_PARTIAL_DATE])
    try:
        born = PartialDate.parse(value)
    except ValueError:
        raise faults_error([_NO_SUCH_DAY]) from None
    if not EARLIEST <= born.earliest <= LATEST:
        raise faults_error([_OUT_OF_RANGE])
    return born


def read_guardians(value: Any) -> tuple[str, ...]:
    """Who signs for a person: one id, or a list of one or two; nobody when null, as with every other field."""
    if value is None:
        return ()
    ids = value if isinstance(value, list) else [value]
    if not all(isinstance(person_id, str) for person_id in ids) or not 1 <= len(ids) <= GUARDIANS:
        raise faults_error([_GUARDIANS])
    if not all(_PERSON_ID.fullmatch(person_id) for person_id in ids):
        raise faults_error([_PERSON_ID_FORM])
    return tuple(ids)


def read_appointment(value: Any) -> datetime:
    """A moment as "2026-12-10T14:30+01:00": with its offset, and one that the clocks of Europe/Berlin show."""
    if not (isinstance(value, str) and _ISO_TIME.fullmatch(value) and value.isascii()):
        raise faults_error([_TIME_FORM])
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        raise faults_error([_NO_SUCH_TIME]) from None
    if not EARLIEST <= moment.date() <= LATEST:
        raise faults_error([_OUT_OF_RANGE])
    found = _clock_fault(moment)
    if found:
        raise faults_error([found])
    return moment


def _clock_fault(moment: datetime) -> Fault | None:
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
        return Fault.told(_HERE, "cases.offset_missing", example=_MOMENT, right=right)
    return Fault.told(_HERE, "cases.offset_wrong", example=_MOMENT, right=right)


def _size_fault(text: str, example: str) -> Fault | None:
    """Whether a name is empty or too long; then nothing else is looked at."""
    if not text.strip():
        return Fault.told(_HERE, "cases.empty.name", example=example)
    count = len(letters(text[: NAME_LETTERS * 8]))  # no name has so many code points; a page of text costs no time
    if count <= NAME_LETTERS and len(text) <= NAME_LETTERS * 8:
        return None
    return Fault.told(_HERE, "cases.too_long.name", example=example, most=NAME_LETTERS)


def _shape_faults(text: str, example: str) -> list[Fault]:
    found = []
    if text != text.strip(" "):
        found.append(Fault.told(_HERE, "cases.space_at_edge", example=example))
    if "  " in text.strip(" "):
        found.append(Fault.told(_HERE, "cases.space_doubled", example=example))
    return found


def _character_faults(faults: tuple[CharacterFault, ...], example: str | None) -> list[Fault]:
    """All refused characters of one value as one finding that names the first few."""
    if not faults:
        return []
    named, rest = in_a_row(fault.said for fault in faults[:_SHOWN]), len(faults) - _SHOWN
    if rest > 1:
        named = say("cases.character_not_allowed.more", named=named, rest=rest)
    elif rest == 1:
        named = say("cases.character_not_allowed.one_more", named=named)
    return [Fault(_HERE, "character_not_allowed", named.de, named.en, example)]


def _checked(find: Callable[[str], list[Fault]], prepare: Callable[[str], str]) -> Callable[[str], str]:
    def check(text: str) -> str:
        ready = prepare(text)
        found = find(ready)
        if found:
            raise faults_error(found)
        return ready

    return check


def _one_of(allowed: Iterable[str], fault: Fault) -> Callable[[str], str]:
    known = frozenset(allowed)

    def check(code: str) -> str:
        if code not in known:
            raise faults_error([fault])
        return code

    return check


def _matches(pattern: re.Pattern[str], fault: Fault) -> Callable[[str], str]:
    def check(text: str) -> str:
        if not pattern.fullmatch(text):
            raise faults_error([fault])
        return text

    return check


_MOMENT = "2026-12-10T14:30+01:00"
_DAY = "2026-12-03"
_OUT_OF_RANGE = Fault.told(_HERE, "cases.date_range", example=_DAY)
_DATE_FORM = Fault.told(_HERE, "cases.date_form.day", example=_DAY)
_WHOLE_DAY = Fault.told(_HERE, "cases.date_form.whole", example=_DAY)
_NO_SUCH_DAY = Fault.told(_HERE, "cases.no_such_day", example=_DAY)
_PARTIAL_DATE = Fault.told(_HERE, "cases.date_form.birth", example="1984-03-09")
_TIME_FORM = Fault.told(_HERE, "cases.time_form", example=_MOMENT)
_NO_SUCH_TIME = Fault.told(_HERE, "cases.no_such_time", example=_MOMENT)
_PERSON_ID_FORM = Fault.told(_HERE, "cases.id_form", example="anna")
_PARTNER_ID_FORM = Fault.told(_HERE, "cases.partner_form")
_GUARDIANS = Fault.told(_HERE, "cases.guardian_form", example='["anna", "igor"]')
_ORIGIN_FORM = Fault.told(_HERE, "cases.origin_form", example="1-2")
_CASE_NUMBER_FORM = Fault.told(_HERE, "cases.case_number_form", example="2026-0815")
_SPOKEN = Fault.told(_HERE, "cases.unknown_language.spoken", example=USUAL.code)
_TRANSLATED = Fault.told(_HERE, "cases.unknown_language.translation", example=USUAL.code, known=", ".join(SECOND))
_STATUS = Fault.told(_HERE, "cases.unknown_status", example="BVFG_4", known=", ".join(sorted(LEGAL_STATUS)))

Name = Annotated[
    str,
    AfterValidator(_checked(name_faults, normalise)),
    WithJsonSchema({"type": "string", "minLength": 1, "description": "DIN 91379 type A, 1 to 120 letters"}),
]
OriginalName = Annotated[
    str,
    AfterValidator(normalise),  # judged by its script in the model
    WithJsonSchema({"type": "string", "minLength": 1, "description": "letters of the script, 1 to 120"}),
]
FreeText = Annotated[
    str,
    AfterValidator(_checked(text_faults, tidy)),
    WithJsonSchema({"type": "string", "minLength": 1, "maxLength": TEXT_CHARACTERS}),
]
Line = Annotated[
    str,
    AfterValidator(_checked(lambda text: text_faults(text, LINE_CHARACTERS, one_line=True), tidy)),
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
PartnerId = Annotated[
    str,
    AfterValidator(_matches(re.compile(ID_PATTERN), _PARTNER_ID_FORM)),
    WithJsonSchema({"type": "string", "pattern": ID_PATTERN, "description": "a partner of the directory"}),
]
Origin = Annotated[
    str,
    AfterValidator(_matches(_ORIGIN, _ORIGIN_FORM)),
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
    AfterValidator(_matches(_CASE_NUMBER, _CASE_NUMBER_FORM)),
    WithJsonSchema({"type": "string", "pattern": f"^{_CASE_NUMBER.pattern}$"}),
]
SpokenLanguage = Annotated[str, AfterValidator(_one_of(LANGUAGE_CODES, _SPOKEN))]
TranslationLanguage = Annotated[str, AfterValidator(_one_of(SECOND, _TRANSLATED))]
StatusCode = Annotated[str, AfterValidator(_one_of(LEGAL_STATUS, _STATUS))]
