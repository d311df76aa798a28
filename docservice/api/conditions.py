"""Entity tags, conditional requests and byte ranges (RFC 9110), and requests that change nothing."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Annotated, Protocol, TypeVar

from fastapi import Depends, Header, Query, Response

from docservice.api.problems import NOT_MODIFIED, RequestError

_TAG = r'(W/)?"([\x21\x23-\x7e\x80-\xff]*)"'
_TAGS = re.compile(rf"[\s,]*{_TAG}(?:\s*,[\s,]*{_TAG})*[\s,]*")
_ONE_TAG = re.compile(_TAG)
_RANGE = re.compile(r"bytes=\s*(\d{0,19})-(\d{0,19})\s*", re.IGNORECASE)

IfMatch = Annotated[str | None, Header(json_schema_extra={"pattern": r'^(\*|(W/)?"[!#-~]*")$'})]
IfNoneMatch = Annotated[str | None, Header()]


class Revised(Protocol):
    """What somebody may change, as it stands; its revision is the ETag of its answers."""

    @property
    def revision(self) -> int: ...


V = TypeVar("V", bound=Revised)


@dataclass(frozen=True, slots=True)
class Conditions:
    """Which state a caller wants, and which one it has already."""

    if_match: str | None
    if_none_match: str | None

    def answer(self, view: V, response: Response) -> V | Response:
        """The view with its ETag; 304 when the caller has this state, RequestError (412) when it wants another one."""
        tag = str(view.revision)
        refuse_other_state(self.if_match, tag)
        if none_match(self.if_none_match, tag):
            return Response(status_code=NOT_MODIFIED, headers={"ETag": quoted(tag)})
        return tagged(view, response)


async def _conditions(if_match: IfMatch = None, if_none_match: IfNoneMatch = None) -> Conditions:
    return Conditions(if_match, if_none_match)


OnConditions = Annotated[Conditions, Depends(_conditions)]


def tagged(view: V, response: Response) -> V:
    """The view, whose revision is the ETag of the answer."""
    response.headers["ETag"] = quoted(str(view.revision))
    return view


DryRun = Annotated[bool, Query(description="change nothing, and answer as if it were changed")]


def quoted(tag: str) -> str:
    """A strong entity tag as it stands in the header."""
    return f'"{tag}"'


def none_match(header: str | None, tag: str) -> bool:
    """Whether the caller has this state already (weak comparison), so that 304 is the answer."""
    if header is None:
        return False
    return header.strip() == "*" or any(found == tag for _, found in _tags(header) or ())


def refuse_other_state(header: str | None, tag: str) -> None:
    """If-Match on reading: RequestError (412) when the caller wants another state than the one there is."""
    if header is None or header.strip() == "*" or tag in _strong(header):
        return
    raise RequestError.told("api.etag_mismatch")


def required_revision(header: str | None, current: int) -> int:
    """The revision the caller has seen, from If-Match; the present one for "*".

    A missing header is refused (428): nobody overwrites what he has not read. So is a weak tag, or one that no
    revision up to the present one ever had (412).
    """
    if header is None:
        raise RequestError.told("api.precondition_required")
    if header.strip() == "*":
        return current
    strong = _strong(header)
    seen = [int(tag) for tag in strong if re.fullmatch(r"[1-9][0-9]{0,8}", tag) and int(tag) <= current]
    if seen:
        return max(seen)
    raise RequestError.told("api.unknown_revision")


def byte_range(header: str | None, size: int) -> tuple[int, int] | None:
    """The half-open byte interval asked for, or None for the whole.

    Several ranges or another unit mean the whole, as RFC 9110 allows; a range past the end is refused (416).
    """
    match = _RANGE.fullmatch(header) if header else None
    if match is None or match[1] == match[2] == "":
        return None
    first, last = match[1], match[2]
    if first and last and int(last) < int(first):
        return None
    start = int(first) if first else max(0, size - int(last))
    end = min(size, int(last) + 1) if first and last else size
    if start >= size or (not first and int(last) == 0):
        raise RequestError.told("api.range_not_satisfiable", size=size).with_headers(
            {"Content-Range": f"bytes */{size}"}
        )
    return start, end


def _strong(header: str) -> list[str]:
    """The strong tags of an If-Match header; RequestError when it has none, or is no list of tags at all."""
    tags = _tags(header)
    if tags is None:
        raise RequestError.told("api.invalid_header.strong")
    strong = [tag for weak, tag in tags if not weak]
    if not strong:
        raise RequestError.told("api.weak_etag")
    return strong


def _tags(header: str) -> list[tuple[str, str]] | None:
    """The tags of a list of them, each with what marks it as weak; None when the header is something else."""
    if not _TAGS.fullmatch(header):
        return None
    return [(match[1] or "", match[2]) for match in _ONE_TAG.finditer(header)]
