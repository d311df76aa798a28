"""What a field of a case is beyond its type: said once, beside the field; `cases.models` knows how each is checked."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto
from typing import Annotated, Final


class Form(Enum):
    """The forms a text may have (`GUARDIANS`: one text or two)."""

    NAME = auto()  # of a person, in Latin letters
    ORIGINAL_NAME = auto()  # in the script of the home country
    LINE = auto()
    FREE_TEXT = auto()  # of several lines
    PERSON_ID = auto()
    PARTNER_ID = auto()  # of the directory
    ORIGIN = auto()  # numbers of a paper and of the places in it
    GUARDIANS = auto()
    CASE_NUMBER = auto()
    SPOKEN_LANGUAGE = auto()
    SECOND_LANGUAGE = auto()
    STATUS = auto()


@dataclass(frozen=True, slots=True)
class OneOf:
    """One of these words."""

    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Between:
    """A whole number, both ends included."""

    least: int
    most: int


@dataclass(frozen=True, slots=True)
class Entries:
    """So many entries of a list. `about` is what the schema says of them."""

    most: int
    least: int = 0
    about: str | None = None


ORIGINAL_SCRIPTS: Final = ("Cyrl", "Arab", "Hebr")
"""The scripts a name may be given in besides the Latin legal name (ISO 15924)."""

Name = Annotated[str, Form.NAME]
OriginalName = Annotated[str, Form.ORIGINAL_NAME]
Line = Annotated[str, Form.LINE]
FreeText = Annotated[str, Form.FREE_TEXT]
PersonId = Annotated[str, Form.PERSON_ID]
PartnerId = Annotated[str, Form.PARTNER_ID]
Origin = Annotated[str, Form.ORIGIN]
Guardians = Annotated[tuple[str, ...], Form.GUARDIANS]
CaseNumber = Annotated[str, Form.CASE_NUMBER]
SpokenLanguage = Annotated[str, Form.SPOKEN_LANGUAGE]
SecondLanguage = Annotated[str, Form.SECOND_LANGUAGE]
StatusCode = Annotated[str, Form.STATUS]
Script = Annotated[str, OneOf(ORIGINAL_SCRIPTS)]
