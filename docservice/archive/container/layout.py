"""The form of an archive package, version 2: its files, and the ZIP container byte for byte.

Everything is stored uncompressed and nothing in the container is free: names and contents of the members determine
every byte. So a package can be made again and compared, and no library's way of packing has to last. docs/
archive-package.md describes the form for those who have nothing but a package.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

FORMAT = "docservice archive package"
VERSION = 2
VERSIONS = (1, VERSION)  # that are in archives: packages of version 1 lack the list of hashes
MANIFEST = "manifest.json"  # the first member: a package that was cut off can still tell what is missing
HASHES = "manifest-sha256.txt"  # the first object: the hashes of all others, for whoever has no program but sha256sum
CHAIN = "chain.json"  # the last member: it is known when everything else is
LARGEST = (1 << 32) - 1  # bytes: beyond, the container would need another form
MOST_MEMBERS = 4096

_FLAGS = 0x0800  # names are UTF-8
_STORED = 0
_NEEDED = 20  # version 2.0 of the ZIP format
_MADE_BY = 3 << 8 | _NEEDED  # Unix
_TIME, _DATE = 0, 0x0021  # 1 January 1980: the moments that matter stand in the manifest and in the chain
_MODE = 0o100644 << 16
LOCAL = struct.Struct("<4s5H3L2H")
CENTRAL = struct.Struct("<4s6H3L5H2L")
END = struct.Struct("<4s4H2LH")
LOCAL_SIGNATURE, CENTRAL_SIGNATURE, END_SIGNATURE = b"PK\x03\x04", b"PK\x01\x02", b"PK\x05\x06"


@dataclass(frozen=True, slots=True)
class Member:
    """One file of the container, by what stands about it there."""

    name: str
    size: int
    crc: int


def local_header(member: Member) -> bytes:
    """What stands before the content of a member."""
    name = member.name.encode()
    return (
        LOCAL.pack(
            LOCAL_SIGNATURE, _NEEDED, _FLAGS, _STORED, _TIME, _DATE, member.crc, member.size, member.size, len(name), 0
        )
        + name
    )


def directory(members: Sequence[Member]) -> bytes:
    """What stands behind the content of the last member, up to the end of the file."""
    entries, offset = [], 0
    for member in members:
        name = member.name.encode()
        entry = CENTRAL.pack(
            CENTRAL_SIGNATURE, _MADE_BY, _NEEDED, _FLAGS, _STORED, _TIME, _DATE, member.crc, member.size, member.size,
            len(name), 0, 0, 0, 0, _MODE, offset,
        )  # fmt: skip
        entries.append(entry + name)
        offset += LOCAL.size + len(name) + member.size
    central = b"".join(entries)
    count = len(members)
    return central + END.pack(END_SIGNATURE, 0, 0, count, count, len(central), offset, 0)


def as_json(data: Mapping[str, object]) -> bytes:
    """JSON as it stands in a package: UTF-8, keys in order, one line for each value."""
    return json.dumps(data, ensure_ascii=False, sort_keys=True, indent=1).encode() + b"\n"


def hash_lines(hashes: Iterable[tuple[str, str]]) -> bytes:
    """Path and SHA-256 of each object as the lines of HASHES: those of a manifest of RFC 8493, which sha256sum reads.

    Takes every text that JSON can hold for a path.
    """
    return "".join(f"{digest}  {path}\n" for path, digest in hashes).encode(errors="surrogatepass")
