"""The append-only hash chain of archived packages: each entry seals its manifest, its moment and the entry before it.

Whoever keeps one entry (on paper, with a timestamp service) has fixed every entry before it: none can be changed,
removed, added or put in another place without this entry's hash becoming another.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

ALGORITHM = "sha256"
GENESIS = "0" * 64
"""What stands as the previous hash in the first entry."""
_LABEL = "docservice chain entry 1"  # format and version: an entry's hash can be taken for no other hash
_SHA256 = re.compile(r"[0-9a-f]{64}")
_YEARS = range(1970, 9999)  # so that a moment can be told in every time zone
_KEYS = ("seq", "previous", "manifest_sha256", "at", "sha256")


@dataclass(frozen=True, slots=True)
class ChainEntry:
    """One entry. Numbers count from 1 without a gap; `at` is a moment in UTC, to the microsecond."""

    seq: int
    previous: str
    manifest_sha256: str
    at: datetime
    sha256: str

    def as_json(self) -> dict[str, object]:
        """The entry as plain data; `from_json` takes it back."""
        return {
            "seq": self.seq,
            "previous": self.previous,
            "manifest_sha256": self.manifest_sha256,
            "at": _moment(self.at),
            "sha256": self.sha256,
        }

    @classmethod
    def from_json(cls, data: object) -> ChainEntry:
        """The entry that plain data states; ValueError when it states none in exactly this form."""
        if not isinstance(data, Mapping) or sorted(data) != sorted(_KEYS):
            raise ValueError("a chain entry has the keys " + ", ".join(_KEYS))
        seq, at = data["seq"], data["at"]
        hashes = (data["previous"], data["manifest_sha256"], data["sha256"])
        if type(seq) is not int or seq < 1 or not isinstance(at, str) or not all(map(_is_sha256, hashes)):
            raise ValueError("a value of the chain entry has another form")
        moment = datetime.fromisoformat(at)
        if moment.utcoffset() is None or moment.year not in _YEARS or _moment(moment) != at:
            raise ValueError("the moment of a chain entry is in UTC, to the microsecond, between 1970 and 9998")
        return cls(seq, str(hashes[0]), str(hashes[1]), moment, str(hashes[2]))

    @property
    def sound(self) -> bool:
        """Whether its hash is the one of its content."""
        return self.sha256 == _hash(self.seq, self.previous, self.manifest_sha256, self.at)


class ChainFault(StrEnum):
    """What can be wrong with an entry of a chain."""

    CONTENT = "content"  # its hash is not the one of its content
    LINK = "link"  # it does not name the entry before it
    NUMBER = "number"  # a number is missing, doubled or out of order


def following(last: ChainEntry | None, manifest_sha256: str, at: datetime) -> ChainEntry:
    """The entry for a manifest after the `last` one (None: the first). ValueError for a time without an offset."""
    if at.utcoffset() is None or not _is_sha256(manifest_sha256):
        raise ValueError("an entry needs a SHA-256 in small hexadecimal letters and a moment with its offset")
    seq, previous = (1, GENESIS) if last is None else (last.seq + 1, last.sha256)
    moment = at.astimezone(UTC)
    return ChainEntry(seq, previous, manifest_sha256, moment, _hash(seq, previous, manifest_sha256, moment))


def chain_faults(entries: Iterable[ChainEntry], after: ChainEntry | None = None) -> Iterator[tuple[int, ChainFault]]:
    """Number and fault of every entry that is not as it was written; nothing for a whole chain.

    `entries` follow `after` in the order of their numbers; None stands for the beginning.
    """
    seq, previous = (0, GENESIS) if after is None else (after.seq, after.sha256)
    for entry in entries:
        if entry.seq != seq + 1:
            yield entry.seq, ChainFault.NUMBER
        if entry.previous != previous:
            yield entry.seq, ChainFault.LINK
        if not entry.sound:
            yield entry.seq, ChainFault.CONTENT
        seq, previous = entry.seq, entry.sha256


def _hash(seq: int, previous: str, manifest_sha256: str, at: datetime) -> str:
    lines = (_LABEL, str(seq), previous, manifest_sha256, _moment(at))
    return hashlib.sha256("".join(f"{line}\n" for line in lines).encode("ascii")).hexdigest()


def _moment(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="microseconds")


def _is_sha256(value: object) -> bool:
    return isinstance(value, str) and _SHA256.fullmatch(value) is not None
