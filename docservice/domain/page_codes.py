"""What stands in the code on each page: format version, opaque document id, page, check value. Nothing personal.

29 characters of the QR alphanumeric set, so that a version 2 symbol (25 modules) carries them at level Q (a quarter
of the symbol may be lost). The page total is left out: it is known by document id.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from typing import TypeGuard

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford base 32: no I, L, O, U
FORMAT = "D1"
ID_LETTERS = 20  # 100 random bits
PAGE_DIGITS = 3
CHECK_LETTERS = 4  # 20 bits: one misread in a million passes unnoticed
NO_DOCUMENT = "0" * ID_LETTERS  # on previews: a page that belongs to no document
WHOLE_DOCUMENT = 0  # the page number in the code of a Word document, whose pages are not known
ID_PATTERN = f"^[{ALPHABET}]{{{ID_LETTERS}}}$"


@dataclass(frozen=True, slots=True)
class PageCode:
    """The identity of one printed page. `page` counts from 1; 0 stands for the Word document as a whole."""

    document_id: str
    page: int

    def payload(self) -> str:
        """The text of the code; ValueError when id or page cannot be written in it."""
        if not is_id(self.document_id):
            raise ValueError("a document id has 20 letters of the Crockford base 32 alphabet")
        if not 0 <= self.page < 10**PAGE_DIGITS:
            raise ValueError("a page number lies between 0 and 999")
        body = f"{FORMAT}{self.document_id}{self.page:0{PAGE_DIGITS}d}"
        return body + _check(body)

    @classmethod
    def parse(cls, payload: str) -> PageCode | None:
        """The identity a payload states, or None when it is not one of ours or its check value is wrong."""
        length = len(FORMAT) + ID_LETTERS + PAGE_DIGITS + CHECK_LETTERS
        if len(payload) != length or not payload.isascii() or not payload.startswith(FORMAT):
            return None
        body, check = payload[:-CHECK_LETTERS], payload[-CHECK_LETTERS:]
        document_id, page = body[len(FORMAT) : -PAGE_DIGITS], body[-PAGE_DIGITS:]
        if _check(body) != check or not page.isdigit() or not is_id(document_id):
            return None
        return cls(document_id, int(page))


def is_id(value: object) -> TypeGuard[str]:
    """Whether it has the form of an id: of a document, and of everything else that gets an id here."""
    return isinstance(value, str) and re.fullmatch(ID_PATTERN, value) is not None


def id_of_bytes(secret: bytes) -> str:
    """An opaque id from at least 13 bytes that nobody can guess."""
    return base32(int.from_bytes(secret, "big"), ID_LETTERS)


def base32(number: int, letters: int) -> str:
    """The lowest `letters` base 32 digits of a number, most significant first."""
    return "".join(ALPHABET[number >> 5 * place & 31] for place in reversed(range(letters)))


def _check(body: str) -> str:
    digest = hashlib.sha256(b"docservice page code " + body.encode("ascii")).digest()
    return base32(int.from_bytes(digest[:4], "big"), CHECK_LETTERS)
