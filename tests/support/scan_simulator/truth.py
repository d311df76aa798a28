"""What is true of simulated scans, told in the words of the domain: what a perfect reader would find."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from docservice.domain.returned.scans import Homography, Rect


class PageKind(StrEnum):
    """What a scanned page is."""

    FORM = "form"  # a page of a generated document
    BLANK = "blank"
    FOREIGN = "foreign"


@dataclass(frozen=True, slots=True)
class ZoneTruth:
    """Whether a zone holds a signature, and what stands in it: hand and pen, or the name of what is no signature.

    `visible`: the share of the signature's path in the zone that stands out on the scan; 0 when no person could see it.
    """

    signed: bool
    what: str
    visible: float = 0.0


@dataclass(frozen=True, slots=True)
class PageTruth:
    """One scanned page. Places are in points of the generated page, origin bottom-left, as in `domain.scans`.

    `rotation`: clockwise degrees by which the picture has to be turned to stand upright. `page_to_scan` takes page
    points to pixels of the picture as `PictureFiles` gives it (a fax stretched to square pixels); None when the page is
    no form. `readable`: a person could read a code of ours on it. `expected_writing`: filled in by hand where the
    printed page asks for it, so no change. `copy_of`: the index, in the whole stack, of the page that this one
    repeats; `copy_kind` says how.
    """

    kind: PageKind
    profile: str
    rotation: int = 0
    document_id: str | None = None
    page: int | None = None
    zones: Mapping[str, ZoneTruth] = field(default_factory=dict)
    amended: tuple[Rect, ...] = ()
    expected_writing: tuple[Rect, ...] = ()
    readable: bool = True
    page_to_scan: Homography | None = None
    what: str = ""  # of blank and foreign pages: which sort; of forms: what happened to the sheet
    outdated: bool = False
    copy_of: int | None = None
    copy_kind: str = ""


@dataclass(frozen=True, slots=True)
class PlacedPage:
    """A page in the files of a stack: which file, which page of it (from 0), and its truth."""

    file: str
    index: int
    truth: PageTruth


@dataclass(frozen=True, slots=True)
class StackTruth:
    """All pages of a stack in the order of the files, and the pages of the documents that are not in it."""

    pages: tuple[PlacedPage, ...]
    missing: tuple[tuple[str, int], ...]  # document id, page
