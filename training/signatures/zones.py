"""Makes zones to learn from: the strip of a page on which people sign, filled, spoiled and scanned like a whole page.

A strip takes a third of the time of a page. It is laid over its print by the truth with the small errors that laying
whole pages over their print shows, instead of by its codes.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from enum import StrEnum

import cv2
import numpy as np
from numpy.typing import NDArray

from docservice.scans.reading.geometry import Placed
from docservice.scans.reading.marks.signatures import may_be_signed
from docservice.scans.reading.marks.zone_ink import zone_ink
from docservice.scans.reading.marks.zone_patch import zone_view
from docservice.scans.reading.reference_pages import WORKING_DPI, KnownDocument, ReferencePage, ReferencePages
from docservice.scans.reading.working_image import WorkingPicture
from docservice.tools.codes import CodeReader
from docservice.tools.untrusted.reading_size import LONG_SIDE, resized
from tests.support.scan_simulator import (
    DISTRACTORS,
    LITTERED,
    NOTHING,
    PHONES,
    PROFILES,
    SIGNED,
    STAMPED,
    GeneratedDocument,
    PageKind,
    PageTruth,
    ScannedPage,
    documents,
    family_names,
    hands,
    litter,
    marks,
    pens,
)
from tests.support.scan_simulator.filling import VALIDATION_DISTRACTORS, Writers
from tests.support.scan_simulator.machines import photograph, print_geometry, scan, toner, visibility
from tests.support.scan_simulator.pens import Pen
from tests.support.scan_simulator.profiles import Group, Mode, Profile
from tests.support.scan_simulator.sheet import POINTS_PER_INCH, Sheet
from tests.support.scan_simulator.simulator import encoded
from training.signatures.any_hand import any_hand, any_pen
from training.signatures.any_litter import any_litter, any_stamp

_ANY = "any litter"
_ANY_HANDS, _ANY_LITTER = 18, 16  # beside the simulator's 13 hands and 16 distractors
_ANY_PENS, _ANY_STAMPS = 0.65, 0.6
_ABOVE, _BELOW = 45, 75  # points of the strip around its zones
_DISTRACTED, _STAMPED, _LITTERED, _BLEEDS = 0.85, 0.18, 0.12, 0.06
_A4_INCHES, _A4_POINTS = 11.69, 841.89
_PHOTO_SHARE = 0.88  # of a photo that the sheet takes
_KEPT = 60
_PER_TASK = 400


class Kinds(StrEnum):
    """Which hands, pens and distractors: to learn from, to choose limits by, or to score with."""

    TRAINING = "training"
    VALIDATION = "validation"
    HELD_OUT = "held-out"


ZONES = {Kinds.TRAINING: 14_000, Kinds.VALIDATION: 2_800, Kinds.HELD_OUT: 1_600}
SEEDS = {Kinds.TRAINING: 1_510_000, Kinds.VALIDATION: 1_520_000, Kinds.HELD_OUT: 1_530_000}
_UNSIGNED = {Kinds.TRAINING: 0.5, Kinds.VALIDATION: 0.75, Kinds.HELD_OUT: 0.6}  # limits hang on the unsigned ones


@dataclass(frozen=True, slots=True, eq=False)
class Seen:
    """What the judges see of a zone, and the truth."""

    figures: Mapping[str, float]
    likeness: NDArray[np.uint8]
    profile: str
    signed: bool
    what: str
    visible: float


def worth(zones: Sequence[Seen]) -> NDArray[np.float32]:
    """How much each zone counts while learning: little what can hardly be seen, and what the rules decide alone; more
    what may be taken for a signature, as one that is overlooked is asked about, and one that is imagined is not."""
    return np.array(
        [
            float(np.clip((zone.visible - 0.2) / 0.4, 0.1, 1))
            if zone.signed
            else 2.0
            if may_be_signed(zone.figures)
            else 0.5
            for zone in zones
        ],
        np.float32,
    )


class _Strip(Sheet):
    """A part of a page: places are those of the page."""

    def __init__(self, pixels: NDArray[np.uint8], dpi: float, lowest: float) -> None:
        super().__init__(pixels, dpi)
        self.lowest = lowest

    def place(self, x: float, y: float) -> NDArray[np.float64]:
        return super().place(x, y - self.lowest)


class _People(Writers):
    """Writers of one sort of kinds; among those to learn from most have hands, pens and litter of their own."""

    def __init__(self, rng: np.random.Generator, kinds: Kinds) -> None:
        super().__init__(rng, held_out=kinds is Kinds.HELD_OUT)
        self._anew = kinds is Kinds.TRAINING
        if kinds is Kinds.VALIDATION:
            self.hands, self.pens, self.litter = hands.VALIDATION, pens.VALIDATION, litter.VALIDATION
            self.distractors = VALIDATION_DISTRACTORS
        if self._anew:
            self.hands = {**hands.HANDS, **{f"any hand {number}": any_hand for number in range(_ANY_HANDS)}}
            self.litter = {**litter.LITTER, _ANY: any_litter}
            self.distractors = (*DISTRACTORS, *[_ANY] * _ANY_LITTER)
            self.stamp = self._some_stamp

    def pen(self, name: str | None = None) -> tuple[str, Pen]:
        if self._anew and name is None and self.rng.random() < _ANY_PENS:
            return "any pen", any_pen(self.rng)
        return super().pen(name)

    def _some_stamp(self, sheet: Sheet, middle: NDArray[np.float64], rng: np.random.Generator) -> None:
        (any_stamp if rng.random() < _ANY_STAMPS else marks.stamp)(sheet, middle, rng)


def made(count: int, seed: int, kinds: Kinds, pool: ProcessPoolExecutor) -> list[Seen]:
    """About so many zones, in equal parts of all machines; the same for the same seed."""
    tasks = max(1, round(count / _PER_TASK))
    each = pool.map(_some, [count // tasks] * tasks, range(seed, seed + tasks), [kinds] * tasks)
    return [zone for zones in each for zone in zones]


def _some(count: int, seed: int, kinds: Kinds) -> list[Seen]:
    cv2.setNumThreads(1)
    return list(_Maker(seed, kinds).zones(count))


class _Maker:
    def __init__(self, seed: int, kinds: Kinds) -> None:
        self._choice = random.Random(seed)
        self._rng = np.random.default_rng(seed)
        self._people = _People(self._rng, kinds)
        self._unsigned = _UNSIGNED[kinds]
        family = self._choice.choice(family_names())
        printed = [document for document in documents(seed, [family]) if document.zones]
        corpus = self._choice.sample(printed, min(3, len(printed)))
        stored = {
            each.document_id: KnownDocument(each.document_id, each.pdf, each.pages, each.zones) for each in corpus
        }
        self._blank = ReferencePages(stored.get, CodeReader())
        self._pages = [(each, page) for each in corpus for page in sorted({zone.page for zone in each.zones})]
        self._prints: dict[tuple[str, int, int, bool], NDArray[np.uint8]] = {}

    def zones(self, count: int) -> Iterator[Seen]:
        machines = list(PROFILES)
        done = 0
        while done < count:
            self._choice.shuffle(machines)
            for machine in machines:
                document, page = self._choice.choice(self._pages)
                blank = self._blank.get(document.document_id, page)
                assert blank is not None
                for seen in self._strip(document, page, PROFILES[machine], blank):
                    done += 1
                    yield seen

    def _strip(self, document: GeneratedDocument, page: int, machine: Profile, blank: ReferencePage) -> Iterator[Seen]:
        strip = self._printed(document, page, machine)
        toner(strip, self._rng, machine.rough)
        plan, bleeds = self._plan(document, page), bool(self._rng.random() < _BLEEDS)
        back = self._back(document, page, machine) if bleeds or "mirrored" in plan.values() else None
        filled = self._people.fill(strip, document, page, plan, back=back)
        self._wear(strip, machine)
        if back is not None and bleeds:
            marks.bleed_through(strip, back, self._rng)
        through = photograph if machine.group is Group.PHONE else scan
        printed = print_geometry(strip, self._rng)
        capture = through(strip, printed, machine, int(self._choice.choice([0, 0, 180])), self._rng)
        quality = None if machine.jpeg is None else int(self._rng.integers(machine.jpeg[0], machine.jpeg[1] + 1))
        jpeg = None if quality is None else encoded(capture.pixels, quality, None)
        truth = PageTruth(PageKind.FORM, machine.name)
        scanned = ScannedPage(capture.pixels, (machine.dpi, machine.dpi_down), machine.bilevel, jpeg, truth)
        working = _working(scanned, machine)
        placed = self._placed(strip, capture.matrix, working.scale)
        for zone in document.zones_on(page):
            told = filled.zones[zone.zone_id]
            visible = visibility(filled.paths[zone.zone_id], capture, machine) if told.signed else 0.0
            ink = zone_ink(zone_view(working, placed, blank, blank.pixel_rect(zone.rect)))
            yield Seen(ink.figures, ink.likeness, machine.name, told.signed, told.what, visible)

    def _plan(self, document: GeneratedDocument, page: int) -> dict[str, str]:
        plan = {}
        for zone in document.zones_on(page):
            lot = self._rng.random()
            if self._rng.random() >= self._unsigned:
                plan[zone.zone_id] = STAMPED if lot < _STAMPED else LITTERED if lot > 1 - _LITTERED else SIGNED
            elif lot < _DISTRACTED:
                plan[zone.zone_id] = str(self._rng.choice(self._people.distractors))
            else:
                plan[zone.zone_id] = NOTHING
        return plan

    def _printed(self, document: GeneratedDocument, page: int, machine: Profile) -> _Strip:
        key = (document.document_id, page, machine.dpi, machine.mode is Mode.COLOUR)
        zones = document.zones_on(page)
        lowest, highest = min(zone.rect[1] for zone in zones) - _BELOW, max(zone.rect[3] for zone in zones) + _ABOVE
        lowest = max(0.0, lowest)
        if key not in self._prints:
            sheet = Sheet.printed(document.pdf, page, machine.dpi, colour=key[3])
            top, bottom = int(max(0.0, sheet.place(0, highest)[1])), int(sheet.place(0, lowest)[1])
            if len(self._prints) > _KEPT:
                self._prints.pop(next(iter(self._prints)))
            self._prints[key] = sheet.pixels[top:bottom].copy()
        pixels = self._prints[key].copy()
        return _Strip(pixels, machine.dpi, lowest)

    def _back(self, document: GeneratedDocument, page: int, machine: Profile) -> NDArray[np.uint8]:
        pixels = self._printed(document, page, machine).pixels
        grey = pixels if pixels.ndim == 2 else cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY)
        return np.asarray(cv2.resize(cv2.flip(grey, 1), None, fx=0.5, fy=0.5), np.uint8)

    def _wear(self, strip: _Strip, machine: Profile) -> None:
        if self._rng.random() < 0.15 + 0.3 * machine.rough:
            marks.dust(strip, self._rng, int(self._rng.integers(2, 14)))
        if self._rng.random() < 0.05 + 0.1 * machine.rough:
            marks.fold(strip, self._rng, float(self._rng.uniform(0.1, 0.9)))

    def _placed(self, strip: _Strip, matrix: NDArray[np.float64], scale: float) -> Placed:
        """From the reference to the scan, a pixel or two wrong."""
        fine = strip.dpi / WORKING_DPI
        height = strip.pixels.shape[0] / fine
        top = (_A4_POINTS - strip.lowest) * WORKING_DPI / POINTS_PER_INCH - height
        to_strip = np.array([[fine, 0, 0], [0, fine, -top * fine], [0, 0, 1.0]])
        small, shift = self._rng.normal(0, 0.0004, 4), self._rng.normal(0, 1.0, 2)
        wrong = np.array([[1 + small[0], small[1], shift[0]], [small[2], 1 + small[3], shift[1]], [0, 0, 1.0]])
        return Placed(np.diag([scale, scale, 1.0]) @ matrix @ to_strip @ wrong, 0.9, 40)


def _working(scanned: ScannedPage, machine: Profile) -> WorkingPicture:
    """The strip at the size that a whole page would have been read at."""
    picture = scanned.picture()
    share = _PHOTO_SHARE if machine.name in PHONES else 1.0
    scale = LONG_SIDE / (machine.dpi * _A4_INCHES / share)
    if scale > 0.95:
        return WorkingPicture(picture, picture.pixels, 1.0)
    return WorkingPicture(picture, resized(picture.pixels, scale), scale)
