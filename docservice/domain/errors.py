"""One error tree. Raised only when no verdict was possible; what is found on paper is data (page ledger)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Self

from docservice.domain.text.messages import say


class DocserviceError(Exception):
    """A failure with a stable `code`, one clear sentence in `detail`, and whether trying again can help.

    `detail` says what, where and how to mend, and never holds a personal value: it is logged, stored with
    the job and shown to people.
    """

    def __init__(self, code: str, detail: str, *, detail_de: str | None = None, retryable: bool = False) -> None:
        super().__init__(f"{code}: {detail}")
        self.code = code
        self.detail = detail
        self.detail_de = detail_de or detail
        self.retryable = retryable

    def __reduce__(self) -> tuple[Any, ...]:
        """Errors go from one process to another as they are."""
        return _restored, (type(self), self.args, self.__dict__)

    @classmethod
    def told(cls, key: str, /, *, retryable: bool = False, **values: object) -> Self:
        """The error with the code and the sentences of a key of the catalogues (see `messages`)."""
        said = say(key, **values)
        return cls(said.code, said.en, detail_de=said.de, retryable=retryable)


class Outage(DocserviceError):
    """What the work stands on is away or full: database, file store, disk. It says nothing about the work, which waits
    until it is back, however long that takes. `retryable` is False where somebody has to mend it first."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault of an input: where it is, what rule it breaks, how to mend it, in both languages of the office.

    `path` is the field path from the top of the request ("persons[1].birth_date"); `code` is stable; `example`
    shows a right value. No part of it ever holds the value that was sent.
    """

    path: str
    code: str
    de: str
    en: str
    example: str | None = None

    @classmethod
    def told(cls, path: str, key: str, /, *, example: str | None = None, **values: object) -> Fault:
        """The fault with the code and the sentences of a key of the catalogues (see `messages`)."""
        said = say(key, **values)
        return cls(path, said.code, said.de, said.en, example)


@dataclass(frozen=True, slots=True)
class Failure:
    """Why something that is kept could not be made: a stable code and one sentence each in English and German."""

    code: str
    detail: str
    detail_de: str

    @classmethod
    def of(cls, code: str | None, detail: str | None, detail_de: str | None) -> Failure | None:
        """What the columns of a row say; None when nothing has failed."""
        return None if code is None else cls(code, detail or "", detail_de or "")


LISTED_FAULTS = 50
"""The most faults that one answer lists: of more, their number is told."""


class InvalidInput(DocserviceError):
    """Every fault of one input at once, or the first LISTED_FAULTS and how many there are; never raised with none."""

    def __init__(self, faults: Iterable[Fault], *, code: str = "invalid_input") -> None:
        found = tuple(faults)
        self.faults = found[:LISTED_FAULTS]
        paths = ", ".join(fault.path for fault in self.faults)
        more = len(found) - len(self.faults)
        said = say("domain.invalid_input.all", count=len(found), paths=paths)
        if more:
            said = say("domain.invalid_input.first", count=len(found), paths=paths, more=more)
        super().__init__(code, said.en, detail_de=said.de)


class NotFound(DocserviceError):
    """The named thing does not exist, or the caller may not know that it does."""


class Conflict(DocserviceError):
    """The request contradicts the present state (stale ETag, an idempotency key used for another body)."""


def _restored(kind: type[DocserviceError], args: tuple[object, ...], values: Mapping[str, object]) -> DocserviceError:
    error = kind.__new__(kind, *args)
    error.__dict__.update(values)
    return error


def place_of(error: BaseException) -> str:
    """Module and line where the error arose: what may be logged of an error whose text may hold a value of a case."""
    trace, place = error.__traceback__, "unknown"
    while trace is not None:
        place = f"{trace.tb_frame.f_globals.get('__name__', '?')}:{trace.tb_lineno}"
        trace = trace.tb_next
    return place


def no_such(thing: str) -> NotFound:
    """No "case", "document", "bundle", "review", "upload", "picture" or "attachment" has this id."""
    return NotFound.told(f"domain.not_found.{thing}")
