"""Ids in addresses: what cannot be an id of ours is simply not found, and never reaches the database."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from typing import Annotated

from fastapi import Depends, Path

from docservice.domain.errors import NotFound
from docservice.domain.page_codes import ID_PATTERN, is_id

_SCHEMA = {"pattern": ID_PATTERN}
_NUMBER = re.compile("^[1-9][0-9]{0,3}$")
_ZONE = re.compile("^[a-z]{1,20}-[0-9]{1,3}$")


def _checked(value: str) -> str:
    if not is_id(value):
        raise NotFound.told("api.not_found.checked")
    return value


def _id(name: str) -> Callable[..., Awaitable[str]]:
    async def checked(value: str = Path(alias=name, json_schema_extra=_SCHEMA)) -> str:
        return _checked(value)

    return checked


async def _zone(zone_id: Annotated[str, Path(json_schema_extra={"pattern": _ZONE.pattern})]) -> str:
    if not _ZONE.fullmatch(zone_id):
        raise NotFound.told("api.not_found.zone")
    return zone_id


async def _number(number: Annotated[str, Path(json_schema_extra={"pattern": _NUMBER.pattern})]) -> int:
    if not _NUMBER.fullmatch(number):
        raise NotFound.told("record.not_found")
    return int(number)


CaseId = Annotated[str, Depends(_id("case_id"))]
BundleId = Annotated[str, Depends(_id("bundle_id"))]
DocumentId = Annotated[str, Depends(_id("document_id"))]
UploadId = Annotated[str, Depends(_id("upload_id"))]
ReviewId = Annotated[str, Depends(_id("review_id"))]
ScanPageId = Annotated[str, Depends(_id("page_id"))]
PartnerId = Annotated[str, Depends(_id("partner_id"))]
ArchiveId = Annotated[str, Depends(_id("archive_id"))]
EntryNumber = Annotated[int, Depends(_number)]
ZoneId = Annotated[str, Depends(_zone)]
