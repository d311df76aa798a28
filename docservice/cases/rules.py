"""The rules that tie fields of a case together: references, ages, dates in order, nothing named twice.

They run on the JSON of the case even when parts of it are faulty: a value that did not pass its own check stands as
`UNJUDGED`, and a rule that would need it says nothing. So one answer holds all faults that can be judged.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime
from typing import Any, Final

from docservice.cases.fields import is_placeholder
from docservice.domain.cases import Case, minority
from docservice.domain.dates.partial_date import PartialDate
from docservice.domain.errors import Fault
from docservice.domain.text.grammar import name_alone
from docservice.domain.text.namesakes import told_apart_by

UNJUDGED: Final = object()
"""Stands where a value was that did not pass its own check."""

Json = Mapping[str, Any]


def rule_faults(case: Json, today: date | None = None) -> Iterator[Fault]:
    """All broken rules of a case file. `today` stands in for an agreement date that is left blank; when it is None
    too, ages are not judged."""
    agreement = _record(case, "agreement")
    day = _judgement_day(agreement, today)
    yield from _person_faults(case, day)
    yield from _guardian_faults(case, day)
    yield from _agreement_faults(case, agreement, day)
    yield from _annex_faults(_record(case, "annex"), _day(agreement, "date"))
    yield from _plan_faults(case, _record(case, "help_plan"))


def namesake_faults(case: Case) -> Iterator[Fault]:
    """A fault for everybody whom nothing on paper would tell from a namesake."""
    told_by = told_apart_by(case)
    for index, person in enumerate(case.persons):
        if person.id in told_by and told_by[person.id] is None:
            yield Fault.told(f"persons[{index}].birth_date", "cases.namesakes.persons", example="1984-03-09")
    seen: set[str] = set()
    for index, representative in enumerate(case.agreement.representatives):
        if representative.given_names is None and name_alone(representative).casefold() in seen:
            yield Fault.told(
                f"agreement.representatives[{index}].given_names", "cases.namesakes.representatives", example="Petra"
            )
        seen.add(name_alone(representative).casefold())


def _judgement_day(agreement: Json, today: date | None) -> date | None:
    if agreement.get("date") is UNJUDGED:
        return None
    return _day(agreement, "date") or today


def _person_faults(case: Json, day: date | None) -> Iterator[Fault]:
    yield from _duplicates((f"persons[{index}].id", _text(person, "id")) for index, person in _records(case, "persons"))
    for index, person in _records(case, "persons"):
        path = f"persons[{index}]"
        yield from _name_faults(person, path)
        born = _birth(person)
        if born and day and born.earliest > day:
            yield Fault.told(f"{path}.birth_date", "cases.birth_after_agreement", example="1984-03-09")
        yield from _duplicates(
            (f"{path}.languages[{number}]", language) for number, language in _texts(person, "languages")
        )
        yield from _duplicates(
            (f"{path}.original_script_names[{number}].language", _text(name, "language"))
            for number, name in _records(person, "original_script_names")
        )
        for number, status in _records(person, "legal_status"):
            yield from _order_faults(status, "valid_from", "valid_to", f"{path}.legal_status[{number}]")


def _name_faults(person: Json, path: str) -> Iterator[Fault]:
    """Who has one name only has it in one of the two fields, and nothing in the other."""
    yield from _missing_name(person, path, "legal_family_name", "legal_given_names")
    yield from _placeholders(person, path, "legal_family_name", "legal_given_names", "birth_name")
    for number, name in _records(person, "original_script_names"):
        place = f"{path}.original_script_names[{number}]"
        yield from _missing_name(name, place, "family_name", "given_names")
        yield from _placeholders(name, place, "family_name", "given_names", "patronymic")


def _missing_name(record: Json, path: str, family: str, given: str) -> Iterator[Fault]:
    if record.get(family) is None and record.get(given) is None:
        yield Fault.told(
            f"{path}.{family}",
            "cases.missing.name",
            example="Zabihullah" if family.startswith("legal") else "Анна",
            family=family,
            given=given,
        )


def _placeholders(record: Json, path: str, *names: str) -> Iterator[Fault]:
    for name in names:
        text = _text(record, name)
        if text is not None and is_placeholder(text):
            yield Fault.told(f"{path}.{name}", "cases.placeholder.passport")


def _guardian_faults(case: Json, day: date | None) -> Iterator[Fault]:
    for index, person in _records(case, "persons"):
        path = f"persons[{index}].guardian"
        named = list(_guardians(person, path))
        yield from _duplicates(named)
        for place, guardian_id in named:
            yield from _guardian_fault(case, person, place, guardian_id, day)
        yield from _capacity_faults(person, path, day, guarded=bool(named))


def _guardian_fault(case: Json, person: Json, path: str, guardian_id: str, day: date | None) -> Iterator[Fault]:
    yield from _unknown_person(case, path, guardian_id)
    guardian = _by_id(case).get(guardian_id)
    if guardian_id == _text(person, "id"):
        yield Fault.told(path, "cases.own_guardian")
    elif guardian is not None and (_is_minor(guardian, day) or any(_guardians(guardian, ""))):
        yield Fault.told(path, "cases.guardian_not_able")
    elif guardian is not None and day is not None and _age_is_open(guardian, day):
        yield Fault.told(path, "cases.age_unclear.guardian")


def _capacity_faults(person: Json, path: str, day: date | None, *, guarded: bool) -> Iterator[Fault]:
    """What does not fit between who is represented and in which capacity: parents and guardians represent minors
    (§§ 1626, 1629, 1773 BGB), a Betreuung an adult within its scope (§§ 1814, 1815 BGB)."""
    kind, scope = person.get("guardian_kind"), person.get("guardian_scope")
    if not guarded and person.get("guardian") is None and (kind is not None or scope is not None):
        yield Fault.told(path, "cases.guardian_missing.capacity")
    if kind == "betreuung" and scope is None:
        yield Fault.told(f"{path}_scope", "cases.scope_missing", example="Vermögenssorge, Behördenangelegenheiten")
    if kind is not UNJUDGED and kind != "betreuung" and scope is not None:
        yield Fault.told(f"{path}_scope", "cases.scope_not_expected")
    if guarded and day is not None:
        yield from _age_faults(person, path, day, kind)


def _age_faults(person: Json, path: str, day: date, kind: object) -> Iterator[Fault]:
    minor = _minority(person, day)
    if minor is False and kind in (None, "parents", "guardian"):
        yield Fault.told(path, "cases.represented_adult")
    if kind == "betreuung" and _age_is_open(person, day):
        yield Fault.told(f"{path}_kind", "cases.age_unclear.represented")
    if minor is True and kind == "betreuung":
        yield Fault.told(f"{path}_kind", "cases.betreuung_of_minor")


def _agreement_faults(case: Json, agreement: Json, day: date | None) -> Iterator[Fault]:
    persons = _by_id(case)
    parties = [(f"agreement.parties[{index}]", party) for index, party in _texts(agreement, "parties")]
    yield from _duplicates(parties)
    for path, party in parties:
        yield from _unknown_person(case, path, party)
        person = persons.get(party)
        if person is not None and person.get("guardian") is None and day is not None:
            yield from _unrepresented(person, path, day)
    yield from _duplicates(
        (f"agreement.representatives[{index}]", _full_name(person))
        for index, person in _records(agreement, "representatives")
    )
    for index, person in _records(agreement, "representatives"):
        yield from _staff_placeholders(person, f"agreement.representatives[{index}]")
    yield from _staff_placeholders(_record(case, "interpreter"), "interpreter")
    required, named = agreement.get("city_signatures_required"), agreement.get("representatives")
    if isinstance(required, int) and isinstance(named, list) and required > len(named):
        yield Fault.told(
            "agreement.city_signatures_required",
            "cases.too_many_signatures",
            example="1",
            required=required,
            named=len(named),
        )


def _staff_placeholders(person: Json, path: str) -> Iterator[Fault]:
    """Who represents or interprets has a family name; given names may be left out."""
    family = _text(person, "family_name")
    if family is not None and is_placeholder(family):
        yield Fault.told(f"{path}.family_name", "cases.placeholder.staff", example="Sander")
    yield from _placeholders(person, path, "given_names")


def _unrepresented(person: Json, path: str, day: date) -> Iterator[Fault]:
    minor = _minority(person, day)
    if minor is True:
        yield Fault.told(path, "cases.guardian_missing.unrepresented", example='["anna", "igor"]')
    if _age_is_open(person, day):
        yield Fault.told(path, "cases.age_unclear.unrepresented")


def _annex_faults(annex: Json, agreed_on: date | None) -> Iterator[Fault]:
    annex_day = _day(annex, "date")
    if annex_day and agreed_on and annex_day < agreed_on:
        yield Fault.told("annex.date", "cases.annex_before_agreement", example=agreed_on.isoformat())
    start = _text(_record(annex, "next_appointment"), "start")
    since = annex_day or agreed_on
    if start and since and datetime.fromisoformat(start).date() < since:
        yield Fault.told(
            "annex.next_appointment.start", "cases.appointment_in_the_past", example="2026-12-10T14:30+01:00"
        )


def _plan_faults(case: Json, plan: Json) -> Iterator[Fault]:
    yield from _order_faults(plan, "created_jointly_on", "review_date", "help_plan")
    yield from _order_faults(plan, "predecessor_date", "created_jointly_on", "help_plan")
    version = plan.get("version")
    if isinstance(version, int) and version > 1 and plan.get("predecessor_date") is None:
        yield Fault.told("help_plan.predecessor_date", "cases.predecessor_missing", example="2026-12-03")
    for number, goal in _records(plan, "goals"):
        for index, measure in _records(goal, "measures"):
            yield from _measure_faults(case, measure, f"help_plan.goals[{number}].measures[{index}]")


def _measure_faults(case: Json, measure: Json, path: str) -> Iterator[Fault]:
    yield from _order_faults(measure, "start", "deadline", path)
    person = _text(measure, "responsible_person")
    if person is None:
        return
    yield from _unknown_person(case, f"{path}.responsible_person", person)
    if _text(measure, "responsible") in {"city", "partner"}:
        yield Fault.told(f"{path}.responsible_person", "cases.person_not_expected")


def _order_faults(record: Json, first: str, second: str, path: str) -> Iterator[Fault]:
    begin, end = _day(record, first), _day(record, second)
    if begin and end and end < begin:
        yield Fault.told(f"{path}.{second}", "cases.dates_out_of_order", second=second, first=first)


def _duplicates(values: Iterable[tuple[str, str | None]]) -> Iterator[Fault]:
    first: dict[str, str] = {}
    for path, value in values:
        if value is not None and first.setdefault(value, path) != path:
            yield Fault.told(path, "cases.duplicate", first=first[value])


def _unknown_person(case: Json, path: str, person_id: str) -> Iterator[Fault]:
    """A fault when nobody has this id; silent as long as some person's id is itself faulty."""
    people = case.get("persons")
    if not isinstance(people, list) or len(people) != len([person for person in people if _has_id(person)]):
        return
    if person_id not in _by_id(case):
        yield Fault.told(path, "cases.unknown_person")


