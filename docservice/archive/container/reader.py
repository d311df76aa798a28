"""The members of a package, found without trusting any program that packs: each hashed, the container made again."""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import IO

from docservice.archive.container.layout import (
    CENTRAL,
    CENTRAL_SIGNATURE,
    CHAIN,
    END,
    END_SIGNATURE,
    LOCAL,
    LOCAL_SIGNATURE,
    MANIFEST,
    MOST_MEMBERS,
    Member,
    directory,
    local_header,
)

SMALL = 16 << 20
"""Bytes up to which manifest and chain entry are read whole."""
_LONGEST_NAME = 255
_PIECE = 1 << 20


@dataclass(frozen=True, slots=True)
class _Place:
    """Where the content of a member lies in the file."""

    name: str
    start: int
    size: int


@dataclass(frozen=True, slots=True)
class ReadMember:
    """A member as it was read."""

    member: Member
    sha256: str
    content: bytes | None  # of the small ones that are needed


@dataclass(slots=True)
class Contents:
    """All members by name, in the order of the file, and whether the container is as it has to be."""

    members: dict[str, ReadMember] = field(default_factory=dict)
    doubled: list[str] = field(default_factory=list)
    sound: bool = True
    cut_off: bool = False


def read_container(file: IO[bytes], size: int) -> Contents:
    """The members, found by walking from the start or, where that leads nowhere, by the directory at the end."""
    places, end, complete = _walked(file, size)
    cut_off = False
    if not complete or [places[0].name, places[-1].name] != [MANIFEST, CHAIN]:
        by_directory = _by_directory(file, size)
        cut_off = by_directory is None and not complete and bool(places) and not _has_end(file, size)
        places, end = by_directory or (places, end)
    contents = _hashed(file, places, Contents(cut_off=cut_off))
    if contents.doubled or cut_off:
        contents.sound = False
        return contents
    _compare_container(file, places, end, contents)
    return contents


def _compare_container(file: IO[bytes], places: Sequence[_Place], end: int, contents: Contents) -> None:
    """Make the container again and compare it; a file of which only the end is missing is reported as that."""
    position = 0
    members = [found.member for found in contents.members.values()]
    for place, member in zip(places, members, strict=True):
        header = local_header(member)
        file.seek(position)
        if place.start != position + len(header) or file.read(len(header)) != header:
            contents.sound = False
        position = place.start + place.size
    expected = directory(members)
    file.seek(end)
    rest = file.read(len(expected) + 1)
    if rest != expected:
        contents.sound = False
        contents.cut_off = expected.startswith(rest)


def _walked(file: IO[bytes], size: int) -> tuple[list[_Place], int, bool]:
    """The members one after the other from the start, where the way ends, and whether that is the directory."""
    places: list[_Place] = []
    position = 0
    while len(places) <= MOST_MEMBERS:
        file.seek(position)
        header = file.read(LOCAL.size)
        if places and (header[:4] == CENTRAL_SIGNATURE or not header):
            return places, position, True
        if len(header) < LOCAL.size or header[:4] != LOCAL_SIGNATURE:
            break
        length, name_size, extra = LOCAL.unpack(header)[8:]
        name = _name(file.read(name_size)) if name_size <= _LONGEST_NAME else None
        start = position + LOCAL.size + name_size
        if name is None or extra or start + length > size:
            break
        places.append(_Place(name, start, length))
        position = start + length
    return places, position, False


def _has_end(file: IO[bytes], size: int) -> bool:
    file.seek(max(0, size - END.size))
    return file.read(4) == END_SIGNATURE


def _by_directory(file: IO[bytes], size: int) -> tuple[list[_Place], int] | None:
    """The members as the directory at the end lists them, and where it begins; None when there is none."""
    if size < END.size:
        return None
    file.seek(size - END.size)
    signature, _, _, count, _, length, start, _ = END.unpack(file.read(END.size))
    if signature != END_SIGNATURE or count > MOST_MEMBERS or start + length + END.size != size:
        return None
    places: list[_Place] = []
    position = 0
    file.seek(start)
    for _ in range(count):
        entry = file.read(CENTRAL.size)
        if len(entry) < CENTRAL.size or entry[:4] != CENTRAL_SIGNATURE:
            return None
        fields = CENTRAL.unpack(entry)
        name = _name(file.read(fields[10])) if fields[10] <= _LONGEST_NAME else None
        begin = position + LOCAL.size + fields[10]
        if name is None or fields[16] != position or begin + fields[9] > start:
            return None  # members that leave gaps or lie over each other are none of ours
        places.append(_Place(name, begin, fields[9]))
        position = begin + fields[9]
    return places, start


def _name(data: bytes) -> str | None:
    try:
        return data.decode() if data else None
    except UnicodeDecodeError:
        return None


def _hashed(file: IO[bytes], places: Sequence[_Place], contents: Contents) -> Contents:
    for place in places:
        if place.name in contents.members:
            contents.doubled.append(place.name)
            continue
        keep = place.name in (MANIFEST, CHAIN) and place.size <= SMALL
        digest, crc, kept = hashlib.sha256(), 0, bytearray()
        file.seek(place.start)
        rest = place.size
        while rest and (piece := file.read(min(_PIECE, rest))):
            digest.update(piece)
            crc = zlib.crc32(piece, crc)
            rest -= len(piece)
            if keep:
                kept += piece
        member = Member(place.name, place.size, crc)
        contents.members[place.name] = ReadMember(member, digest.hexdigest(), bytes(kept) if keep else None)
    return contents
