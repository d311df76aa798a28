"""What the room says when it cannot do what was asked: one sentence each, in both languages of the office."""

from __future__ import annotations

from docservice.domain.errors import Conflict, DocserviceError, Fault, InvalidInput


def no_files() -> InvalidInput:
    """An upload came without a file."""
    return InvalidInput(
        [
            Fault(
                "files",
                "missing",
                "Es kam keine Datei an; bitte mindestens einen Scan auswählen.",
                "No file has arrived; choose at least one scan.",
                "stack.pdf",
            )
        ]
    )


def not_failed() -> Conflict:
    """A retry was asked for where nothing has failed."""
    return Conflict(
        "not_failed",
        "Only a failed upload can be tried again.",
        detail_de="Nur eine fehlgeschlagene Sendung lässt sich wiederholen.",
    )


def attached_already() -> Conflict:
    """A page is to be taken off a document that was accepted with it."""
    return Conflict(
        "attached_already",
        "A document has been accepted with this page, so its place cannot be changed any more; scan the page again "
        "if it belongs elsewhere.",
        detail_de="Mit dieser Seite wurde schon ein Dokument angenommen; ihr Platz lässt sich nicht mehr ändern. "
        "Gehört sie woandershin, bitte neu scannen.",
    )


def unknown_document_fault() -> Fault:
    """`assign` names a document that is not there, or was never finished."""
    return Fault(
        "document_id",
        "unknown_document",
        "Dieses Dokument gibt es nicht; bitte die Kennung des gedruckten Dokuments angeben.",
        "There is no such document; give the id of the printed document.",
        "0123456789ABCDEFGHJK",
    )


def unknown_page_fault(pages: int) -> Fault:
    """`assign` names a page that the document does not have."""
    return Fault(
        "page",
        "unknown_page",
        f"Das Dokument hat die Seiten 1 bis {pages}.",
        f"The document has the pages 1 to {pages}.",
        "1",
    )


def gave_up() -> DocserviceError:
    """All attempts are used up, most likely because the worker died in each of them."""
    return DocserviceError(
        "gave_up",
        "This could not be read in several attempts and was set aside. Retry, or scan again.",
        detail_de="Das ließ sich in mehreren Versuchen nicht lesen und wurde zurückgestellt. Bitte wiederholen oder "
        "neu scannen.",
    )


def page_crashed(error: Exception) -> DocserviceError:
    """An error nobody foresaw on one page, by its class alone: its text may hold something of the page."""
    name = type(error).__name__
    return DocserviceError(
        "internal_error",
        f"The page could not be read because of a fault in the service ({name}); it was logged. Please look at it.",
        detail_de=f"Die Seite konnte wegen eines Fehlers im Dienst ({name}) nicht gelesen werden; er ist "
        "protokolliert. Bitte selbst ansehen.",
    )


def given_up(code: str) -> DocserviceError:
    """That it was given up, and for which reason."""
    told = gave_up()
    return DocserviceError(told.code, f"{told.detail} ({code})", detail_de=f"{told.detail_de} ({code})")
