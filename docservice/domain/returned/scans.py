"""What was found on returned paper: pages, codes, signature zones, and what follows from them. Findings, not errors.

Places on a scan are pixels of the picture as it was scanned (origin top-left), or of what is cut out of it where it
shows several pages; places on a page are points of the generated PDF (origin bottom-left), so that a finding can be
told without the scan.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

Homography = tuple[float, float, float, float, float, float, float, float, float]
"""A 3 by 3 matrix, row by row, that takes page points (x, y, 1) to scan pixels."""
Outline = tuple[tuple[int, int], tuple[int, int], tuple[int, int], tuple[int, int]]
"""The corners (x, y) of a page on a picture that shows several, in order around it; they may lie outside it."""
Rect = tuple[float, float, float, float]
"""x0, y0, x1, y1."""


class PageFinding(StrEnum):
    """What one scanned page turned out to be, seen by itself."""

    IDENTIFIED = "identified"  # its codes agree on one page of one document
    CONFLICTING = "conflicting"  # its codes name different pages: a person decides
    NOT_WHOLE = "not_whole"  # one of several on a picture that cannot be taken from it: a person decides
    BESIDE = "beside"  # a sheet without a code that could be read, beside pages that were read: a person decides
    MIRRORED = "mirrored"  # the picture shows it as a mirror does: a person decides
    NO_CODE = "no_code"  # something is on it, but no code of ours could be read
    BLANK = "blank"


class PageVerdict(StrEnum):
    """What became of one scanned page, seen with all others."""

    MATCHED = "matched"  # it stands for its page
    DUPLICATE = "duplicate"  # another scan stands for this page
    OUTDATED = "outdated"  # of a superseded document: never accepted silently
    FOREIGN = "foreign"  # not of ours
    BLANK = "blank"
    UNREADABLE = "unreadable"  # of ours perhaps: a person looks, or it is scanned again


class ZoneVerdict(StrEnum):
    """Whether a signature zone holds a signature."""

    SIGNED = "signed"
    UNSIGNED = "unsigned"
    UNCERTAIN = "uncertain"


class ReturnState(StrEnum):
    """How far a document has come back."""

    INCOMPLETE = "incomplete"  # pages are missing
    NEEDS_REVIEW = "needs_review"  # all pages are there; a person has to look
    ACCEPTED = "accepted"


class Grade(StrEnum):
    """How well a page can be read."""

    GOOD = "good"
    FAIR = "fair"
    POOR = "poor"


@dataclass(frozen=True, slots=True)
class Quality:
    """How good the picture of a page is. `dpi` is the resolution measured on the page itself when it was registered."""

    grade: Grade
    dpi: float | None
    bilevel: bool  # black and white alone, whatever the file stores: faint ink is not seen
    sharpness: float  # 0 (useless) to 1
    contrast: float  # 0 to 1


@dataclass(frozen=True, slots=True)
class Registration:
    """How the printed page lies on the scan. `score` is the share of compared patches that agree (0 to 1)."""

    page_to_scan: Homography
    score: float
    patches: int


@dataclass(frozen=True, slots=True)
class ZoneReading:
    """One signature zone as read. `score` is the likelihood of a signature (0 to 1); `reason` is a stable code.

    Reasons: ink, no_ink, little_ink, faint_ink, bilevel_without_ink, straight_lines, solid_shape (a stamp or stain),
    cross (an "x"), mirrored_ink (bleed-through), not_registered, outside_scan.
    """

    zone_id: str
    verdict: ZoneVerdict
    score: float
    reason: str


@dataclass(frozen=True, slots=True)
class Amendment:
    """Ink outside the zones where the printed page has none: perhaps a change by hand. `rect` in page points."""

    rect: Rect
    ink: float  # square millimetres


@dataclass(frozen=True, slots=True)
class PageReading:
    """Everything read from one scanned page by itself. `rotation`: clockwise degrees (0, 90, 180, 270) by which the
    scan has to be turned to stand upright. `codes` are the payloads read that have a right check value. `hints` are
    codes for what was odd about its picture in the file. `outline`: where it lies on a picture of several pages; None
    when the picture is its own."""

    finding: PageFinding
    rotation: int
    quality: Quality
    codes: tuple[str, ...] = ()
    document_id: str | None = None
    page: int | None = None
    registration: Registration | None = None
    zones: tuple[ZoneReading, ...] = ()
    amendments: tuple[Amendment, ...] = ()
    hints: tuple[str, ...] = ()
    outline: Outline | None = None


@dataclass(frozen=True, slots=True)
class Proposal:
    """Which page a scan without a readable code probably is. Never followed without a person.

    `reason`: by_picture (it looks like the page), by_neighbours (it is the only page missing between its neighbours).
    """

    document_id: str
    page: int
    likelihood: float
    reason: str


class ReviewKind(StrEnum):
    """What a person is asked."""

    CONFIRM_SIGNATURES = "confirm_signatures"  # a complete document whose required zones all bear a signature
    ZONE = "zone"  # whether one zone is signed
    PAGE = "page"  # where a scanned page belongs
    OUTDATED = "outdated"  # pages of a superseded document came back
    HAND_AMENDED = "hand_amended"  # ink where the printed page has none
    FILE = "file"  # a file, or some of its pages, could not be read


class ReviewState(StrEnum):
    """`WITHDRAWN`: the question settled itself, such as by a better scan."""

    OPEN = "open"
    DECIDED = "decided"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class Superseder:
    """The attachment that counts instead of another one; `accepted_by` is who decided so, None when the policy did."""

    attachment_id: str
    revision: int
    accepted_by: str | None
