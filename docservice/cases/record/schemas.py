"""The JSON schemas of what is handed in for the record of a case."""

from __future__ import annotations

from typing import Any, Final

from docservice.cases.models import model_of
from docservice.cases.record.forms import ENTRIES, PERIODS
from docservice.domain.page_codes import ID_PATTERN
from docservice.domain.record.carrying import NextAnnex, NextPlan
from docservice.domain.record.entries import StateChange
from docservice.domain.record.partners import Partner
from docservice.domain.record.periods import Topic
from docservice.domain.record.search import CaseSearch
from docservice.domain.record.subjects import Subject

Schema = dict[str, Any]

NAMES: Final = {subject: f"New{ENTRIES[subject].__name__}" for subject in Subject}
"""What the schema of a new entry of each subject is called."""
NEW_PARTNER, PARTNER_PATCH, PERIOD_PATCH = "NewPartner", "PartnerPatch", "PeriodPatch"
PERIOD_NAMES: Final = tuple(PERIODS[topic].__name__ for topic in Topic)
"""What the schemas of periods are called."""
NEXT_ANNEX, NEXT_PLAN, CHANGE, IDENTITY = "NextAnnex", "NextPlan", "EntryChange", "Identity"
SEARCH = "CaseSearch"


def record_schemas(ref_template: str) -> dict[str, Schema]:
    """The schemas by their names, and those of what they are made of. What ties fields together is not in them."""
    found: dict[str, Schema] = {}
    entries = [(NAMES[subject], ENTRIES[subject]) for subject in Subject]
    for name, record in (*entries, *((record.__name__, record) for record in PERIODS.values()), *_OTHERS):
        schema = model_of(record).model_json_schema(ref_template=ref_template)
        found |= schema.pop("$defs", {})
        found[name] = schema
    annex = found[NAMES[Subject.ANNEX]]
    annex["properties"]["agreement"] = {"type": "integer", "description": "its number; the newest one that stands"}
    annex["properties"]["number"] = found[NAMES[Subject.AGREEMENT]]["properties"]["number"] = _given("number")
    plan = found[NAMES[Subject.HELP_PLAN]]
    plan["properties"]["version"] = _given("version")
    found[CHANGE]["properties"]["entry"] = {
        "type": "object",
        "description": "JSON merge patch (RFC 7396) of what a draft says",
    }
    found[PERIOD_PATCH] = {"type": "object", "description": "JSON merge patch (RFC 7396) of a period."}
    found[PARTNER_PATCH] = {"type": "object", "description": "JSON merge patch (RFC 7396) of a partner."}
    found[IDENTITY] = {
        "type": "object",
        "required": ["person_id"],
        "properties": {"person_id": {"type": "string", "pattern": ID_PATTERN}},
    }
    return found


def _given(name: str) -> Schema:
    return {
        "type": "integer",
        "description": f"The {name} is given by the service; another one than the next is refused.",
    }


_OTHERS: Final[tuple[tuple[str, type], ...]] = (
    (NEXT_ANNEX, NextAnnex),
    (NEXT_PLAN, NextPlan),
    (CHANGE, StateChange),
    (NEW_PARTNER, Partner),
    (SEARCH, CaseSearch),
)
