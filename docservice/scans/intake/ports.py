"""What the pipeline needs of the parts that open files and read pages, so that others can stand in for them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Protocol

from docservice.domain.returned.loose_pages import Place
from docservice.domain.returned.scans import Proposal
from docservice.scans.reading.page_reader import ReadPage
from docservice.tools.untrusted.pictures import FileFacts, FileRefused, Picture


class Opener(Protocol):
    """Opens the files of strangers (see `tools.untrusted.pictures.PictureFiles`)."""

    def inspect(self, path: Path) -> FileFacts:
        """What the file is; raises FileRefused."""

    def pages(self, path: Path, first: int = 0, count: int | None = None) -> Iterator[Picture | FileRefused]:
        """Its pages from `first` (counted from 0) on; one that cannot be read comes as a FileRefused."""


class Reader(Protocol):
    """Reads pages (see `scans.reading.page_reader.PageReader`)."""

    def read(self, picture: Picture) -> ReadPage:
        """What the page says by itself."""

    def read_as(self, picture: Picture, document_id: str, page: int) -> ReadPage:
        """What is on it, given that it is that page."""

    def propose(self, picture: Picture, places: Iterable[Place]) -> Proposal | None:
        """Which of these pages it looks like."""
