"""Entity tags, conditional requests and byte ranges (RFC 9110)."""

from __future__ import annotations

import re

from docservice.api.problems import RequestError

_TAG = re.compile(r'(W/)?"([\x21\x23-\x7e\x80-\xff]*)"')
_RANGE = re.compile(r"bytes=\s*(\d{0,19})-(\d{0,19})\s*", re.IGNORECASE)


def quoted(tag: str) -> str:
    """A strong entity tag as it stands in the header."""
    return f'"{tag}"'


def none_match(header: str | None, tag: str) -> bool:
    """Whether the caller has this state already (weak comparison), so that 304 is the answer."""
    if header is None:
        return False
    return header.strip() == "*" or any(found[1] == tag for found in _tags(header))


def required_revision(header: str | None, current: int) -> int:
    """The revision the caller has seen, from If-Match; the present one for "*".

    A missing header is refused (428): nobody overwrites what he has not read. A tag that is not a revision, or a
    weak one, matches nothing.
    """
    if header is None:
        raise RequestError(
            "precondition_required",
            'Send If-Match with the ETag of the version you changed, for example If-Match: "3".',
            'Bitte If-Match mit dem ETag der geänderten Fassung senden, zum Beispiel If-Match: "3".',
        )
    if header.strip() == "*":
        return current
    seen = [int(tag) for weak, tag in _tags(header) if not weak and re.fullmatch(r"[0-9]{1,9}", tag)]
    if current in seen:
        return current
    return seen[0] if seen else -1


def byte_range(header: str | None, size: int) -> tuple[int, int] | None:
    """The half-open byte interval asked for, or None for the whole.

    Several ranges or another unit mean the whole, as RFC 9110 allows; a range past the end is refused (416).
    """
    match = _RANGE.fullmatch(header) if header else None
    if match is None or match[1] == match[2] == "":
        return None
    first, last = match[1], match[2]
    if first and last and int(last) < int(first):
        return None
    start = int(first) if first else max(0, size - int(last))
    end = min(size, int(last) + 1) if first and last else size
    if start >= size or (not first and int(last) == 0):
        raise RequestError(
            "range_not_satisfiable",
            f"The file has {size} bytes; ask for a range inside it.",
            f"Die Datei hat {size} Byte; bitte einen Bereich darin anfordern.",
            {"Content-Range": f"bytes */{size}"},
        )
    return start, end


def _tags(header: str) -> list[tuple[str, str]]:
    return [(match[1] or "", match[2]) for match in _TAG.finditer(header)]
