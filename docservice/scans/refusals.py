"""What the room says when it cannot do what was asked: one sentence each, in both languages of the office."""

from __future__ import annotations

from docservice.domain.errors import Conflict, DocserviceError, Fault, InvalidInput


def no_files() -> InvalidInput:
    """An upload came without a file."""
    return InvalidInput([Fault.told("files", "scans.missing", example="stack.pdf")])


def not_failed() -> Conflict:
    """A retry was asked for where nothing has failed."""
    return Conflict.told("scans.not_failed")


def attached_already() -> Conflict:
    """A page is to be taken off a document that was accepted with it."""
    return Conflict.told("scans.attached_already")


def unknown_document_fault() -> Fault:
    """`assign` names a document that is not there, or was never finished."""
    return Fault.told("document_id", "scans.unknown_document", example="0123456789ABCDEFGHJK")


def unknown_page_fault(pages: int) -> Fault:
    """`assign` names a page that the document does not have."""
    return Fault.told("page", "scans.unknown_page", example="1", pages=pages)


def gave_up() -> DocserviceError:
    """All attempts are used up, most likely because the worker died in each of them."""
    return DocserviceError.told("scans.gave_up.plain")


def page_crashed(error: Exception) -> DocserviceError:
    """An error nobody foresaw on one page, by its class alone: its text may hold something of the page."""
    name = type(error).__name__
    return DocserviceError.told("scans.internal_error", name=name)


def given_up(code: str) -> DocserviceError:
    """That it was given up, and for which reason."""
    return DocserviceError.told("scans.gave_up.because", code=code)
