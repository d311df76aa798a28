"""The simulator: prints pages of real documents, lets people sign and spoil them, and scans them; seeded."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from docservice.domain.returned.scans import Homography
from docservice.tools.untrusted.pictures import Picture, Pixels
from tests.support.scan_simulator import letters, marks
from tests.support.scan_simulator.documents import GeneratedDocument
from tests.support.scan_simulator.filling import NOTHING, SIGNED, Filled, Writers
from tests.support.scan_simulator.machines import Capture, photograph, print_geometry, scan, toner, visibility
from tests.support.scan_simulator.profiles import PROFILES, Group, Mode, Profile
from tests.support.scan_simulator.sheet import POINTS_PER_INCH, Sheet
from tests.support.scan_simulator.truth import PageKind, PageTruth

SPOILS = ("stain_on_code", "fold_on_code", "one_code_lost", "scribble_on_code", "bleed")
"""What may happen to a sheet that does not keep it from being read."""
CODES_LOST = "codes_lost"

_KEPT_PRINTS = 6
_ROTATIONS = (0, 90, 180, 270)
_USUAL_ROTATIONS = (0.62, 0.04, 0.3, 0.04)  # pages lie upside down more often than across
_CODE_INSET = 17.9  # mm from the edge to the middle of a page code


@dataclass(frozen=True, slots=True, eq=False)
class ScannedPage:
    """One page as its machine stores it. `pixels` are before compression, a fax not yet stretched; `dpi` is across
    and down; `jpeg` holds the compressed picture, None when it is stored without loss."""

    pixels: Pixels
    dpi: tuple[int, int]
    bilevel: bool
    jpeg: bytes | None
    truth: PageTruth

    def picture(self) -> Picture:
        """The page as it is read back from a file: decompressed, with square pixels."""
        pixels = self.pixels
        if self.jpeg is not None:
            decoded = cv2.imdecode(np.frombuffer(self.jpeg, np.uint8), cv2.IMREAD_UNCHANGED)
            assert decoded is not None
            pixels = np.asarray(cv2.cvtColor(decoded, cv2.COLOR_BGR2RGB) if decoded.ndim == 3 else decoded, np.uint8)
        if self.dpi[0] != self.dpi[1]:
            size = pixels.shape[1], round(pixels.shape[0] * self.dpi[0] / self.dpi[1])
            pixels = np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_NEAREST), np.uint8)
        return Picture(pixels, float(self.dpi[0]), self.bilevel)


@dataclass(frozen=True, slots=True, eq=False)
class Paper:
    """A sheet with all that people did to it, ready to be scanned as often as one likes. `truth` lacks what the
    machine adds."""

    sheet: Sheet
    truth: PageTruth
    paths: Mapping[str, NDArray[np.float64]]

    def at(self, machine: Profile) -> Paper:
        """The same sheet with the pixels that a machine needs; a copy, as scanning spoils it."""
        scale = machine.dpi / self.sheet.dpi
        pixels = self.sheet.pixels
        if scale != 1:
            way = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
            pixels = np.asarray(cv2.resize(pixels, None, fx=scale, fy=scale, interpolation=way), np.uint8)
        wanted = machine.mode is Mode.COLOUR
        if wanted != (pixels.ndim == 3):
            change = cv2.COLOR_GRAY2RGB if wanted else cv2.COLOR_RGB2GRAY
            pixels = np.asarray(cv2.cvtColor(pixels, change), np.uint8)
        paths = {zone: path * scale for zone, path in self.paths.items()}
        return Paper(Sheet(pixels.copy(), machine.dpi), self.truth, paths)


class Simulator:
    """Makes scans; the same seed and the same calls give the same scans.

    `held_out` signs with hands and pens, and stamps with stamps, that are for scoring alone.
    """

    def __init__(self, seed: int, *, held_out: bool = False) -> None:
        self.rng = np.random.default_rng(seed)
        self.writers = Writers(self.rng, held_out=held_out)
        self._prints: OrderedDict[tuple[str, int, int, bool], Pixels] = OrderedDict()

    # -- plans ----------------------------------------------------------------------------------------------------

    def signatures(
        self, document: GeneratedDocument, page: int, *, unsigned: float = 0.3, distracted: float = 0.7
    ) -> dict[str, str]:
        """Who signs on a page: each zone is left unsigned with this likelihood, and then, as likely as `distracted`,
        there is something else in it or close to it."""
        plan = {}
        for zone in document.zones_on(page):
            if self.rng.random() >= unsigned:
                plan[zone.zone_id] = SIGNED
            elif self.rng.random() < distracted:
                plan[zone.zone_id] = str(self.rng.choice(self.writers.distractors))
            else:
                plan[zone.zone_id] = NOTHING
        return plan

    # -- pages ----------------------------------------------------------------------------------------------------

    def page(
        self,
        document: GeneratedDocument,
        page: int,
        profile: str,
        *,
        signatures: Mapping[str, str] | None = None,
        amend: int = 0,
        rotation: int | None = None,
        spoil: str = "",
    ) -> ScannedPage:
        """A page (from 1) of a document, printed, filled and scanned.

        `signatures`: what becomes of each zone (see `Writers.fill`), by default as `signatures()` draws it. `amend`
        places are changed by hand. `rotation`: clockwise degrees by which the scan has to be turned, by default as
        sheets happen to lie. `spoil`: "", one of SPOILS, or CODES_LOST (both codes are covered).
        """
        paper = self.paper(document, page, profile, signatures=signatures, amend=amend, spoil=spoil)
        return self.capture(paper, profile, rotation=rotation)

    def paper(
        self,
        document: GeneratedDocument,
        page: int,
        profile: str,
        *,
        signatures: Mapping[str, str] | None = None,
        amend: int = 0,
        spoil: str = "",
    ) -> Paper:
        """The filled sheet alone, with pixels for a machine; `capture` it once or several times."""
        machine = PROFILES[profile]
        sheet = self._printed(document, page, machine)
        plan = self.signatures(document, page) if signatures is None else signatures
        other = page + 1 if page < document.pages else max(1, page - 1)
        back = Sheet.printed(document.pdf, other, machine.dpi / 2, colour=False).pixels
        filled = self.writers.fill(sheet, document, page, plan, amend=amend, back=back)
        self._wear(sheet, machine)
        self._spoil(sheet, spoil, back)
        return Paper(sheet, _truth(document, page, filled, spoil), filled.paths)

    def blank(self, profile: str, sort: str = "clean", behind: Paper | None = None) -> ScannedPage:
        """An empty page: "clean", "dirty", or "bleed" (what is on `behind`, its other side, shines through)."""
        machine = PROFILES[profile]
        sheet = Sheet.empty(machine.dpi, colour=machine.mode is Mode.COLOUR)
        if sort == "dirty":
            marks.dust(sheet, self.rng, int(self.rng.integers(30, 90)))
            marks.smudge(sheet, self.rng.uniform((0, 0), sheet.pixels.shape[1::-1]), self.rng)
            marks.fold(sheet, self.rng)
        elif sort == "bleed" and behind is not None:
            pixels = behind.sheet.pixels
            grey = pixels if pixels.ndim == 2 else np.asarray(cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY), np.uint8)
            marks.bleed_through(sheet, grey, self.rng)
        return self.capture(Paper(sheet, PageTruth(PageKind.BLANK, profile, readable=False, what=sort), {}), profile)

    def foreign(self, profile: str, sort: str | None = None) -> ScannedPage:
        """A letter of somebody else; see `letters.SORTS`."""
        machine = PROFILES[profile]
        sort = sort or str(self.rng.choice(letters.SORTS))
        sheet = letters.letter(sort, machine.dpi, self.rng, colour=machine.mode is Mode.COLOUR)
        toner(sheet, self.rng, machine.rough)
        self._wear(sheet, machine)
        return self.capture(Paper(sheet, PageTruth(PageKind.FOREIGN, profile, readable=False, what=sort), {}), profile)

    def capture(self, paper: Paper, profile: str, *, rotation: int | None = None) -> ScannedPage:
        """Scan a sheet; the same sheet again gives another scan of it."""
        machine = PROFILES[profile]
        ready = paper.at(machine)
        printed = print_geometry(ready.sheet, self.rng)
        lies = int(self.rng.choice(_ROTATIONS, p=_USUAL_ROTATIONS)) if rotation is None else (360 - rotation) % 360
        through = photograph if machine.group is Group.PHONE else scan
        capture = through(ready.sheet, printed, machine, lies, self.rng)
        zones = {
            zone_id: replace(zone, visible=visibility(ready.paths[zone_id], capture, machine)) if zone.signed else zone
            for zone_id, zone in paper.truth.zones.items()
        }
        form = paper.truth.kind is PageKind.FORM
        truth = replace(
            paper.truth,
            profile=machine.name,
            rotation=(360 - lies) % 360,
            zones=zones,
            page_to_scan=_page_to_scan(ready.sheet, capture) if form else None,
        )
        return ScannedPage(
            capture.pixels, (machine.dpi, machine.dpi_down), machine.bilevel, self._jpeg(capture, machine), truth
        )

    # -- steps ----------------------------------------------------------------------------------------------------

    def _printed(self, document: GeneratedDocument, page: int, machine: Profile) -> Sheet:
        key = (document.document_id, page, machine.dpi, machine.mode is Mode.COLOUR)
        if key not in self._prints:
            self._prints[key] = Sheet.printed(document.pdf, page, machine.dpi, colour=key[3]).pixels
            if len(self._prints) > _KEPT_PRINTS:
                self._prints.popitem(last=False)
        sheet = Sheet(self._prints[key].copy(), machine.dpi)
        toner(sheet, self.rng, machine.rough)
        return sheet

    def _wear(self, sheet: Sheet, machine: Profile) -> None:
        """What happens to every sheet now and then."""
        rough = machine.rough if machine.group is Group.SCANNER else 0.3
        if self.rng.random() < 0.15 + 0.3 * rough:
            marks.dust(sheet, self.rng)
        if self.rng.random() < 0.08 + 0.15 * rough:
            marks.fold(sheet, self.rng, across=bool(self.rng.random() < 0.85))
        for likelihood, wear in ((0.12, marks.punch), (0.12, marks.staple), (0.04, marks.dog_ear)):
            if self.rng.random() < likelihood:
                wear(sheet, self.rng)

    def _spoil(self, sheet: Sheet, spoil: str, back: Pixels) -> None:
        height, width = sheet.pixels.shape[:2]
        inset = _CODE_INSET * sheet.millimetre
        codes = np.array([[width / 2, inset], [width / 2, height - inset]])
        code = codes[self.rng.integers(2)]
        if spoil == "stain_on_code":
            marks.stain(sheet, code + self.rng.normal(0, 4 * sheet.millimetre, 2), self.rng)
        elif spoil == "fold_on_code":
            marks.fold(sheet, self.rng, float(code[1]) / height)
        elif spoil == "one_code_lost":
            marks.label(sheet, code, self.rng)
        elif spoil == "scribble_on_code":
            self.writers.scribble(sheet, code)
        elif spoil == "bleed":
            marks.bleed_through(sheet, back, self.rng)
        elif spoil == CODES_LOST:
            for middle in codes:
                marks.label(sheet, middle, self.rng)

    def _jpeg(self, capture: Capture, machine: Profile) -> bytes | None:
        if machine.jpeg is None:
            return None
        quality = int(self.rng.integers(machine.jpeg[0], machine.jpeg[1] + 1))
        return encoded(capture.pixels, quality, machine.dpi if machine.group is Group.SCANNER else None)


def encoded(pixels: Pixels, quality: int, dpi: int | None) -> bytes:
    """A JPEG file; its head states the dpi when given, as scanners do."""
    stored = cv2.cvtColor(pixels, cv2.COLOR_RGB2BGR) if pixels.ndim == 3 else pixels
    data = bytearray(cv2.imencode(".jpg", stored, [cv2.IMWRITE_JPEG_QUALITY, quality])[1].tobytes())
    if dpi is not None and data[6:10] == b"JFIF":
        data[13:18] = b"\x01" + dpi.to_bytes(2, "big") * 2
    return bytes(data)


def _truth(document: GeneratedDocument, page: int, filled: Filled, spoil: str) -> PageTruth:
    return PageTruth(
        PageKind.FORM,
        "",
        0,
        document.document_id,
        page,
        filled.zones,
        tuple(filled.amended),
        tuple(filled.expected),
        spoil != CODES_LOST,
        None,
        spoil,
    )


def _page_to_scan(sheet: Sheet, capture: Capture) -> Homography:
    scale = sheet.dpi / POINTS_PER_INCH
    to_sheet = np.array([[scale, 0, 0], [0, -scale, sheet.pixels.shape[0]], [0, 0, 1]])
    whole = capture.matrix @ to_sheet
    a, b, c, d, e, f, g, h, i = (whole / whole[2, 2]).ravel().tolist()
    return (a, b, c, d, e, f, g, h, i)
