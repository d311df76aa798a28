"""Builds records of the domain from JSON by form alone: what a field is called and what kind of value it takes."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Hashable, Mapping
from datetime import date, datetime
from enum import Enum
from functools import cache
from types import MappingProxyType, NoneType, UnionType
from typing import Any, Final, TypeVar, Union, cast, get_args, get_origin, get_type_hints

from docservice.domain.dates.partial_date import PartialDate
from docservice.domain.errors import DocserviceError

R = TypeVar("R")
Upcaster = Callable[[Mapping[str, Any]], Mapping[str, Any]]
"""Makes the next version of a stored form."""
_NONE: Final[Mapping[int, Upcaster]] = MappingProxyType({})


class Unfit(ValueError):
    """A value cannot be what its field takes. `path` says where ("persons[1].id") and never holds the value."""

    def __init__(self, path: str) -> None:
        super().__init__(path)
        self.path = path


def record_of(kind: type[R], value: object, path: str = "case") -> R:
    """The record of a JSON object; Unfit where a field that every record has is missing, or a value has another kind.

    Unknown fields are passed over; what is left out or null has the field's default.
    """
    if not isinstance(value, Mapping):
        raise Unfit(path)
    given: dict[str, object] = {}
    kinds = _kinds_of(cast(Hashable, kind))
    for field in _fields_of(cast(Hashable, kind)):
        place = field.name if path == "case" else f"{path}.{field.name}"
        found = value.get(field.name)
        if found is not None:
            alone = field.metadata.get("one_alone") and not isinstance(found, list)
            given[field.name] = _value(kinds[field.name], [found] if alone else found, place)
        elif field.default is dataclasses.MISSING:
            raise Unfit(place)
    return kind(**given)


def read_kept(
    kind: type[R], form: int, data: Mapping[str, Any], current: int, upcasters: Mapping[int, Upcaster] = _NONE
) -> R:
    """The record that was kept in the version `form` of its stored form, brought forward one version at a time.

    DocserviceError "stored_case_newer" for a version that a later release wrote, "stored_case_unreadable" for what is
    no such record.
    """
    if not 1 <= form <= current:
        raise DocserviceError.told("cases.stored_case_newer")
    for step in range(form, current):
        data = upcasters[step](data)
    try:
        return record_of(kind, data)
    except Unfit as unfit:
        raise DocserviceError.told("cases.stored_case_unreadable", path=unfit.path) from None


def _value(kind: Any, value: object, path: str) -> object:
    form, inner = _form_of(kind)
    if form is tuple:
        return tuple(_value(inner, each, f"{path}[{index}]") for index, each in enumerate(_a(list, value, path)))
    if form is dict:
        return {_a(str, key, path): _a(str, text, path) for key, text in _a(dict, value, path).items()}
    if form is str:
        try:
            return inner(_a(str, value, path))
        except ValueError:
            raise Unfit(path) from None
    return record_of(inner, value, path) if form is object else _a(inner, value, path)


@cache
def _form_of(kind: Any) -> tuple[type | None, Any]:
    """How JSON writes a kind, and what is made of it: a list (tuple) of items, a dict, a text (str) that is read by
    what is told, a record (object), or, as None, just what it is."""
    if get_origin(kind) in (Union, UnionType):
        (kind,) = (choice for choice in get_args(kind) if choice is not NoneType)
    if get_origin(kind) is tuple:
        return tuple, get_args(kind)[0]
    if get_origin(kind) is dict:
        return dict, None
    if kind in _READERS or issubclass(kind, Enum):
        return str, _READERS.get(kind, kind)
    return (object if dataclasses.is_dataclass(kind) else None), kind


def _a(kind: type[R], value: object, path: str) -> R:
    """The value, which has to be of just this kind: true is no number."""
    if type(value) is not kind:
        raise Unfit(path)
    return value


@cache
def _fields_of(record: Hashable) -> tuple[dataclasses.Field[Any], ...]:
    return dataclasses.fields(record)  # type: ignore[arg-type]


@cache
def _kinds_of(record: Hashable) -> dict[str, Any]:
    """The kind of each field of a record."""
    return get_type_hints(record)


_READERS: Final[Mapping[type, Callable[[str], object]]] = {
    date: date.fromisoformat,
    datetime: datetime.fromisoformat,
    PartialDate: PartialDate.parse,
}
"""Kinds that JSON writes as text."""
