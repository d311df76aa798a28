"""Whatever case is accepted: written as JSON and read again it is the same case."""

from __future__ import annotations

import json
from datetime import date, datetime, timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from docservice.cases.fields import is_placeholder
from docservice.cases.intake import case_to_json, parse_case
from docservice.domain import cases
from docservice.domain.cases import Confidentiality, GoalArea, Responsible, Salutation
from docservice.domain.dates.partial_date import PartialDate
from docservice.domain.sources import OFFICE_ZONE
from docservice.domain.text.din91379 import LETTERS
from docservice.domain.text.names import normalise
from docservice.domain.text.namesakes import told_apart_by

AGREED = date(2026, 12, 3)

_names = (
    st.lists(st.sampled_from(sorted(LETTERS)), min_size=1, max_size=12)
    .map("".join)
    .map(normalise)
    .filter(lambda name: not is_placeholder(name))
)
_lines = st.text("abc äöü Жж ظ {}<>&#\"'%=§", min_size=1, max_size=30).filter(str.strip)
_texts = st.text("abc äöü Жж ظ {}<>&#\"'%=§\n", min_size=1, max_size=60).filter(str.strip)
_bilingual = st.builds(
    cases.BilingualText, _texts, st.none() | st.dictionaries(st.sampled_from(["ru", "uk", "pl", "en", "ar"]), _texts)
)
_days = st.dates(AGREED, date(2029, 12, 31))
_births = st.dates(date(1920, 1, 1), date(2006, 12, 3)).flatmap(
    lambda day: st.sampled_from(
        [PartialDate(day.year, day.month, day.day), PartialDate(day.year, day.month), PartialDate(day.year)]
    )
)
_moments = st.datetimes(datetime(2026, 12, 4), datetime(2029, 12, 31)).map(  # noqa: DTZ001 - the zone follows
    lambda wall: _on_the_clock(wall.replace(second=0, microsecond=0))
)
_original = st.builds(
    cases.OriginalScriptName,
    st.just("Cyrl"),
    st.just("uk"),
    st.text("АБВҐЄІЇабвґєії", min_size=1, max_size=9),
    st.text("АБВҐЄІЇабвґєії", min_size=1, max_size=9),
    st.none(),
)
_measures = st.builds(
    cases.Measure,
    description=_bilingual,
    provider=st.none() | _lines,
    responsible=st.sampled_from(Responsible),
    responsible_person=st.none(),
    start=st.none(),
    deadline=_days,
)
_goals = st.builds(
    cases.PlanGoal,
    area=st.sampled_from(GoalArea),
    title=_bilingual,
    situation=st.none() | _bilingual,
    indicator=st.none() | _bilingual,
    target_date=st.none() | _days,
    own_words=st.none() | _bilingual,
    measures=st.lists(_measures, max_size=2).map(tuple),
)


def _on_the_clock(wall: datetime) -> datetime:
    """The moment as its offset states it; an hour that the clocks skip becomes the next one."""
    moment = datetime.fromtimestamp(wall.replace(tzinfo=OFFICE_ZONE).timestamp(), OFFICE_ZONE)
    return datetime.fromisoformat(moment.isoformat())


@st.composite
def _persons(draw: st.DrawFn, person_id: str) -> cases.Person:
    optional = st.none() | _names
    family, given_names = draw(_names), draw(_names)
    alone = draw(st.sampled_from([(family, given_names), (family, None), (None, given_names)]))
    return cases.Person(
        id=person_id,
        legal_family_name=alone[0],
        legal_given_names=alone[1],
        name_prefix=draw(optional),
        birth_name=draw(optional),
        salutation=draw(st.none() | st.sampled_from(Salutation)),
        birth_date=draw(st.none() | _births),
        birth_place=draw(st.none() | _lines),
        original_script_names=tuple(draw(st.lists(_original, max_size=1))),
        languages=tuple(draw(st.lists(st.sampled_from(["ru", "uk", "kk", "ckb"]), unique=True))),
        needs_interpreter=draw(st.booleans()),
        legal_status=(cases.LegalStatus("BVFG_4", draw(st.none() | _days)),),
        health=draw(st.none() | _texts),
    )


@st.composite
def _cases(draw: st.DrawFn) -> cases.Case:
    ids = draw(st.lists(st.from_regex(r"[a-z][a-z0-9_-]{0,8}", fullmatch=True), min_size=1, max_size=3, unique=True))
    representatives = (cases.Representative("Sander", "Petra", Salutation.FRAU), cases.Representative(draw(_names)))
    steps = st.builds(cases.WorkStep, _bilingual, st.none() | _bilingual, st.none() | _days)
    appointments = st.builds(cases.Appointment, _moments, st.none() | _bilingual, st.none(), st.none() | _lines)
    return cases.Case(
        confirmed_warnings=draw(st.sampled_from([(), ("appointment_on_sunday", "appointment_on_holiday")])),
        case_number=draw(st.from_regex(r"20[0-9]{2}-[0-9]{4}", fullmatch=True).filter(str.isascii)),
        persons=tuple(draw(_persons(person_id)) for person_id in ids),
        agreement=cases.AgreementTerms(
            parties=tuple(ids),
            representatives=representatives,
            date=AGREED + timedelta(days=draw(st.integers(0, 1))),
            place=draw(_lines),
            goals=tuple(draw(st.lists(_bilingual, max_size=2))),
            city_signatures_required=draw(st.integers(1, 2)),
        ),
        annex=cases.Annex(
            number=draw(st.integers(1, 999)),
            work_steps=tuple(draw(st.lists(steps, max_size=2))),
            next_appointment=draw(st.none() | appointments),
        ),
        help_plan=cases.HelpPlan(
            goals=tuple(draw(st.lists(_goals, max_size=2))), client_statement=draw(st.none() | _bilingual)
        ),
        interpreter=draw(st.none() | st.builds(cases.Interpreter, _names, st.none() | _names)),
        assessment=(cases.Finding("Familie", draw(_texts), draw(st.sampled_from(Confidentiality))),),
        notes=draw(st.none() | _texts),
    )


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(_cases().filter(lambda case: None not in told_apart_by(case).values()))
def test_a_case_comes_back_from_json_as_it_went(case: cases.Case) -> None:
    sent = json.dumps(case_to_json(case), ensure_ascii=False)
    assert parse_case(json.loads(sent)) == case
