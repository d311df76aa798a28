"""The one way JSON text comes in: strictly, as RFC 8259 and I-JSON (RFC 7493) have it."""

from __future__ import annotations

import codecs
import hashlib
import json
from dataclasses import dataclass
from typing import Any, NoReturn

from docservice.domain.errors import DocserviceError
from docservice.domain.text.messages import Sentence, say


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
        _malformed(say("pieces.json_empty"))
    if not (encoding := json.detect_encoding(text)).startswith("utf-8"):
        _malformed(say("pieces.json_encoding", encoding=encoding[:6].upper()))
    try:
        payload = json.loads(text.decode("utf-8"), object_pairs_hook=_unique, parse_constant=_no_constant)
        canonical = json.dumps(payload, sort_keys=True, ensure_ascii=False, allow_nan=False).encode("utf-8")
    except json.JSONDecodeError as error:
        if error.msg == "Extra data":
            _malformed(say("pieces.json_goes_on", line=error.lineno, column=error.colno))
        _malformed(say("pieces.json_breaks_off", line=error.lineno, column=error.colno))
    except UnicodeError:
        _malformed(say("pieces.json_no_utf8"))
    except RecursionError:
        _malformed(say("pieces.json_too_deep"))
    except _DoubledName:
        _malformed(say("pieces.json_doubled_name"))
    except ValueError:
        _malformed(say("pieces.json_number"))
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


def _malformed(why: Sentence) -> NoReturn:
    raise DocserviceError.told("tools.malformed_json", why=why) from None
