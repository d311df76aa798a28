"""The body of a bundle request."""

from __future__ import annotations

import re
from collections.abc import Mapping

from docservice.bundles.orders import COPIES, BundleOrder, order_faults
from docservice.domain.errors import Fault, InvalidInput

_FIELDS = {
    "languages": ("eine Liste von Sprachkürzeln", "a list of language codes", '["de", "ru"]'),
    "copies": ("eine Liste von Exemplaren", "a list of copies", '["city", "family"]'),
    "duplex": ("true oder false", "true or false", "true"),
    "cover": ("true oder false", "true or false", "false"),
}
_LISTS = ("languages", "copies")
DEFAULT_LANGUAGES = ("de", "ru")


def order_of(payload: object) -> BundleOrder:
    """The order a body asks for; what it leaves out has its default. InvalidInput names every fault."""
    if not isinstance(payload, Mapping):
        raise InvalidInput(
            [
                Fault(
                    "body",
                    "not_an_object",
                    "Hier muss ein Objekt stehen.",
                    "An object must stand here.",
                    '{"duplex": true}',
                )
            ]
        )
    wrong = [name for name in _FIELDS if name in payload and not _fits(name, payload[name])]
    given = {name: value for name, value in payload.items() if name not in wrong}
    order = BundleOrder(
        languages=tuple(given.get("languages", DEFAULT_LANGUAGES)),
        copies=tuple(given.get("copies", COPIES)),
        duplex=given.get("duplex", True),
        cover=given.get("cover", False),
    )
    faults = [_unknown(str(name)) for name in payload if name not in _FIELDS]
    faults += [_wrong(name) for name in wrong]
    faults += order_faults(order)
    if faults:
        raise InvalidInput(faults)
    return order


def _fits(name: str, value: object) -> bool:
    if name in _LISTS:
        return isinstance(value, list) and all(isinstance(item, str) for item in value)
    return isinstance(value, bool)


def _wrong(name: str) -> Fault:
    german, english, example = _FIELDS[name]
    return Fault(name, "wrong_type", f"Hier muss {german} stehen.", f"This must be {english}.", example)


def _unknown(name: str) -> Fault:
    known = ", ".join(_FIELDS)
    path = name if re.fullmatch(r"[a-z_]{1,40}", name) else "?"  # a name may be a value in the wrong place
    return Fault(
        path, "unknown_field", f"Dieses Feld gibt es nicht; es gibt {known}.", f"No such field; known: {known}."
    )
