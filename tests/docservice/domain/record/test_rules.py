"""The rules of the record: states, periods, days, and what a goal should say. No sentence holds a value."""

from __future__ import annotations

import dataclasses
from datetime import UTC, date, datetime, timedelta

import pytest

from docservice.cases.notices import is_holiday
from docservice.domain.cases import BilingualText, Confidentiality, GoalArea, HelpPlan, Measure, PlanGoal, Responsible
from docservice.domain.record import carrying, entries, periods
from docservice.domain.record.faults import period_faults, state_faults
from docservice.domain.record.periods import BenefitPeriod, BenefitStatus
from docservice.domain.record.smart import plan_notices
from docservice.domain.record.subjects import STANDING, TRANSITIONS, EndReason, EntryState, Subject, first_state
from docservice.domain.record.working_days import proposed_start
from docservice.domain.sources import OFFICE_ZONE

TODAY = date(2027, 1, 4)


def reached(subject: Subject) -> set[EntryState]:
    """The states that can follow from the first one, one after the other."""
    found, new = set[EntryState](), {first_state(subject)}
    while new:
        found |= new
        new = {following for state in new for following in TRANSITIONS[subject][state]} - found
    return found


@pytest.mark.parametrize("subject", Subject)
def test_every_state_of_a_subject_can_be_reached_and_leads_to_states_of_it(subject: Subject) -> None:
    assert reached(subject) == set(TRANSITIONS[subject])


def test_what_is_signed_ends_for_a_reason_and_never_becomes_a_draft_again() -> None:
    assert not list(state_faults(Subject.AGREEMENT, EntryState.SIGNED, EntryState.ENDED, EndReason.FULFILLED))
    missing = list(state_faults(Subject.AGREEMENT, EntryState.SIGNED, EntryState.ENDED, None))
    assert [(fault.path, fault.code) for fault in missing] == [("reason", "reason_missing")]
    for state in TRANSITIONS[Subject.AGREEMENT]:
        assert list(state_faults(Subject.AGREEMENT, state, EntryState.DRAFT, None)), state
    assert EntryState.ENDED not in STANDING


def benefit(begin: str, end: str | None = None) -> BenefitPeriod:
    return BenefitPeriod(BenefitStatus.FULL, date.fromisoformat(begin), date.fromisoformat(end) if end else None)


@pytest.mark.parametrize(
    ("period", "code"),
    [
        (benefit("2026-01-01", "2026-06-30"), None),
        (benefit("2026-12-31"), "periods_overlap"),
        (benefit("2027-01-01"), None),
        (benefit("2026-05-01", "2026-07-01"), "periods_overlap"),
        (benefit("2025-01-01", "2028-01-01"), "periods_overlap"),
        (benefit("2026-08-01", "2026-07-31"), "ends_before_it_begins"),
    ],
)
def test_no_two_benefits_on_one_day(period: BenefitPeriod, code: str | None) -> None:
    found = [fault.code for fault in period_faults(period, [benefit("2026-07-01", "2026-12-31")])]
    assert found == ([] if code is None else [code])


@pytest.mark.parametrize(
    ("last", "day", "proposed"),
    [
        (None, "2027-01-04", "2027-02-01T10:00+01:00"),
        ("2026-12-10T14:30+01:00", "2026-12-10", "2027-01-07T14:30+01:00"),
        (None, "2027-04-29", "2027-05-28T10:00+02:00"),  # the 27th is Fronleichnam
        (None, "2026-11-27", "2026-12-28T10:00+01:00"),  # the 25th and 26th are Christmas, then comes a Sunday
        ("2027-02-28T02:30+01:00", "2027-02-28", "2027-03-30T10:00+02:00"),  # an hour at which nobody works; Easter
    ],
)
def test_the_next_talk_is_on_a_working_day(last: str | None, day: str, proposed: str) -> None:
    before = None if last is None else datetime.fromisoformat(last)
    found = proposed_start(before, date.fromisoformat(day), is_holiday)
    assert found == datetime.fromisoformat(proposed)
    assert found.utcoffset() == datetime.fromisoformat(proposed).utcoffset()


def test_every_day_of_three_years_leads_to_a_working_day_not_far_off() -> None:
    for days in range(3 * 365):
        day = TODAY + timedelta(days=days)
        found = proposed_start(datetime.combine(day, datetime.min.time(), OFFICE_ZONE), day, is_holiday)
        assert found.weekday() < 5
        assert not is_holiday(found.date())
        assert timedelta(weeks=4) <= found.date() - day <= timedelta(weeks=5)
        assert found.astimezone(UTC).astimezone(OFFICE_ZONE) == found, "the clocks show this hour"


def test_a_goal_that_is_measurable_and_dated_is_not_spoken_of() -> None:
    measure = Measure(BilingualText("Kurs"), responsible=Responsible.CLIENT, deadline=date(2027, 6, 1))
    good = PlanGoal(
        GoalArea.LANGUAGE_EDUCATION,
        BilingualText("Deutsch auf dem Niveau B1"),
        indicator=BilingualText("Prüfung bestanden"),
        target_date=date(2028, 1, 4),
        measures=(measure,),
    )
    assert not list(plan_notices(HelpPlan(goals=(good,)), TODAY))
    vague = PlanGoal(GoalArea.WORK, BilingualText("Mehr Selbstvertrauen"))
    far = dataclasses.replace(good, target_date=date(2029, 1, 5))
    late = dataclasses.replace(good, measures=(dataclasses.replace(measure, deadline=date(2027, 1, 3)),))
    found = [(notice.path, notice.code) for notice in plan_notices(HelpPlan(goals=(vague, far, late)), TODAY)]
    assert found == [
        ("goals[0].target_date", "target_date_missing"),
        ("goals[0].indicator", "indicator_missing"),
        ("goals[0].title", "not_measurable"),
        ("goals[0].measures", "measures_missing"),
        ("goals[1].target_date", "target_date_far"),
        ("goals[2].measures[0].result", "deadline_passed"),
    ]


@pytest.mark.parametrize("module", [carrying, entries, periods])
def test_every_field_of_the_record_has_a_class(module: object) -> None:
    name = getattr(module, "__name__", "")
    records = [each for each in vars(module).values() if dataclasses.is_dataclass(each) and each.__module__ == name]
    assert records
    for record in records:
        for field in dataclasses.fields(record):
            assert isinstance(field.metadata.get("confidentiality"), Confidentiality), f"{record}.{field.name}"
