"""What was read from a page as JSON, and back: how a PageReading and a Proposal are kept in their columns."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from docservice.domain.returned.scans import (
    Amendment,
    Grade,
    Outline,
    PageFinding,
    PageReading,
    Proposal,
    Quality,
    Registration,
    ZoneReading,
    ZoneVerdict,
)


def to_json(value: PageReading | Proposal) -> dict[str, Any]:
    """Plain JSON: enumerations as their words, tuples as lists."""
    return asdict(value)


def reading_from_json(data: dict[str, Any]) -> PageReading:
    """The reading that `to_json` wrote."""
    registration = data["registration"]
    return PageReading(
        finding=PageFinding(data["finding"]),
        rotation=data["rotation"],
        quality=Quality(**{**data["quality"], "grade": Grade(data["quality"]["grade"])}),
        codes=tuple(data["codes"]),
        document_id=data["document_id"],
        page=data["page"],
        registration=None
        if registration is None
        else Registration(**{**registration, "page_to_scan": tuple(registration["page_to_scan"])}),
        zones=tuple(ZoneReading(**{**zone, "verdict": ZoneVerdict(zone["verdict"])}) for zone in data["zones"]),
        amendments=tuple(Amendment(rect=tuple(each["rect"]), ink=each["ink"]) for each in data["amendments"]),
        hints=tuple(data.get("hints", ())),
        outline=_outline(data.get("outline")),
    )


def _outline(corners: list[list[int]] | None) -> Outline | None:
    if corners is None:
        return None
    first, second, third, fourth = ((x, y) for x, y in corners)
    return first, second, third, fourth


def proposal_from_json(data: dict[str, Any]) -> Proposal:
    """The proposal that `to_json` wrote."""
    return Proposal(**data)
