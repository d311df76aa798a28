"""The case file as it is handed in: each class of the domain's case as a model that checks its fields and says all
that is wrong, made from what stands beside the fields (see docs/decisions/0035)."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from enum import Enum
from functools import cache
from types import NoneType, UnionType
from typing import Annotated, Any, Final, Literal, TypeVar, Union, cast, get_args, get_origin, get_type_hints

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationInfo, create_model, field_validator

from docservice.cases import fields
from docservice.domain import cases
from docservice.domain.dates.partial_date import PartialDate
from docservice.domain.forms import Between, Entries, Form, OneOf

R = TypeVar("R")


class Record(BaseModel):
    """Unknown fields are faults, nothing is converted silently, and no error shows what was sent."""

    model_config = ConfigDict(extra="forbid", strict=True, hide_input_in_errors=True)


class NamesOfOneScript(Record):
    """The names are letters of the script that stands before them."""

    @field_validator("family_name", "given_names", "patronymic", check_fields=False)
    @classmethod
    def _of_its_script(cls, name: str | None, info: ValidationInfo) -> str | None:
        script = info.data.get("script")
        found = fields.original_name_faults(name, script) if name is not None and script else []
        if found:
            raise fields.faults_error(found)
        return name


_BASES: Final[Mapping[type, type[Record]]] = {cases.OriginalScriptName: NamesOfOneScript}
"""Records of which fields are checked together."""
_FORMS: Final[Mapping[Form, Any]] = {
    Form.NAME: fields.Name,
    Form.ORIGINAL_NAME: fields.OriginalName,
    Form.LINE: fields.Line,
    Form.FREE_TEXT: fields.FreeText,
    Form.PERSON_ID: fields.PersonId,
    Form.PARTNER_ID: fields.PartnerId,
    Form.ORIGIN: fields.Origin,
    Form.GUARDIANS: fields.Guardians,
    Form.CASE_NUMBER: fields.CaseNumber,
    Form.SPOKEN_LANGUAGE: fields.SpokenLanguage,
    Form.SECOND_LANGUAGE: fields.TranslationLanguage,
    Form.STATUS: fields.StatusCode,
}
_PLAIN: Final[Mapping[type, Any]] = {
    date: fields.Day,
    datetime: fields.Moment,
    PartialDate: fields.BirthDate,
    bool: bool,
    int: int,
}
FIELD_NAMES: Final = frozenset(
    field.name
    for record in vars(cases).values()
    if dataclasses.is_dataclass(record) and record.__module__ == cases.__name__
    for field in dataclasses.fields(record)
)
"""What fields are called anywhere in a case."""


def read_record(kind: type[R], payload: object) -> R:
    """The record of a JSON document whose fields pass their checks; ValidationError with every one that does not."""
    return _maker(kind)(model_of(cast(type, kind)).model_validate(payload))


@cache
def model_of(record: type) -> type[Record]:
    """The model of a record of the domain: the same fields under the same names, checked.

    TypeError when nothing says how a field is to be checked: none must slip through.
    """
    hints = get_type_hints(record, include_extras=True)
    definitions: dict[str, Any] = {
        field.name: (_checked(hints[field.name]), _default(field)) for field in _handed_in(record)
    }
    return create_model(
        record.__name__,
        __base__=_BASES.get(record, Record),
        __doc__=record.__doc__,
        __module__=__name__,
        **definitions,
    )


def _maker(record: type[R]) -> Callable[[Record], R]:
    """Makes the record of a model whose values are those of the domain already."""
    names = [field.name for field in _handed_in(record)]
    return lambda model: record(**{name: getattr(model, name) for name in names})


def _handed_in(record: type) -> Sequence[dataclasses.Field[Any]]:
    """The fields of a record that whoever hands it in may fill."""
    return [field for field in dataclasses.fields(record) if field.metadata.get("handed_in", True)]


def _default(field: dataclasses.Field[Any]) -> Any:
    """Its default in the model; ... where the field must be handed in."""
    return ... if field.metadata.get("asked") or field.default is dataclasses.MISSING else field.default


def _checked(hint: Any) -> Any:
    """The type that checks what a field may be, and makes the domain's value of it."""
    origin, parts = get_origin(hint), get_args(hint)
    if origin in (Union, UnionType):
        (kind,) = (part for part in parts if part is not NoneType)
        return _checked(kind) | None
    if origin is Annotated:
        return _marked(*parts)
    if origin is dict:
        key, text = map(_checked, parts)
        return dict[key, text]  # type: ignore[valid-type]
    if hint in _PLAIN:
        return _PLAIN[hint]
    if dataclasses.is_dataclass(hint):
        return Annotated[model_of(cast(type, hint)), AfterValidator(_maker(cast(type, hint)))]
    if isinstance(hint, type) and issubclass(hint, Enum):
        return Annotated[Literal[tuple(word.value for word in hint)], AfterValidator(hint)]
    raise TypeError(f"nothing says how {hint} is to be checked")


def _marked(kind: Any, mark: object) -> Any:
    """The same of a field that has a mark beside its type."""
    match mark:
        case Form():
            return _FORMS[mark]
        case OneOf(words):
            return Literal[words]
        case Between(least, most):
            return Annotated[int, Field(ge=least, le=most)]
        case Entries(most, least, about):
            sizes = Field(min_length=least or None, max_length=most, description=about)
            return Annotated[list[_checked(get_args(kind)[0])], sizes, AfterValidator(tuple)]  # type: ignore[misc]
    raise TypeError(f"nothing says how {mark} is to be checked")
