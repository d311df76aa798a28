"""What the room says when it cannot do what was asked: one sentence each, in both languages of the office."""

from __future__ import annotations

from docservice.domain.errors import Conflict, DocserviceError


def not_ready() -> Conflict:
    """The file was asked for before it was made."""
    return Conflict(
        "not_ready",
        "This file does not exist yet; wait until the bundle is ready.",
        detail_de="Diese Datei gibt es noch nicht; bitte warten, bis das Bündel fertig ist.",
    )


def not_failed() -> Conflict:
    """A retry was asked for where nothing has failed, or not yet."""
    return Conflict(
        "not_failed",
        "Only a failed bundle can be tried again; wait until this one is finished.",
        detail_de="Nur ein fehlgeschlagenes Bündel lässt sich wiederholen; bitte warten, bis es fertig ist.",
    )


def gave_up() -> DocserviceError:
    """All attempts are used up, most likely because the worker died in each of them."""
    return DocserviceError(
        "gave_up",
        "The document could not be made in several attempts and was set aside. Retry, or tell operations.",
        detail_de="Das Dokument ließ sich in mehreren Versuchen nicht erstellen und wurde zurückgestellt. "
        "Bitte wiederholen oder den Betrieb verständigen.",
    )


def unexpected(error: Exception) -> DocserviceError:
    """An error nobody foresaw, by its class alone: its text may hold a value of the case."""
    name = type(error).__name__
    return DocserviceError(
        "internal_error",
        f"The document could not be made because of a fault in the service ({name}); it was logged. "
        "Retry, or tell operations.",
        detail_de=f"Das Dokument konnte wegen eines Fehlers im Dienst ({name}) nicht erstellt werden; "
        "er ist protokolliert. Bitte wiederholen oder den Betrieb verständigen.",
    )
