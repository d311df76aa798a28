"""The pages of a document out of the files that were handed in, for its readable copy and for its package.

A file goes into the package byte for byte when nothing else is in it. Of a stack that holds pages of others, the
package gets the document's pages alone: the page's encoded picture as it lies in the file, where the page is one
picture of a PDF, and otherwise its pixels as they were read, without further loss; so, too, of a picture that shows a
page of others beside it. The whole stack stays in the store under its hash. A page that was kept by itself since it
was read is taken from there, and the stack is not opened.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from itertools import groupby
from pathlib import Path

from PIL import Image

from docservice.archive.content.model import OriginalFile, PackedObject
from docservice.db.scan_pages import ScanPageRecord
from docservice.domain.errors import DocserviceError
from docservice.own_pages.service import OwnPage, OwnPages, PageFiles
from docservice.tools.untrusted.outlines import cut_out
from docservice.tools.untrusted.pictures import PDF, FileRefused, Picture

_SUFFIXES = {
    PDF: "pdf", "image/tiff": "tif", "image/jpeg": "jpg", "image/png": "png", "image/heic": "heic",
}  # fmt: skip
_MEDIA_TYPES = {ending: media_type for media_type, ending in _SUFFIXES.items()}
_STEP = 3  # pages that are read and dropped between two wanted ones, sooner than starting another process
ROLE = "original"


class PackagePages:
    """Reads the standing pages of the files, and keeps what the package gets of each file."""

    def __init__(self, files: PageFiles, own_pages: OwnPages, folder: Path, held: ExitStack) -> None:
        """`folder` takes copies of single pages, `held` keeps files open: both as long as the objects are needed."""
        self._files = files
        self._own_pages = own_pages
        self._folder = folder
        self._held = held
        self.objects: list[PackedObject] = []
        self.described: list[Mapping[str, object]] = []

    def of_file(
        self, number: int, file: OriginalFile, original: Callable[[], Path]
    ) -> Iterator[tuple[ScanPageRecord, Picture]]:
        """The standing pages of a file as pictures, in the order of the file; `number` names the file in the package.

        `original` opens the file itself, checked; of a stack it is needed only where a page is not kept by itself.
        When they are through, `objects` and `described` (for the manifest) know what the package gets of the file.
        Raises DocserviceError when a page cannot be read any more.
        """
        taken: list[Mapping[str, object]] = []
        if file.whole:
            yield from self._read(file.standing, original())
            name = f"original/file-{number}.{_SUFFIXES[str(file.record.media_type)]}"
            self.objects.append(PackedObject(name, ROLE, str(file.record.media_type), original()))
            taken = [{"position": position, "path": name, "form": "whole_file"} for position in file.positions]
        else:
            for own in self._alone(file, original):
                taken.append(self._packed(number, own))
                yield own.page, own.picture
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

    def _alone(self, file: OriginalFile, original: Callable[[], Path]) -> Iterator[OwnPage]:
        """The standing pages of a stack by themselves, in the order of the file."""
        for are_kept, some in groupby(file.standing, key=lambda page: page.stream_key is not None):
            if not are_kept:
                yield from self._taken(file, tuple(some), original())
                continue
            for page in some:
                own = self._held.enter_context(self._own_pages.opened(page, self._files))
                yield from self._taken(file, (page,), original()) if own is None else (own,)

    def _taken(self, file: OriginalFile, pages: Sequence[ScanPageRecord], path: Path) -> Iterator[OwnPage]:
        """Pages taken from the file itself, and kept by themselves from now on."""
        encoded = {}
        for found in self._own_pages.take(file.record, path, pages):
            copy = self._folder / f"{pages[0].id}-{found.position}.pdf"
            copy.write_bytes(found.pdf)
            encoded[found.position] = copy, "pdf", found.stream_sha256
        for page, picture in self._read(pages, path):
            copy, ending, digest = encoded.get(page.position) or self._pixels(page, picture)
            self._own_pages.keep(page, copy.read_bytes(), ending, digest)
            yield OwnPage(page, copy, ending, digest, picture)

    def _pixels(self, page: ScanPageRecord, picture: Picture) -> tuple[Path, str, None]:
        ending = "tif" if picture.bilevel else "png"
        copy = self._folder / f"{page.id}.{ending}"
        copy.write_bytes(_lossless(picture))
        return copy, ending, None

    def _read(self, pages: Sequence[ScanPageRecord], path: Path) -> Iterator[tuple[ScanPageRecord, Picture]]:
        wanted: dict[int, list[ScanPageRecord]] = {}
        for page in pages:
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
            raise DocserviceError.told("archive.pages_lost")

    def _packed(self, number: int, own: OwnPage) -> Mapping[str, object]:
        page, outline = own.page, None if own.page.reading is None else own.page.reading.outline
        part = "" if outline is None else f"-part-{page.region + 1}"
        name = f"original/file-{number}-page-{page.position + 1}{part}.{own.ending}"
        self.objects.append(PackedObject(name, ROLE, _MEDIA_TYPES[own.ending], own.path))
        if own.stream_sha256 is not None:
            form: dict[str, object] = {"form": "encoded_picture", "stream_sha256": own.stream_sha256}
        else:
            height, width = own.picture.pixels.shape[:2]
            form = {"form": "lossless_pixels", "width": width, "height": height}
        if outline is not None:
            form["outline"] = [list(corner) for corner in outline]
        return {"position": page.position, "path": name, **form}


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