def _minority(person: Json, day: date) -> bool | None:
    """Whether the person is under age, None when that is open. A birth date after the agreement (a fault of its own)
    and one that did not pass its check tell nothing."""
    born, of_age = _birth(person), person.get("of_age")
    if person.get("birth_date") is UNJUDGED or (born is not None and born.earliest > day):
        return None
    return minority(born, of_age if isinstance(of_age, bool) else None, day)


def _is_minor(person: Json, day: date | None) -> bool:
    """Whether the person is known to be under age."""
    return day is not None and _minority(person, day) is True


def _age_is_open(person: Json, day: date) -> bool:
    """Whether the person may be under age by the birth date, and the office has found nothing. Without a birth date,
    someone is taken for an adult."""
    born = _birth(person)
    known = person.get("of_age") is UNJUDGED or _minority(person, day) is not None
    return not known and born is not None and born.earliest <= day


def _guardians(person: Json, path: str) -> Iterator[tuple[str, str]]:
    """Path and id of each guardian; one is named alone or in a list."""
    alone = _text(person, "guardian")
    if alone is not None:
        yield path, alone
    for index, guardian_id in _texts(person, "guardian"):
        yield f"{path}[{index}]", guardian_id


def _full_name(person: Json) -> str | None:
    family, given = _text(person, "family_name"), _text(person, "given_names")
    return f"{family}, {given}" if family and given else None


def _has_id(person: Any) -> bool:
    return isinstance(person, dict) and _text(person, "id") is not None


def _by_id(case: Json) -> dict[str, Json]:
    return {person["id"]: person for _, person in _records(case, "persons") if _has_id(person)}


def _birth(person: Json) -> PartialDate | None:
    text = _text(person, "birth_date")
    return PartialDate.parse(text) if text else None


def _record(parent: Json, key: str) -> Json:
    value = parent.get(key)
    return value if isinstance(value, dict) else {}


def _records(parent: Json, key: str) -> Iterator[tuple[int, Json]]:
    value = parent.get(key)
    for index, item in enumerate(value if isinstance(value, list) else ()):
        if isinstance(item, dict):
            yield index, item


def _texts(parent: Json, key: str) -> Iterator[tuple[int, str]]:
    value = parent.get(key)
    for index, item in enumerate(value if isinstance(value, list) else ()):
        if isinstance(item, str):
            yield index, item


def _text(parent: Json, key: str) -> str | None:
    value = parent.get(key)
    return value if isinstance(value, str) else None


def _day(parent: Json, key: str) -> date | None:
    text = _text(parent, key)
    return date.fromisoformat(text) if text else None
