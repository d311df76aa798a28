"""What the room says when it cannot do what was asked: one sentence each, in both languages of the office."""

from __future__ import annotations

from docservice.domain.errors import Conflict, DocserviceError


def not_ready() -> Conflict:
    """The file was asked for before it was made."""
    return Conflict.told("bundles.not_ready")


def not_failed() -> Conflict:
    """A retry was asked for where nothing has failed, or not yet."""
    return Conflict.told("bundles.not_failed")


def gave_up() -> DocserviceError:
    """All attempts are used up, most likely because the worker died in each of them."""
    return DocserviceError.told("bundles.gave_up")


def unexpected(error: Exception) -> DocserviceError:
    """An error nobody foresaw, by its class alone: its text may hold a value of the case."""
    name = type(error).__name__
    return DocserviceError.told("bundles.internal_error", name=name)


def superseded_already() -> Conflict:
    """A document was to be issued again of which a later revision is there."""
    return Conflict.told("bundles.superseded_already")


def no_name_changed() -> Conflict:
    """A supplement was asked for though the case names everybody as the document does."""
    return Conflict.told("bundles.no_name_changed")
