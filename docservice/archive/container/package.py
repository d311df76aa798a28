"""The archive package: one ZIP with everything that proves a returned document. The same input gives the same bytes."""

from __future__ import annotations

import hashlib
import json
import os
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING

from docservice.archive.container.layout import (
    CHAIN,
    FORMAT,
    HASHES,
    LARGEST,
    LOCAL,
    MANIFEST,
    VERSION,
    Member,
    as_json,
    directory,
    hash_lines,
    local_header,
)
from docservice.archive.content.model import PackedObject
from docservice.archive.scratch import no_room
from docservice.domain.errors import DocserviceError
from docservice.domain.hash_chain import ALGORITHM, ChainEntry

_PIECE = 1 << 20
if TYPE_CHECKING:
    _Hash = hashlib._Hash  # as typeshed calls what hashlib gives no name


@dataclass(frozen=True, slots=True)
class Package:
    """The body of a package on disk: all but its end, which tells the place in the chain and is given only once."""

    path: Path
    manifest_sha256: str
    _members: tuple[Member, ...]
    _sha256: _Hash  # of what is written so far; copied and never changed

    def end(self, entry: ChainEntry) -> PackageEnd:
        """What is missing when the package gets this place in the chain. Quick: made inside a transaction."""
        chain = as_json({**entry.as_json(), "hash": ALGORITHM})
        member = Member(CHAIN, len(chain), zlib.crc32(chain))
        data = local_header(member) + chain + directory((*self._members, member))
        whole = self._sha256.copy()
        whole.update(data)
        return PackageEnd(data, whole.hexdigest(), self.path.stat().st_size + len(data))

    def close(self, end: PackageEnd) -> None:
        """Write the end: the file is the package now."""
        with self.path.open("ab") as file:
            file.write(end.data)
            file.flush()
            os.fsync(file.fileno())


@dataclass(frozen=True, slots=True)
class PackageEnd:
    """The last bytes of a package, and hash and size of the whole."""

    data: bytes
    sha256: str
    size: int


def pack(path: Path, about: Mapping[str, object], objects: Sequence[PackedObject]) -> Package:
    """Write everything but the end to `path`. `about` says in the manifest what the package is of.

    Objects stand in the order given, after the list of their hashes. Raises DocserviceError "package_too_large" above
    4 GiB, "disk_full".
    """
    objects = (_hashes_of(objects), *objects)
    listed = [_listed(each) for each in objects]
    manifest = as_json(
        {
            **about,
            "format": FORMAT,
            "version": VERSION,
            "hash": ALGORITHM,
            "objects": [
                {"path": each.path, "role": each.role, "media_type": each.media_type, "size": size, "sha256": digest}
                for each, (size, _, digest) in zip(objects, listed, strict=True)
            ],
        }
    )
    first = Member(MANIFEST, len(manifest), zlib.crc32(manifest))
    members = (first, *(Member(o.path, size, crc) for o, (size, crc, _) in zip(objects, listed, strict=True)))
    if sum(member.size + 1024 for member in members) > LARGEST:
        raise _too_large()
    contents: Iterable[bytes | Path] = (manifest, *(each.content for each in objects))
    whole = hashlib.sha256()
    try:
        with path.open("wb") as file:
            for member, content in zip(members, contents, strict=True):
                for piece in (local_header(member), *_pieces(content)):
                    whole.update(piece)
                    file.write(piece)
    except OSError as error:
        raise no_room(error) from error
    return Package(path, hashlib.sha256(manifest).hexdigest(), members, whole)


def reopened(path: Path, manifest_sha256: str) -> Package | None:
    """The body that lies in a file since earlier, by whichever release it was packed; ready to be closed.

    Nothing in the file is believed: None when a byte of it is not as it was packed for the manifest with this hash.
    """
    whole = hashlib.sha256()
    with path.open("rb") as file:
        try:
            found = list(_reread(file, whole))
        except ValueError:
            return None
        if not found or (found[0][0].name, found[0][1]) != (MANIFEST, manifest_sha256):
            return None
        file.seek(len(local_header(found[0][0])))
        objects = json.loads(file.read(found[0][0].size))["objects"]
    stated = [(each["path"], each["size"], each["sha256"]) for each in objects]
    if [(member.name, member.size, digest) for member, digest in found[1:]] != stated:
        return None
    return Package(path, manifest_sha256, tuple(member for member, _ in found), whole)


def _reread(file: IO[bytes], whole: _Hash) -> Iterator[tuple[Member, str]]:
    """The members one after the other with their SHA-256; ValueError where none begins as it has to."""
    while start := file.read(LOCAL.size):
        if len(start) < LOCAL.size:
            raise ValueError("the file ends within a member")
        *_, rest, name_size, _ = LOCAL.unpack(start)
        name = file.read(name_size)
        whole.update(start + name)
        size, crc, digest = 0, 0, hashlib.sha256()
        while piece := file.read(min(_PIECE, rest - size)):
            size, crc = size + len(piece), zlib.crc32(piece, crc)
            digest.update(piece)
            whole.update(piece)
        member = Member(name.decode(), size, crc)
        if start + name != local_header(member):
            raise ValueError("the header is not that of its member")
        yield member, digest.hexdigest()


def _hashes_of(objects: Sequence[PackedObject]) -> PackedObject:
    lines = hash_lines((each.path, _listed(each)[2]) for each in objects)
    return PackedObject(HASHES, "hashes", "text/plain; charset=utf-8", lines)


def _listed(packed: PackedObject) -> tuple[int, int, str]:
    """Size, CRC-32 and SHA-256 of an object."""
    size, crc, digest = 0, 0, hashlib.sha256()
    for piece in _pieces(packed.content):
        size += len(piece)
        crc = zlib.crc32(piece, crc)
        digest.update(piece)
    return size, crc, digest.hexdigest()


def _pieces(content: bytes | Path) -> Iterator[bytes]:
    if isinstance(content, bytes):
        yield content
        return
    with content.open("rb") as file:
        while piece := file.read(_PIECE):
            yield piece


def _too_large() -> DocserviceError:
    return DocserviceError.told("archive.package_too_large")
