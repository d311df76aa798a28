"""The intake: every fault of a case file in one answer, none of its values in that answer."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Callable
from datetime import date
from typing import Any, cast

import pytest

from docservice.cases.intake import case_schema, case_to_json, example_case, parse_case
from docservice.cases.snapshots import CURRENT, load
from docservice.domain.cases import Case
from docservice.domain.errors import Fault, InvalidInput
from docservice.domain.text.names import letters, normalise
from tests.support.fixtures import CASES, case_names, load_case

Json = dict[str, Any]


def faults_of(payload: object, today: date | None = None) -> tuple[Fault, ...]:
    with pytest.raises(InvalidInput) as refused:
        parse_case(payload, today=today)
    return refused.value.faults


def miller(change: Callable[[Json], object]) -> Json:
    """The Miller family with one change."""
    payload = load_case("01-miller")
    change(payload)
    return payload


def found(payload: object) -> set[tuple[str, str]]:
    return {(fault.path, fault.code) for fault in faults_of(payload)}


@pytest.mark.parametrize("name", case_names())
def test_each_family_is_taken_and_written_back_as_the_same_case(name: str) -> None:
    case = parse_case(load_case(name))
    written = case_to_json(case)
    assert parse_case(written) == case
    assert parse_case(json.loads(json.dumps(written))) == case


def test_the_names_of_the_miller_family_are_kept_as_given() -> None:
    case = parse_case(load_case("01-miller"))
    anna = case.person("anna")
    assert [person.id for person in case.parties] == ["anna", "igor"]
    assert anna.original_script_names[0].patronymic == "Петровна"
    assert case.annex.next_appointment is not None
    assert case.annex.next_appointment.start.isoformat() == "2026-12-10T14:30:00+01:00"
    assert case.agreement.date == date(2026, 12, 3)


def test_the_longest_name_has_69_letters_and_decomposed_names_are_composed() -> None:
    heydt = parse_case(load_case("07-heydt")).person("maximiliane")
    printed = f"{heydt.legal_given_names} {heydt.name_prefix} {heydt.legal_family_name}"
    assert len(letters(printed)) == 69
    names = [person.legal_family_name or "" for person in parse_case(load_case("12-hard-names")).persons]
    assert "Müller" in names
    assert all(name == normalise(name) for name in names)


def test_text_that_looks_like_code_is_kept_to_the_letter() -> None:
    payload = load_case("11-hostile-text")
    case = parse_case(payload)
    sent = [goal["de"] for goal in payload["agreement"]["goals"]]
    assert [goal.de for goal in case.agreement.goals] == sent
    assert len(case.annex.work_steps[0].what.de) == 3000


def test_line_breaks_of_browsers_become_single_line_feeds() -> None:
    case = parse_case(miller(lambda c: c["agreement"]["goals"][0].update(de="eins\r\nzwei")))
    assert case.agreement.goals[0].de == "eins\nzwei"


INVALID: dict[str, set[tuple[str, str]]] = {
    "latin-e-in-cyrillic": {("persons[1].original_script_names[0].family_name", "character_not_allowed")},
    "cyrillic-a-in-latin": {("persons[0].legal_given_names", "character_not_allowed")},
    "right-to-left-override": {
        ("persons[0].legal_family_name", "character_not_allowed"),
        ("agreement.goals[0].de", "character_not_allowed"),
    },
    "emoji": {
        ("annex.work_steps[0].what.translations.ru", "character_not_allowed"),
        ("help_plan.goals[0].title.de", "character_not_allowed"),
    },
    "invisible-characters": {
        ("persons[0].legal_family_name", "character_not_allowed"),
        ("persons[1].legal_family_name", "character_not_allowed"),
        ("persons[2].legal_given_names", "character_not_allowed"),
        ("annex.work_steps[1].what.de", "character_not_allowed"),
    },
    "letters-outside-din-91379": {
        (f"persons[{index}].legal_{part}", "character_not_allowed")
        for index, part in enumerate(("given_names", "family_name", "given_names", "given_names"))
    },
    "minor-with-minor-guardian": {("persons[2].guardian", "guardian_not_able")},
    "time-that-does-not-exist": {("annex.next_appointment.start", "no_such_time")},
    "missing-parts": {("persons", "not_a_list"), ("agreement", "missing")},
    "many-faults": {
        ("persons[1].legal_given_names", "space_at_edge"),
        ("persons[1].birth_date", "no_such_day"),
        ("persons[1].birthdate", "unknown_field"),
        ("agreement.representatives", "too_few"),
        ("agreement.city_signatures_required", "out_of_range"),
        ("annex.date", "date_form"),
        ("annex.work_steps[0].what.translations.xx", "unknown_language"),
        ("annex.work_steps[1].what.de", "empty"),
        ("annex.next_appointment.start", "offset_missing"),
        ("help_plan.goals[0].measures[0].responsible", "missing"),
        ("help_plan.goals[0].measures[0].deadline", "missing"),
        ("help_plan.goals[2].area", "unknown_value"),
        ("help_plan.goals[3].situation.de", "too_long"),
        ("persons[2].id", "duplicate"),
        ("persons[0].birth_date", "birth_after_agreement"),
        ("persons[2].guardian", "own_guardian"),
        ("persons[3].guardian", "unknown_person"),
        ("agreement.parties[2]", "duplicate"),
        ("agreement.parties[3]", "unknown_person"),
        ("help_plan.review_date", "dates_out_of_order"),
        ("help_plan.goals[1].measures[0].responsible_person", "unknown_person"),
    },
}


@pytest.mark.parametrize("name", sorted(path.stem for path in (CASES / "invalid").glob("*.json")))
def test_an_invalid_file_is_answered_with_exactly_its_faults(name: str) -> None:
    faults = faults_of(load_case(f"invalid/{name}"))
    assert {(fault.path, fault.code) for fault in faults} == INVALID[name]
    for fault in faults:
        assert fault.de
        assert fault.en
        assert fault.de != fault.en


_CANARY = "Kanarienvogel"


def _spoilt(node: Any) -> Any:
    if isinstance(node, dict):
        return {key: _spoilt(value) for key, value in node.items()} | {_CANARY: "x", f"{_CANARY} x": "x"}
    if isinstance(node, list):
        return [_spoilt(value) for value in node]
    return f"{_CANARY}\u202e"


@pytest.mark.parametrize("part", [None, *load_case("01-miller")])
def test_the_answer_names_the_letter_but_never_the_value(part: str | None) -> None:
    """Of a case of which everything is wrong, or all of one part."""
    case = load_case("01-miller")
    payload = _spoilt(case) if part is None else case | {part: _spoilt(case[part])}
    with pytest.raises(InvalidInput) as refused:
        parse_case(payload)
    assert _CANARY not in str(refused.value)
    assert _CANARY not in refused.value.detail + refused.value.detail_de
    assert _CANARY not in repr(refused.value.faults)
    assert refused.value.__cause__ is None


@pytest.mark.parametrize("payload", [None, [], "x", 7, True, {}, [[]], {"persons": None}])
def test_anything_that_is_no_case_is_refused(payload: object) -> None:
    assert faults_of(payload)


def test_a_document_nested_beyond_reason_is_one_fault() -> None:
    deep: object = "x"
    for _ in range(5000):
        deep = [deep]
    (fault,) = faults_of({"persons": deep})
    assert (fault.path, fault.code) == ("case", "too_deep")


def test_thousands_of_unknown_fields_are_counted_and_the_first_fifty_listed() -> None:
    case = example_case() | {f"unknown{number}": 1 for number in range(20_000)}
    with pytest.raises(InvalidInput) as refused:
        parse_case(case)
    assert len(refused.value.faults) == 50
    assert refused.value.detail.startswith("20000 fault(s) in: case, ")
    assert refused.value.detail.endswith(" and 19950 more places.")
    assert refused.value.detail_de.endswith(" und an 19950 weiteren Stellen.")


def test_for_the_first_five_unknown_fields_a_known_one_is_suggested() -> None:
    typed = ["case_numbr", "agreemnt", "family_nam", "given_name", "birth_dat", "salutatio", "languag"]
    faults = faults_of(example_case() | dict.fromkeys(typed, 1))
    assert ["Perhaps" in fault.en for fault in faults] == 5 * [True] + 2 * [False]
    assert ["Gemeint ist" in fault.de for fault in faults] == 5 * [True] + 2 * [False]


def test_a_case_of_half_a_million_characters_is_one_fault() -> None:
    (fault,) = faults_of(miller(lambda c: c.update(notes="x" * 500_000)))
    assert (fault.path, fault.code) == ("case", "too_large")


def put(payload: Json, path: str, value: object) -> None:
    """Set the field that a fault path names; "..." takes it away."""
    *parents, last = [int(step) if step.isdigit() else step for step in re.findall(r"[^.\[\]]+", path)]
    node: Any = payload
    for step in parents:
        node = node[step]
    if value is ...:
        del node[last]
    elif isinstance(node, list) and last == len(node):
        node.append(value)
    else:
        node[last] = value


ORIGINAL = ("family_name", "given_names")
STEP = {"what": {"de": "Text"}}
START = "annex.next_appointment.start"


@pytest.mark.parametrize(
    ("path", "value", "code"),
    [
        ("persons[0].legal_family_name", "x" * 121, "too_long"),
        ("persons[0].legal_family_name", "", "empty"),
        ("persons[0].legal_family_name", "-", "no_letter"),
        ("agreement.representatives[0].family_name", None, "not_text"),
        ("agreement.representatives[0].family_name", "LNU", "placeholder"),
        ("agreement.representatives[0].given_names", "unbekannt", "placeholder"),
        ("persons[0].legal_given_names", "A  B", "space_doubled"),
        ("persons[0].legal_given_names", "Anna ", "space_at_edge"),
        ("persons[0].salutation", "Frau", "unknown_value"),
        ("persons[0].birth_date", "09.03.1984", "date_form"),
        ("persons[0].birth_date", "1084", "date_range"),
        ("persons[0].birth_date", "1984-02-30", "no_such_day"),
        ("persons[0].birth_date", 1984, "date_form"),
        ("persons[0].birth_date", "2026-12-04", "birth_after_agreement"),
        ("persons[0].phone", "1\n2", "line_break"),
        ("persons[0].languages[1]", "ru", "duplicate"),
        ("persons[0].languages[1]", "qq", "unknown_language"),
        ("persons[0].needs_interpreter", "yes", "not_a_boolean"),
        ("persons[0].legal_status[0].code", "X", "unknown_status"),
        ("persons[0].legal_status[0].valid_to", "2026-09-13", "dates_out_of_order"),
        ("persons[0].original_script_names[0].script", "Latn", "unknown_value"),
        ("persons[2].guardian", "lena", "own_guardian"),
        ("persons[2].guardian", "max", "guardian_not_able"),
        ("persons[2].guardian", "oma", "unknown_person"),
        ("persons", [], "too_few"),
        ("agreement.parties", [], "too_few"),
        ("agreement.parties", ["anna"] * 21, "too_many"),
        ("agreement.parties[1]", "anna", "duplicate"),
        ("agreement.representatives[2]", {"family_name": "X"}, "too_many"),
        ("agreement.city_signatures_required", 0, "out_of_range"),
        ("agreement.city_signatures_required", "1", "not_a_number"),
        ("agreement.date", "2026-02-31", "no_such_day"),
        ("agreement.date", "2026-12-03T00:00", "date_form"),
        ("agreement.place", "", "empty"),
        ("annex.date", "2026-12-02", "annex_before_agreement"),
        ("annex.number", True, "not_a_number"),
        ("annex.work_steps", [STEP] * 51, "too_many"),
        ("annex.work_steps", "Text", "not_a_list"),
        ("annex.work_steps[0].what", "Text", "not_an_object"),
        ("annex.work_steps[0].what.de", " \n ", "empty"),
        ("annex.work_steps[0].what.de", "a\tb", "character_not_allowed"),
        ("annex.work_steps[0].what.translations.de", "x", "unknown_language"),
        (START, "2026-12-02T10:00+01:00", "appointment_in_the_past"),
        (START, "2026-12-10 14:30", "time_form"),
        (START, "2026-12-10T14:30", "offset_missing"),
        (START, "2026-12-10T25:30+01:00", "no_such_time"),
        (START, "2027-03-28T02:30+01:00", "no_such_time"),
        (START, "2027-03-28T02:30+02:00", "no_such_time"),
        (START, "2027-06-10T14:30+01:00", "offset_wrong"),
        (START, "2026-12-10T14:30Z", "offset_wrong"),
        ("help_plan", ..., "missing"),
        ("help_plan.predecessor_date", "2027-01-01", "dates_out_of_order"),
        ("help_plan.goals[0].measures[0].deadline", ..., "missing"),
        ("help_plan.goals[0].measures[0].deadline", "2026-12-06", "dates_out_of_order"),
        ("help_plan.goals[0].measures[0].responsible", ..., "missing"),
        ("help_plan.goals[0].measures[1].responsible_person", "anna", "person_not_expected"),
        ("case_number", "Müller/1", "case_number_form"),
        ("interpreter.family_name", "Berg\u200ber", "character_not_allowed"),
    ],
)
def test_one_slip_is_one_fault_at_its_path(path: str, value: object, code: str) -> None:
    expected = path.replace("predecessor_date", "created_jointly_on").removesuffix("[2]")
    assert found(miller(lambda case: put(case, path, value))) == {(expected, code)}


@pytest.mark.parametrize("absent", ["legal_family_name", "legal_given_names"])
def test_who_has_one_name_has_it_in_either_field(absent: str) -> None:
    payload = miller(lambda c: c["persons"][0].pop(absent))
    case = parse_case(payload)
    assert getattr(case.persons[0], absent) is None
    assert absent not in cast("list[Json]", case_to_json(case)["persons"])[0]
    assert load(CURRENT, case_to_json(case)) == case
    assert parse_case(miller(lambda c: c["persons"][0].update({absent: None}))) == case


def test_only_what_can_be_told_can_be_confirmed() -> None:
    assert found(miller(lambda c: c.update(confirmed_warnings=["everything"]))) == {
        ("confirmed_warnings[0]", "unknown_value")
    }


@pytest.mark.parametrize(
    ("born", "asked"),
    [
        (("1970-01-01", "1999"), False),
        (("1970-01-01", "1970-01-02"), False),
        (("1970-01-01", "1970-01-01"), True),
        (("1970-01-01", "1970"), True),
        (("1970-01-01", None), True),
        ((None, None), True),
    ],
)
def test_namesakes_whom_no_birth_date_tells_apart_are_asked_about(born: tuple[str | None, ...], asked: bool) -> None:
    def twins(case: Json) -> None:
        del case["persons"][1]["original_script_names"]
        for one, day in zip(case["persons"], born, strict=False):
            one |= {"legal_family_name": "Khan", "legal_given_names": "AHMAD" if day else "Ahmad", "birth_date": day}

    if asked:
        assert found(miller(twins)) == {(f"persons[{index}].birth_date", "namesakes") for index in (0, 1)}
    else:
        assert [person.legal_family_name for person in parse_case(miller(twins)).parties] == ["Khan", "Khan"]


def test_representatives_of_one_family_name_are_told_apart_by_their_given_names() -> None:
    same = [{"family_name": "Sander"}, {"family_name": "Sander"}]
    path = "agreement.representatives[1].given_names"
    assert found(miller(lambda c: c["agreement"].update(representatives=same))) == {(path, "namesakes")}


def test_names_that_differ_in_signs_alone_are_nobodys_question() -> None:
    def alike(case: Json) -> None:
        for one, given in zip(case["persons"], ("José", "Jose"), strict=False):
            one |= {"legal_given_names": given, "birth_date": None, "original_script_names": []}

    assert [person.legal_given_names for person in parse_case(miller(alike)).parties] == ["José", "Jose"]


def test_nobody_is_without_any_name() -> None:
    (fault,) = faults_of(miller(lambda c: c["persons"][0].update(legal_family_name=None, legal_given_names=None)))
    assert (fault.path, fault.code) == ("persons[0].legal_family_name", "missing")
    assert "legal_given_names" in fault.de
    nameless = miller(lambda c: [c["persons"][0]["original_script_names"][0].pop(part, None) for part in ORIGINAL])
    assert found(nameless) == {("persons[0].original_script_names[0].family_name", "missing")}


@pytest.mark.parametrize(
    "text",
    [
        *(
            "XXX",
            "xxxxx",
            "FNU",
            "L.N.U.",
            "Unbekannt",
            "N.N.",
            "Kein Vorname",
            "Vorname unbekannt",
            "GIVEN NAME UNKNOWN",
        )
    ],
)
@pytest.mark.parametrize("field", ["legal_family_name", "legal_given_names"])
def test_what_a_passport_prints_for_no_name_is_explained(field: str, text: str) -> None:
    (fault,) = faults_of(miller(lambda c: c["persons"][0].update({field: text})))
    assert (fault.path, fault.code) == (f"persons[0].{field}", "placeholder")
    assert "weglassen" in fault.de
    assert "leave the other out" in fault.en


@pytest.mark.parametrize("text", ["-", "--", ".", "- -"])
def test_a_name_without_a_letter_is_explained_in_the_same_words(text: str) -> None:
    (fault,) = faults_of(miller(lambda c: c["persons"][0].update(legal_given_names=text)))
    assert fault.code == "no_letter"
    assert "weglassen" in fault.de
    original = "persons[0].original_script_names[0].given_names"
    assert found(miller(lambda c: put(c, original, "-"))) == {(original, "placeholder")}


@pytest.mark.parametrize("text", ["X", "Ng", "O", "Xu", "Le", "Max", "Na", "No", "No Thi", "Ohne", "Brak"])
def test_short_names_are_names(text: str) -> None:
    case = parse_case(miller(lambda c: c["persons"][0].update(legal_family_name=text)))
    assert case.persons[0].legal_family_name == text


def test_more_signatures_than_representatives_cannot_be_asked_for() -> None:
    both = parse_case(miller(lambda c: put(c, "agreement.city_signatures_required", 2)))
    assert both.agreement.city_signatures_required == 2
    alone = load_case("08-lea")
    put(alone, "agreement.city_signatures_required", 2)
    assert found(alone) == {("agreement.city_signatures_required", "too_many_signatures")}


def test_a_continued_plan_names_its_predecessor() -> None:
    assert found(miller(lambda c: put(c, "help_plan.version", 2))) == {
        ("help_plan.predecessor_date", "predecessor_missing")
    }


def test_structure_and_meaning_are_judged_in_one_answer() -> None:
    def change(case: Json) -> None:
        case["persons"][1]["legal_family_name"] = 3
        case["agreement"]["parties"].append("nobody")

    assert found(miller(change)) == {
        ("persons[1].legal_family_name", "not_text"),
        ("agreement.parties[2]", "unknown_person"),
    }


def test_a_reference_is_not_blamed_while_an_id_is_faulty() -> None:
    assert found(miller(lambda c: c["persons"][1].update(id="i g o r"))) == {("persons[1].id", "id_form")}


def test_all_refused_characters_of_a_value_are_one_fault_that_names_the_first() -> None:
    (fault,) = faults_of(miller(lambda c: c["persons"][0].update(legal_family_name="Сокoлов")))
    assert "Zeichen 1 ist ein kyrillisches С" in fault.de
    assert "Character 1 is a Cyrillic С" in fault.en
    assert fault.de.endswith("Dazu 3 weitere Zeichen.")


def test_a_misspelt_field_is_told_its_name() -> None:
    (fault,) = faults_of(miller(lambda c: c["persons"][0].update(salutaton="frau")))
    assert fault.path == "persons[0].salutaton"
    assert "salutation" in fault.de


@pytest.mark.parametrize("start", ["2027-10-31T02:30+02:00", "2027-10-31T02:30+01:00", "2027-03-28T03:00+02:00"])
def test_the_hour_that_comes_twice_is_told_apart_by_its_offset(start: str) -> None:
    case = parse_case(miller(lambda c: c["annex"]["next_appointment"].update(start=start)))
    assert case.annex.next_appointment is not None
    assert case.annex.next_appointment.start.isoformat(timespec="minutes") == start


def test_who_is_a_minor_is_judged_on_the_day_of_the_agreement() -> None:
    lea = load_case("08-lea")
    assert parse_case(lea).person("lea").guardian == ("anna",)
    del lea["persons"][0]["guardian"]
    assert found(lea) == {("agreement.parties[0]", "guardian_missing")}
    lea["agreement"]["date"] = lea["annex"]["date"] = "2029-04-21"
    lea["annex"].pop("next_appointment")
    assert not parse_case(lea).person("lea").guardian


def test_without_an_agreement_date_today_decides_and_without_today_nothing_is_claimed() -> None:
    lea = load_case("08-lea")
    del lea["persons"][0]["guardian"]
    lea["agreement"]["date"] = None
    assert parse_case(lea).agreement.date is None
    assert [fault.code for fault in faults_of(lea, date(2026, 12, 3))] == ["guardian_missing"]
    assert parse_case(lea, today=date(2029, 4, 21)).person("lea").guardian == ()


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("00.00.1975", "1975"),
        ("1975-00-00", "1975"),
        ("1975-00", "1975"),
        ("00.05.1975", "1975-05"),
        ("1975-05-00", "1975-05"),
        ("XX.XX.1975", "1975"),
        ("1975-XX-XX", "1975"),
        ("xx.05.1975", "1975-05"),
        ("00/00/1975", "1975"),
    ],
)
def test_zeros_of_a_register_are_unknown_parts_never_a_first_of_january(written: str, kept: str) -> None:
    case = parse_case(miller(lambda c: c["persons"][0].update(birth_date=written)))
    assert case_to_json(case)["persons"][0]["birth_date"] == kept  # type: ignore[index]


@pytest.mark.parametrize(
    "born",
    ["00-00-1975", "1975-XX-12", "00.13.1975", "0000-00-00", "12.00.1975", "1975-13-00", "00/05.1975", "XXXX-05"],
)
def test_what_is_no_partial_date_is_refused(born: str) -> None:
    assert found(miller(lambda c: c["persons"][0].update(birth_date=born))) in (
        {("persons[0].birth_date", "date_form")},
        {("persons[0].birth_date", "no_such_day")},
    )


def test_other_dates_are_whole_days() -> None:
    (fault,) = faults_of(miller(lambda c: c["help_plan"].update(review_date="2027-06-00")))
    assert (fault.path, fault.code) == ("help_plan.review_date", "date_form")
    assert "ohne Nullen" in fault.de


# -- who signs for whom ------------------------------------------------------------------------------------------------


def lea(**changes: object) -> dict[str, Any]:
    """Lea, born on 21 April 2011, a party on 3 December 2026, her parents Anna and Igor; None takes a field away."""
    case = load_case("08-lea")
    case["persons"].append({"id": "igor", "legal_family_name": "Jäger", "legal_given_names": "Igor"})
    child = case["persons"][0]
    child.update(changes)
    for name in [name for name, value in child.items() if value is None]:
        del child[name]
    return case


def test_the_day_somebody_comes_of_age_nobody_signs_in_their_place() -> None:
    parse_case(lea(birth_date="2008-12-04"))
    (fault,) = faults_of(lea(birth_date="2008-12-03"))
    assert (fault.path, fault.code) == ("persons[0].guardian", "represented_adult")
    assert "volljährig" in fault.de
    assert "betreuung" in fault.de
    assert "2008" not in fault.de + fault.en


def test_the_office_is_asked_for_an_age_that_the_birth_date_leaves_open() -> None:
    assert found(lea(birth_date="2008", guardian=None)) == {("agreement.parties[0]", "age_unclear")}
    assert found(lea(birth_date="2008-00-00", guardian=None)) == {("agreement.parties[0]", "age_unclear")}
    assert found(lea(birth_date="2008-12", guardian=None)) == {("agreement.parties[0]", "age_unclear")}
    parse_case(lea(birth_date="2008", guardian=None, of_age=True))
    assert found(lea(birth_date="2008", guardian=None, of_age=False)) == {("agreement.parties[0]", "guardian_missing")}
    parse_case(lea(birth_date="2007-00-00", guardian=None))
    parse_case(lea(birth_date="2008"))  # somebody represents: taken for the minor they may be
    assert found(lea(birth_date="2008", of_age=True)) == {("persons[0].guardian", "represented_adult")}


def test_the_office_is_asked_for_the_age_of_who_represents_and_of_a_ward() -> None:
    def with_mother(**changes: object) -> Json:
        case = lea()
        next(person for person in case["persons"] if person["id"] == "anna").update(changes)
        return case

    assert found(with_mother(birth_date="2008")) == {("persons[0].guardian", "age_unclear")}
    parse_case(with_mother(birth_date="2008", of_age=True))
    ward: dict[str, object] = {"birth_date": "2008", "guardian_kind": "betreuung", "guardian_scope": "Wohnen"}
    assert found(lea(**ward)) == {("persons[0].guardian_kind", "age_unclear")}
    parse_case(lea(**ward, of_age=True))
    assert found(lea(birth_date="2008", guardian=None, of_age="true")) == {("persons[0].of_age", "not_a_boolean")}


def test_no_guardian_may_be_written_as_null() -> None:
    grown = lea(birth_date="1990-01-01", guardian=None)
    grown["persons"][0]["guardian"] = None
    assert parse_case(grown).person("lea").guardian == ()


def test_parents_represent_together() -> None:
    case = parse_case(lea(guardian=["anna", "igor"], guardian_kind="parents"))
    assert case.person("lea").guardian == ("anna", "igor")
    assert parse_case(case_to_json(case)) == case
    assert case_to_json(parse_case(lea()))["persons"][0]["guardian"] == "anna"  # type: ignore[index]


@pytest.mark.parametrize(
    ("guardian", "path", "code"),
    [
        ([], "persons[0].guardian", "guardian_form"),
        (["anna", "igor", "oma"], "persons[0].guardian", "guardian_form"),
        (7, "persons[0].guardian", "guardian_form"),
        (["anna", "ig or"], "persons[0].guardian", "id_form"),
        (["anna", "anna"], "persons[0].guardian[1]", "duplicate"),
        (["anna", "oma"], "persons[0].guardian[1]", "unknown_person"),
        (["lea", "anna"], "persons[0].guardian[0]", "own_guardian"),
    ],
)
def test_a_guardian_is_one_or_two_other_persons_of_the_case(guardian: object, path: str, code: str) -> None:
    assert found(lea(guardian=guardian)) == {(path, code)}


def test_a_betreuung_is_for_adults_and_has_a_scope() -> None:
    scope = "Vermögenssorge"
    ward = {"birth_date": "1980-05-05", "guardian_kind": "betreuung"}
    assert found(lea(**ward)) == {("persons[0].guardian_scope", "scope_missing")}
    parse_case(lea(**ward, guardian_scope=scope))
    assert found(lea(guardian_kind="betreuung", guardian_scope=scope)) == {
        ("persons[0].guardian_kind", "betreuung_of_minor")
    }
    assert found(lea(guardian_scope=scope)) == {("persons[0].guardian_scope", "scope_not_expected")}
    assert found(lea(**ward, guardian_scope=scope, guardian=None)) == {("persons[0].guardian", "guardian_missing")}


def test_the_schema_describes_the_families_and_its_example_is_valid() -> None:
    schema = case_schema()
    assert isinstance(parse_case(schema["examples"][0]), Case)
    properties = schema["properties"]
    for name in case_names():
        assert set(load_case(name)) <= set(properties)
    assert schema["additionalProperties"] is False
    json.dumps(schema)


def test_the_example_is_fresh_on_every_call() -> None:
    changed = example_case()
    changed["persons"].clear()
    assert example_case()["persons"]


def test_the_payload_is_left_as_it_was() -> None:
    payload = load_case("invalid/many-faults")
    before = copy.deepcopy(payload)
    faults_of(payload)
    assert payload == before
