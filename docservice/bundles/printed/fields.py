"""Which fields of a case a document says: found by making its content with each of them as it was before."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator
from typing import Any

from docservice.domain.cases import Case
from docservice.domain.documents import Document

_NOTHING_TO_SAY = (KeyError, ValueError)
"""A case put together of several states may refer to somebody who is not in it."""


def told_fields(before: Case, after: Case, said: Document, content: Callable[[Case], Document]) -> tuple[str, ...]:
    """The paths of the fields by which `content` says something else of the later case (`said`) than of the earlier
    one, when it does."""
    changed = list(_one_as_before(before, after, ""))
    return tuple(path for path, case in changed if content_of(case, content) != said) or tuple(
        path for path, _ in changed
    )


def content_of(case: Case, content: Callable[[Case], Document]) -> Document | None:
    """The content made of the case; None where it refers to what the case no longer has."""
    try:
        return content(case)
    except _NOTHING_TO_SAY:
        return None


def _one_as_before(before: Any, after: Any, path: str) -> Iterator[tuple[str, Any]]:
    """For each field in which two records differ: its path, and the later record with this field as it was."""
    if _is_record(before) and type(before) is type(after):
        for field in dataclasses.fields(after):
            was, now = getattr(before, field.name), getattr(after, field.name)
            within = f"{path}.{field.name}" if path else field.name
            for place, value in _one_as_before(was, now, within) if was != now else ():
                yield place, dataclasses.replace(after, **{field.name: value})
    elif isinstance(before, tuple) and isinstance(after, tuple) and len(before) == len(after):
        for index, (was, now) in enumerate(zip(before, after, strict=True)):
            for place, value in _one_as_before(was, now, f"{path}[{index}]") if was != now else ():
                yield place, (*after[:index], value, *after[index + 1 :])
    else:
        yield path, before


def _is_record(value: Any) -> bool:
    """Whether it is a part of the case; plain values (a partial date) are taken as a whole."""
    if not dataclasses.is_dataclass(value):
        return False
    return any("confidentiality" in field.metadata for field in dataclasses.fields(value))
