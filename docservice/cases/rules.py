"""The rules that tie fields of a case together: references, ages, dates in order, nothing named twice.

They run on the JSON of the case even when parts of it are faulty: a value that did not pass its own check stands as
`UNJUDGED`, and a rule that would need it says nothing. So one answer holds all faults that can be judged.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime
from typing import Any, Final

from docservice.domain.errors import Fault
from docservice.domain.partial_date import PartialDate

UNJUDGED: Final = object()
"""Stands where a value was that did not pass its own check."""

ADULT = 18

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


def _judgement_day(agreement: Json, today: date | None) -> date | None:
    if agreement.get("date") is UNJUDGED:
        return None
    return _day(agreement, "date") or today


def _person_faults(case: Json, day: date | None) -> Iterator[Fault]:
    yield from _duplicates((f"persons[{index}].id", _text(person, "id")) for index, person in _records(case, "persons"))
    for index, person in _records(case, "persons"):
        path = f"persons[{index}]"
        born = _birth(person)
        if born and day and born.earliest > day:
            yield Fault(
                f"{path}.birth_date",
                "birth_after_agreement",
                "Das Geburtsdatum liegt nach dem Datum der Vereinbarung.",
                "The birth date is later than the date of the agreement.",
                "1984-03-09",
            )
        yield from _duplicates(
            (f"{path}.languages[{number}]", language) for number, language in _texts(person, "languages")
        )
        yield from _duplicates(
            (f"{path}.original_script_names[{number}].language", _text(name, "language"))
            for number, name in _records(person, "original_script_names")
        )
        for number, status in _records(person, "legal_status"):
            yield from _order_faults(status, "valid_from", "valid_to", f"{path}.legal_status[{number}]")


def _guardian_faults(case: Json, day: date | None) -> Iterator[Fault]:
    persons = _by_id(case)
    for index, person in _records(case, "persons"):
        path = f"persons[{index}].guardian"
        guardian_id = _text(person, "guardian")
        if guardian_id is None:
            continue
        yield from _unknown_person(case, path, guardian_id)
        guardian = persons.get(guardian_id)
        if guardian_id == _text(person, "id"):
            yield Fault(
                path,
                "own_guardian",
                "Niemand vertritt sich selbst; bitte eine andere Person des Falles nennen.",
                "Nobody is their own guardian; please name another person of the case.",
            )
        elif guardian is not None and (_is_minor(guardian, day) or _text(guardian, "guardian")):
            yield Fault(
                path,
                "guardian_not_able",
                "Gesetzlich vertreten kann nur eine volljährige Person, die nicht selbst vertreten wird.",
                "Only an adult who is not represented by a guardian can be a guardian.",
            )


def _agreement_faults(case: Json, agreement: Json, day: date | None) -> Iterator[Fault]:
    persons = _by_id(case)
    parties = [(f"agreement.parties[{index}]", party) for index, party in _texts(agreement, "parties")]
    yield from _duplicates(parties)
    for path, party in parties:
        yield from _unknown_person(case, path, party)
        person = persons.get(party)
        if person is not None and person.get("guardian") is None and _is_minor(person, day):
            yield Fault(
                path,
                "guardian_missing",
                "Diese Person ist minderjährig (oder es lässt sich nach dem Geburtsdatum nicht ausschließen); "
                "bitte bei ihr unter guardian eine volljährige Person des Falles nennen.",
                "This person is a minor (or the birth date does not rule it out); please name an adult person of "
                "the case as their guardian.",
            )
    yield from _duplicates(
        (f"agreement.representatives[{index}]", _full_name(person))
        for index, person in _records(agreement, "representatives")
    )
    required, named = agreement.get("city_signatures_required"), agreement.get("representatives")
    if isinstance(required, int) and isinstance(named, list) and required > len(named):
        yield Fault(
            "agreement.city_signatures_required",
            "too_many_signatures",
            f"Es sind {required} Unterschriften der Stadt verlangt, aber nur {len(named)} Vertretung genannt.",
            f"{required} signatures of the city are required, but only {len(named)} representative is named.",
            "1",
        )


def _annex_faults(annex: Json, agreed_on: date | None) -> Iterator[Fault]:
    annex_day = _day(annex, "date")
    if annex_day and agreed_on and annex_day < agreed_on:
        yield Fault(
            "annex.date",
            "annex_before_agreement",
            "Die Anlage liegt vor dem Datum der Vereinbarung, zu der sie gehört.",
            "The annex is dated before the agreement it belongs to.",
            agreed_on.isoformat(),
        )
    start = _text(_record(annex, "next_appointment"), "start")
    since = annex_day or agreed_on
    if start and since and datetime.fromisoformat(start).date() < since:
        yield Fault(
            "annex.next_appointment.start",
            "appointment_in_the_past",
            "Der nächste Termin liegt vor dem Datum der Anlage oder der Vereinbarung.",
            "The next appointment is earlier than the date of the annex or the agreement.",
            "2026-12-10T14:30+01:00",
        )


def _plan_faults(case: Json, plan: Json) -> Iterator[Fault]:
    yield from _order_faults(plan, "created_jointly_on", "review_date", "help_plan")
    yield from _order_faults(plan, "predecessor_date", "created_jointly_on", "help_plan")
    version = plan.get("version")
    if isinstance(version, int) and version > 1 and plan.get("predecessor_date") is None:
        yield Fault(
            "help_plan.predecessor_date",
            "predecessor_missing",
            "Eine Fortschreibung (version ab 2) nennt das Datum des vorigen Hilfeplans.",
            "A continuation (version 2 and up) names the date of the help plan before it.",
            "2026-12-03",
        )
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
        yield Fault(
            f"{path}.responsible_person",
            "person_not_expected",
            "Eine einzelne Person wird nur genannt, wenn responsible auf client steht.",
            "A single person is named only when responsible is client.",
        )


def _order_faults(record: Json, first: str, second: str, path: str) -> Iterator[Fault]:
    begin, end = _day(record, first), _day(record, second)
    if begin and end and end < begin:
        yield Fault(
            f"{path}.{second}",
            "dates_out_of_order",
            f"{second} liegt vor {first}.",
            f"{second} is earlier than {first}.",
        )


def _duplicates(values: Iterable[tuple[str, str | None]]) -> Iterator[Fault]:
    first: dict[str, str] = {}
    for path, value in values:
        if value is not None and first.setdefault(value, path) != path:
            yield Fault(
                path,
                "duplicate",
                f"Dieser Eintrag steht schon bei {first[value]}; jeder darf nur einmal vorkommen.",
                f"This entry already stands at {first[value]}; each may occur only once.",
            )


def _unknown_person(case: Json, path: str, person_id: str) -> Iterator[Fault]:
    """A fault when nobody has this id; silent as long as some person's id is itself faulty."""
    people = case.get("persons")
    if not isinstance(people, list) or len(people) != len([person for person in people if _has_id(person)]):
        return
    if person_id not in _by_id(case):
        yield Fault(
            path,
            "unknown_person",
            "Keine Person des Falles hat diese Kennung; erwartet wird die id eines Eintrags unter persons.",
            "No person of the case has this id; the id of an entry under persons is expected.",
        )


def _is_minor(person: Json, day: date | None) -> bool:
    """Whether the person is, or may be, under age. Without a birth date, or with one after the agreement (a fault of
    its own), someone is taken for an adult."""
    born = _birth(person)
    return born is not None and day is not None and born.earliest <= day and born.age_on(day) < ADULT


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
