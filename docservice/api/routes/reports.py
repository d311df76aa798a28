"""The office's own figures, as JSON, and as files for people."""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal

from fastapi import APIRouter, Header, Query, Response

from docservice.api import schema
from docservice.api.auth import Caller, Parts
from docservice.bootstrap import Services
from docservice.domain.actors import Actor
from docservice.reports.answers import InterimAnswer, ReturnsAnswer
from docservice.reports.sheets import Presentation

router = APIRouter(prefix="/reports", tags=["reports"], responses=schema.problems)

_MEDIA_TYPES: Final = {
    "json": "application/json",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "pdf": "application/pdf",
    "svg": "image/svg+xml",
}
_FILES: dict[int | str, dict[str, Any]] = {200: {"content": {kind: {} for kind in list(_MEDIA_TYPES.values())[1:]}}}
_DATE: dict[str, Any] = {"format": "date"}

From = Annotated[str, Query(alias="from", description="The first day.", json_schema_extra=_DATE, max_length=40)]
To = Annotated[
    str, Query(alias="to", description="The last day; it is counted.", json_schema_extra=_DATE, max_length=40)
]
InterimForm = Literal["json", "xlsx", "pdf", "svg"]
ReturnsForm = Literal["json", "xlsx", "pdf"]
Accept = Annotated[str, Header()]


@router.get("/interim", response_model=InterimAnswer, responses=_FILES)
def get_interim_report(
    caller: Caller, services: Parts, begin: From, end: To, format: InterimForm | None = None, accept: Accept = ""
) -> Response | InterimAnswer:
    """The interim report of a period, both days included: contacts, agreements, persons, and by month. As JSON, or as
    a workbook, a PDF or a picture by `format` or `Accept`."""
    report = services.reports.interim(caller, begin, end)
    return _file(services, caller, report.presentation, "interim", format or _accepted(accept)) or report.answer


@router.get("/returns", response_model=ReturnsAnswer, responses=_FILES)
def get_return_statistics(
    caller: Caller, services: Parts, begin: From, end: To, format: ReturnsForm | None = None, accept: Accept = ""
) -> Response | ReturnsAnswer:
    """What has become of the documents that were made in a period, by kind and age. As JSON, or as a workbook or a PDF
    by `format` or `Accept`."""
    report = services.reports.returns(caller, begin, end)
    return _file(services, caller, report.presentation, "returns", format or _accepted(accept)) or report.answer


def _accepted(header: str) -> str:
    """The first form that the caller names; JSON when none of them is one of ours."""
    named = (part.partition(";")[0].strip().lower() for part in header.split(","))
    forms = {media_type: form for form, media_type in _MEDIA_TYPES.items()}
    return next((forms[each] for each in named if each in forms), "json")


def _file(services: Services, caller: Actor, report: Presentation, name: str, form: str) -> Response | None:
    """The report as a file; None when JSON is the answer."""
    if form == "xlsx":
        data = services.reports.xlsx(caller, report)
    elif form == "pdf":
        data = services.reports.pdf(caller, report)
    elif form == "svg" and report.picture is not None:
        data = report.picture.svg.encode()
    else:
        return None
    disposition = f'attachment; filename="{name}-{report.day.isoformat()}.{form}"'
    return Response(data, media_type=_MEDIA_TYPES[form], headers={"Content-Disposition": disposition})
