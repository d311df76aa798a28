"""What of a case a document may see (domain rule R11): everything above its confidentiality class is blanked.

`KINDS` says which classes a kind of document may show. K2 and K3 reach no document, whatever a template asks for.
"""

from __future__ import annotations

import dataclasses
from typing import Any

from docservice.domain.cases import Case, Confidentiality
from docservice.domain.kinds import KINDS, Kind


def printable(case: Case, kind: Kind) -> Case:
    """The case as a document of this kind may see it; the same shape, fields of other classes at their defaults.

    TypeError when a field of the case has no class or no blank: an unclassed field must not slip through.
    """
    blanked = _blanked(case, KINDS[kind].shows)
    assert isinstance(blanked, Case)
    return blanked


def _blanked(value: Any, allowed: frozenset[Confidentiality]) -> Any:
    if isinstance(value, tuple):
        return tuple(_blanked(item, allowed) for item in value)
    if not dataclasses.is_dataclass(value) or isinstance(value, type) or not _is_classed(value):
        return value
    return dataclasses.replace(
        value, **{field.name: _blanked_field(value, field, allowed) for field in dataclasses.fields(value)}
    )


def _is_classed(value: Any) -> bool:
    """Whether the record is part of the case; plain values (a partial date) have no classes of their own."""
    return any("confidentiality" in field.metadata for field in dataclasses.fields(value))


def _blanked_field(record: Any, field: dataclasses.Field[Any], allowed: frozenset[Confidentiality]) -> Any:
    where = f"{type(record).__name__}.{field.name}"
    level = field.metadata.get("confidentiality")
    if level is None:
        raise TypeError(f"{where} has no confidentiality class")
    if level in allowed:
        return _blanked(getattr(record, field.name), allowed)
    if field.default is not dataclasses.MISSING:
        return field.default
    if "blank" not in field.metadata:
        raise TypeError(f"{where} has no blank value")
    return field.metadata["blank"]
