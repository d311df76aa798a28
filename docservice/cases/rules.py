"""The rules that tie fields of a case together: references, ages, dates in order, nothing named twice.

They run on the JSON of the case even when parts of it are faulty: a value that did not pass its own check stands as
`UNJUDGED`, and a rule that would need it says nothing. So one answer holds all faults that can be judged.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime
from typing import Any, Final

from docservice.cases.fields import LEAVE_OUT, is_placeholder
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
            yield Fault(
                f"persons[{index}].birth_date",
                "namesakes",
                "Mehrere Personen dieses Falles werden mit demselben Namen gedruckt, und ihre Geburtsdaten "
                "unterscheiden sie nicht. Bitte bei allen das Geburtsdatum ergänzen oder einen Namenszusatz angeben "
                "(name_suffix, etwa jun.); ist es dieselbe Person, nur einen Eintrag behalten.",
                "Several people of this case are printed with the same name, and their birth dates do not tell them "
                "apart. Please complete the birth date of each, or give a suffix (name_suffix, as jun.); if it is one "
                "person, keep one entry only.",
                "1984-03-09",
            )
    seen: set[str] = set()
    for index, representative in enumerate(case.agreement.representatives):
        if representative.given_names is None and name_alone(representative).casefold() in seen:
            yield Fault(
                f"agreement.representatives[{index}].given_names",
                "namesakes",
                "Beide Vertretungen der Stadt werden mit demselben Namen gedruckt; bitte die Vornamen ergänzen.",
                "Both representatives are printed with the same name; please add their given names.",
                "Petra",
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
        yield Fault(
            f"{path}.{family}",
            "missing",
            f"Hier fehlt ein Name: {family} oder {given} wird gebraucht; eines von beiden genügt.",
            f"A name is missing here: {family} or {given} is needed; one of them is enough.",
            "Zabihullah" if family.startswith("legal") else "Анна",
        )


def _placeholders(record: Json, path: str, *names: str) -> Iterator[Fault]:
    for name in names:
        text = _text(record, name)
        if text is not None and is_placeholder(text):
            yield Fault(f"{path}.{name}", LEAVE_OUT.code, LEAVE_OUT.de, LEAVE_OUT.en)


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
        yield Fault(
            path,
            "own_guardian",
            "Niemand vertritt sich selbst; bitte eine andere Person des Falles nennen.",
            "Nobody is their own guardian; please name another person of the case.",
        )
    elif guardian is not None and (_is_minor(guardian, day) or any(_guardians(guardian, ""))):
        yield Fault(
            path,
            "guardian_not_able",
            "Gesetzlich vertreten kann nur eine volljährige Person, die nicht selbst vertreten wird.",
            "Only an adult who is not represented by a guardian can be a guardian.",
        )
    elif guardian is not None and day is not None and _age_is_open(guardian, day):
        yield Fault(
            path,
            "age_unclear",
            "Das Geburtsdatum der Person, die hier vertritt, lässt offen, ob sie am Tag der Vereinbarung volljährig "
            "ist. Bitte bei ihr den Tag ergänzen oder die Volljährigkeit feststellen (of_age: true).",
            "The birth date of the person who represents here leaves open whether they are of age (18) on the day of "
            "the agreement. Please complete it, or state that they are of age (of_age: true).",
        )


def _capacity_faults(person: Json, path: str, day: date | None, *, guarded: bool) -> Iterator[Fault]:
    """What does not fit between who is represented and in which capacity: parents and guardians represent minors
    (§§ 1626, 1629, 1773 BGB), a Betreuung an adult within its scope (§§ 1814, 1815 BGB)."""
    kind, scope = person.get("guardian_kind"), person.get("guardian_scope")
    if not guarded and person.get("guardian") is None and (kind is not None or scope is not None):
        yield Fault(
            path,
            "guardian_missing",
            "Es ist angegeben, wie vertreten wird, aber nicht durch wen; bitte die id der Person nennen.",
            "It is stated in which capacity somebody represents, but not who does; please name the person's id.",
        )
    if kind == "betreuung" and scope is None:
        yield Fault(
            f"{path}_scope",
            "scope_missing",
            "Eine rechtliche Betreuung vertritt nur in ihrem Aufgabenkreis; bitte den Aufgabenkreis angeben.",
            "A Betreuung represents within its scope alone; please state the scope (Aufgabenkreis).",
            "Vermögenssorge, Behördenangelegenheiten",
        )
    if kind is not UNJUDGED and kind != "betreuung" and scope is not None:
        yield Fault(
            f"{path}_scope",
            "scope_not_expected",
            "Einen Aufgabenkreis gibt es nur bei einer rechtlichen Betreuung (guardian_kind: betreuung).",
            "Only a Betreuung has a scope (guardian_kind: betreuung).",
        )
    if guarded and day is not None:
        yield from _age_faults(person, path, day, kind)


def _age_faults(person: Json, path: str, day: date, kind: object) -> Iterator[Fault]:
    minor = _minority(person, day)
    if minor is False and kind in (None, "parents", "guardian"):
        yield Fault(
            path,
            "represented_adult",
            "Diese Person ist am Tag der Vereinbarung volljährig und unterschreibt selbst. Bitte guardian weglassen, "
            "oder, wenn eine rechtliche Betreuung besteht, guardian_kind betreuung und den Aufgabenkreis angeben.",
            "This person is of age (18) on the day of the agreement and signs in person. Please leave guardian out, "
            "or, if there is a Betreuung, state guardian_kind betreuung and its scope.",
        )
    if kind == "betreuung" and _age_is_open(person, day):
        yield Fault(
            f"{path}_kind",
            "age_unclear",
            "Eine rechtliche Betreuung gibt es nur für Volljährige, und das Geburtsdatum lässt offen, ob diese Person "
            "es am Tag der Vereinbarung ist. Bitte den Tag ergänzen oder die Volljährigkeit feststellen "
            "(of_age: true).",
            "A Betreuung is for adults alone, and the birth date leaves open whether this person is one on the day of "
            "the agreement. Please complete it, or state that the person is of age (of_age: true).",
        )
    if minor is True and kind == "betreuung":
        yield Fault(
            f"{path}_kind",
            "betreuung_of_minor",
            "Eine rechtliche Betreuung gibt es nur für Volljährige; diese Person ist minderjährig. Es vertreten die "
            "Eltern (parents) oder Vormund und Pflegschaft (guardian).",
            "A Betreuung is for adults alone, and this person is a minor. Parents (parents) or a guardian (guardian) "
            "represent here.",
        )


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
        yield Fault(
            "agreement.city_signatures_required",
            "too_many_signatures",
            f"Es sind {required} Unterschriften der Stadt verlangt, aber nur {len(named)} Vertretung genannt.",
            f"{required} signatures of the city are required, but only {len(named)} representative is named.",
            "1",
        )


def _staff_placeholders(person: Json, path: str) -> Iterator[Fault]:
    """Who represents or interprets has a family name; given names may be left out."""
    family = _text(person, "family_name")
    if family is not None and is_placeholder(family):
        yield Fault(
            f"{path}.family_name",
            LEAVE_OUT.code,
            "Ein Platzhalter ist kein Name; bitte den Familiennamen eingeben.",
            "A placeholder is no name; please type the family name.",
            "Sander",
        )
    yield from _placeholders(person, path, "given_names")


def _unrepresented(person: Json, path: str, day: date) -> Iterator[Fault]:
    minor = _minority(person, day)
    if minor is True:
        yield Fault(
            path,
            "guardian_missing",
            "Diese Person ist minderjährig; bitte bei ihr unter guardian nennen, wer sie gesetzlich vertritt (bei "
            "gemeinsamer Sorge beide Eltern).",
            "This person is a minor; please name under guardian who represents them (both parents where they have "
            "custody together).",
            '["anna", "igor"]',
        )
    if _age_is_open(person, day):
        yield Fault(
            path,
            "age_unclear",
            "Das Geburtsdatum lässt offen, ob diese Person am Tag der Vereinbarung volljährig ist. Bitte den Tag "
            "ergänzen, eine Vertretung nennen (guardian) oder die Volljährigkeit feststellen (of_age: true).",
            "The birth date leaves open whether this person is of age (18) on the day of the agreement. Please "
            "complete it, name a guardian, or state that the person is of age (of_age: true).",
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
