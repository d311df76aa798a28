"""The one way JSON text comes in: strictly, as RFC 8259 and I-JSON (RFC 7493) have it."""

from __future__ import annotations

import codecs
import hashlib
import json
from dataclasses import dataclass
from typing import Any, NoReturn

from docservice.domain.errors import DocserviceError


@dataclass(frozen=True, slots=True)
class JsonBody:
    """Parsed JSON and the SHA-256 of its canonical form (equal for texts that differ in white space only)."""

    payload: object
    sha256: str


def parse_json(raw: bytes) -> JsonBody:
    """Read JSON: UTF-8, no doubled names, no NaN, no half surrogates, bounded depth.

    A byte-order mark before it is ignored, as RFC 8259 allows: editors and spreadsheets put one there unseen.
    Anything else is DocserviceError("malformed_json"), which says where but never what stands there.
    """
    text = raw.removeprefix(codecs.BOM_UTF8)
    if not text:
        _malformed("it is empty", "er ist leer")
    if not (encoding := json.detect_encoding(text)).startswith("utf-8"):
        name = encoding[:6].upper()
        _malformed(
            f"it is in {name}; send or save it as UTF-8", f"er ist in {name}; bitte als UTF-8 senden oder speichern"
        )
    try:
        payload = json.loads(text.decode("utf-8"), object_pairs_hook=_unique, parse_constant=_no_constant)
        canonical = json.dumps(payload, sort_keys=True, ensure_ascii=False, allow_nan=False).encode("utf-8")
    except json.JSONDecodeError as error:
        if error.msg == "Extra data":
            _malformed(
                f"something follows after its end, at line {error.lineno}, column {error.colno}",
                f"nach seinem Ende folgt noch etwas, in Zeile {error.lineno}, Spalte {error.colno}",
            )
        _malformed(
            f"it breaks off at line {error.lineno}, column {error.colno}",
            f"er bricht in Zeile {error.lineno}, Spalte {error.colno} ab",
        )
    except UnicodeError:
        _malformed("it is not valid UTF-8", "er ist kein gültiges UTF-8")
    except RecursionError:
        _malformed("it is nested too deeply", "er ist zu tief geschachtelt")
    except _DoubledName:
        _malformed("a name stands twice in one object", "ein Name steht zweimal in einem Objekt")
    except ValueError:
        _malformed("a number is out of range", "eine Zahl liegt außerhalb des Bereichs")
    return JsonBody(payload, hashlib.sha256(canonical).hexdigest())


class _DoubledName(ValueError):
    pass


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise _DoubledName
    return found


def _no_constant(name: str) -> NoReturn:
    raise ValueError(name)


def _malformed(why: str, why_de: str) -> NoReturn:
    raise DocserviceError(
        "malformed_json",
        f"This is not readable JSON: {why}.",
        detail_de=f"Der Inhalt ist kein lesbares JSON: {why_de}.",
    ) from None
