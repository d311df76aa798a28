"""The archive package: one ZIP with everything that proves a returned document. The same input gives the same bytes."""

from __future__ import annotations

import hashlib
import os
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from docservice.archive.layout import (
    CHAIN,
    FORMAT,
    LARGEST,
    MANIFEST,
    VERSION,
    Member,
    as_json,
    directory,
    local_header,
)
from docservice.archive.parts import PackedObject
from docservice.domain.errors import DocserviceError
from docservice.domain.hash_chain import ALGORITHM, ChainEntry

_PIECE = 1 << 20


@dataclass(frozen=True, slots=True)
class Package:
    """A package on disk that lacks its end: the place in the chain, which is given only once."""

    path: Path
    manifest_sha256: str
    _members: tuple[Member, ...]
    _sha256: object  # of what is written so far; a hash object, which is copied and never changed

    def end(self, entry: ChainEntry) -> PackageEnd:
        """What is missing when the package gets this place in the chain. Quick: made inside a transaction."""
        chain = as_json({**entry.as_json(), "hash": ALGORITHM})
        member = Member(CHAIN, len(chain), zlib.crc32(chain))
        data = local_header(member) + chain + directory((*self._members, member))
        whole = self._sha256.copy()  # type: ignore[attr-defined]  # hashlib's objects have no public type
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

    Objects stand in the order given. Raises DocserviceError "package_too_large" above 4 GiB, "disk_full".
    """
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
        raise _no_room(error) from error
    return Package(path, hashlib.sha256(manifest).hexdigest(), members, whole)


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
    return DocserviceError(
        "package_too_large",
        "The archive package would be larger than 4 GiB. Scan the document again with a lower resolution.",
        detail_de="Das Archivpaket würde größer als 4 GiB. Bitte das Dokument mit geringerer Auflösung neu scannen.",
    )


def _no_room(error: OSError) -> DocserviceError:
    return DocserviceError(
        "disk_full",
        f"The package cannot be written to the folder for temporary files ({error.strerror}). Free some space.",
        detail_de="Das Paket kann nicht in den Ordner für temporäre Dateien geschrieben werden. Bitte Platz schaffen.",
        retryable=True,
    )
