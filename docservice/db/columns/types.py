"""Types of columns, and what all tables share."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    JSON,
    DateTime,
    Dialect,
    MetaData,
    String,
    TypeDecorator,
)

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

JsonObject = Mapping[str, object]


class UtcDateTime(TypeDecorator[datetime]):
    """A moment: goes in with any offset, comes out in UTC. A time without offset is refused."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.utcoffset() is None:
            raise ValueError("A time without an offset cannot be stored.")
        moment = value.astimezone(UTC)
        return moment.replace(tzinfo=None) if dialect.name == "sqlite" else moment

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class EnumText(TypeDecorator[StrEnum]):
    """One of the words of an enumeration, kept as readable text."""

    impl = String(40)
    cache_ok = True

    def __init__(self, words: type[StrEnum]) -> None:
        super().__init__()
        self.words = words

    def process_bind_param(self, value: StrEnum | None, dialect: Dialect) -> str | None:
        return None if value is None else self.words(value).value

    def process_result_value(self, value: str | None, dialect: Dialect) -> StrEnum | None:
        return None if value is None else self.words(value)


class JsonList(TypeDecorator[tuple[object, ...]]):
    """A JSON array that comes out as a tuple."""

    impl = JSON
    cache_ok = True

    def process_bind_param(self, value: tuple[object, ...] | None, dialect: Dialect) -> list[object] | None:
        return None if value is None else list(value)

    def process_result_value(self, value: list[object] | None, dialect: Dialect) -> tuple[object, ...] | None:
        return None if value is None else tuple(value)


class ReadingJson(TypeDecorator[PageReading]):
    """What was read from a page, as JSON."""

    impl = JSON(none_as_null=True)
    cache_ok = True

    def process_bind_param(self, value: PageReading | None, dialect: Dialect) -> dict[str, Any] | None:
        return None if value is None else _to_json(value)

    def process_result_value(self, value: dict[str, Any] | None, dialect: Dialect) -> PageReading | None:
        return None if value is None else _reading_from_json(value)


class ProposalJson(TypeDecorator[Proposal]):
    """A proposal, as JSON."""

    impl = JSON(none_as_null=True)
    cache_ok = True

    def process_bind_param(self, value: Proposal | None, dialect: Dialect) -> dict[str, Any] | None:
        return None if value is None else _to_json(value)

    def process_result_value(self, value: dict[str, Any] | None, dialect: Dialect) -> Proposal | None:
        return None if value is None else _proposal_from_json(value)


metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    }
)


Id = String(64)


def _to_json(value: PageReading | Proposal) -> dict[str, Any]:
    """Plain JSON: enumerations as their words, tuples as lists."""
    return asdict(value)


def _reading_from_json(data: dict[str, Any]) -> PageReading:
    """The reading that `_to_json` wrote."""
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


def _proposal_from_json(data: dict[str, Any]) -> Proposal:
    """The proposal that `_to_json` wrote."""
    return Proposal(**data)
