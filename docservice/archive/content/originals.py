"""The pages of a document out of the files that were handed in, for its readable copy and for its package.

A file goes into the package byte for byte when nothing else is in it. Of a stack that holds pages of others, the
package gets the document's pages alone: the page's encoded picture as it lies in the file, where the page is one
picture of a PDF, and otherwise its pixels as they were read, without further loss; so, too, of a picture that shows a
page of others beside it. The whole stack stays in the store
under its hash.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Protocol

from PIL import Image

from docservice.archive.content.model import OriginalFile, PackedObject
from docservice.db.scan_pages import ScanPageRecord
from docservice.domain.errors import DocserviceError
from docservice.tools.untrusted.outlines import cut_out
from docservice.tools.untrusted.page_streams import PageStreams
from docservice.tools.untrusted.pictures import PDF, FileRefused, Picture

_SUFFIXES = {
    PDF: "pdf", "image/tiff": "tif", "image/jpeg": "jpg", "image/png": "png", "image/heic": "heic",
}  # fmt: skip
_STEP = 3  # pages that are read and dropped between two wanted ones, sooner than starting another process
ROLE = "original"


class PageFiles(Protocol):
    """Opens files of strangers: PictureFiles, or what a test hands in."""

    def pages(self, path: Path, first: int = 0, count: int | None = None) -> Iterator[Picture | FileRefused]:
        """See PictureFiles."""


class Originals:
    """Reads the standing pages of the files, and keeps what the package gets of each file."""

    def __init__(self, files: PageFiles, streams: PageStreams, folder: Path) -> None:
        """`folder` takes the copies of single pages; it has to live as long as the objects are needed."""
        self._files = files
        self._streams = streams
        self._folder = folder
        self.objects: list[PackedObject] = []
        self.described: list[Mapping[str, object]] = []

    def pages(self, number: int, file: OriginalFile, path: Path) -> Iterator[tuple[ScanPageRecord, Picture]]:
        """The standing pages of a file as pictures, in the order of the file; `number` names the file in the package.

        When they are through, `objects` and `described` (for the manifest) know what the package gets of the file.
        Raises DocserviceError when a page cannot be read any more.
        """
        alone = [page.position for page in file.standing if page.reading is None or page.reading.outline is None]
        encoded = {} if file.whole or file.record.media_type != PDF or not alone else self._taken(path, alone)
        taken: list[Mapping[str, object]] = []
        for page, picture in self._read(file, path):
            if not file.whole:
                taken.append(self._keep(number, page, picture, encoded.get(page.position)))
            yield page, picture
        if file.whole:
            name = f"original/file-{number}.{_SUFFIXES[str(file.record.media_type)]}"
            self.objects.append(PackedObject(name, ROLE, str(file.record.media_type), path))
            taken = [{"position": position, "path": name, "form": "whole_file"} for position in file.positions]
        self.described.append(
            {
                "sha256": file.record.sha256,
                "size": file.record.size,
                "media_type": file.record.media_type,
                "pages_in_file": file.record.pages,
                "whole": file.whole,
                "taken": taken,
            }
        )

    def _taken(self, path: Path, positions: Sequence[int]) -> dict[int, tuple[Path, str]]:
        found = {}
        for page in self._streams.take(path, positions):
            kept = self._folder / f"{len(self.objects)}-{page.position}.pdf"
            kept.write_bytes(page.pdf)
            found[page.position] = kept, page.stream_sha256
        return found

    def _read(self, file: OriginalFile, path: Path) -> Iterator[tuple[ScanPageRecord, Picture]]:
        wanted: dict[int, list[ScanPageRecord]] = {}
        for page in file.standing:
            wanted.setdefault(page.position, []).append(page)
        for first, count in _runs(sorted(wanted)):
            for position, picture in enumerate(self._files.pages(path, first, count), start=first):
                if position not in wanted:
                    continue
                if isinstance(picture, FileRefused):
                    raise picture
                for page in wanted.pop(position):
                    outline = None if page.reading is None else page.reading.outline
                    yield page, picture if outline is None else cut_out(picture, outline)
        if wanted:
            raise DocserviceError(
                "pages_lost",
                "A scanned file has fewer pages now than when it was read. Restore it from the backup.",
                detail_de="Eine gescannte Datei hat weniger Seiten als beim Lesen. Bitte aus der Sicherung "
                "wiederherstellen.",
            )

    def _keep(
        self, number: int, page: ScanPageRecord, picture: Picture, encoded: tuple[Path, str] | None
    ) -> Mapping[str, object]:
        shared = page.reading is not None and page.reading.outline is not None
        part = f"-part-{page.region + 1}" if shared else ""
        start = f"original/file-{number}-page-{page.position + 1}{part}"
        if encoded is not None:
            path, digest = encoded
            self.objects.append(PackedObject(f"{start}.pdf", ROLE, PDF, path))
            form: dict[str, object] = {"form": "encoded_picture", "stream_sha256": digest}
            return {"position": page.position, "path": f"{start}.pdf", **form}
        ending, media_type = ("tif", "image/tiff") if picture.bilevel else ("png", "image/png")
        kept = self._folder / f"{len(self.objects)}-{page.position}{part}.{ending}"
        kept.write_bytes(_lossless(picture))
        self.objects.append(PackedObject(f"{start}.{ending}", ROLE, media_type, kept))
        height, width = picture.pixels.shape[:2]
        form = {"form": "lossless_pixels", "width": width, "height": height}
        if page.reading is not None and page.reading.outline is not None:
            form["outline"] = [list(corner) for corner in page.reading.outline]
        return {"position": page.position, "path": f"{start}.{ending}", **form}


def _runs(positions: Sequence[int]) -> Iterator[tuple[int, int]]:
    """First page and number of pages of each stretch that is read in one go."""
    start = last = positions[0]
    for position in positions[1:]:
        if position - last > _STEP:
            yield start, last - start + 1
            start = position
        last = position
    yield start, last - start + 1


def _lossless(picture: Picture) -> bytes:
    """Every pixel as it was read: TIFF with CCITT group 4 when black and white, PNG otherwise."""
    dpi = (picture.dpi, picture.dpi) if picture.dpi else (72.0, 72.0)
    image = Image.fromarray(picture.pixels)
    result = io.BytesIO()
    if picture.bilevel:
        image.convert("1", dither=Image.Dither.NONE).save(result, "TIFF", compression="group4", dpi=dpi)
    else:
        image.save(result, "PNG", compress_level=1, dpi=dpi)
    return result.getvalue()
