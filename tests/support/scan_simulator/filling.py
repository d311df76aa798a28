"""What people do to a printed page: sign it, stamp it, date it, change it; the truth of it is written down."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import cv2
import numpy as np
import pypdfium2 as pdfium
from numpy.typing import NDArray

from docservice.domain.documents import PlacedZone
from docservice.domain.returned.scans import Rect
from docservice.tools.untrusted.pictures import Pixels
from tests.support.scan_simulator import hands, litter, marks, pens
from tests.support.scan_simulator.documents import GeneratedDocument
from tests.support.scan_simulator.lettering import written
from tests.support.scan_simulator.pens import Pen
from tests.support.scan_simulator.sheet import POINTS_PER_INCH, Sheet
from tests.support.scan_simulator.strokes import Stroke, extent, matrix, polyline
from tests.support.scan_simulator.truth import ZoneTruth

SIGNED = "signed"
STAMPED = "stamped"
"""Signed, with a stamp across or beside it."""
LITTERED = "littered"
"""Signed, with specks, crumbs or the like over it."""
NOTHING = "nothing"
_OFTEN = (
    "stamp", "stamp_beside", "cross", "coffee", "fold", "smudge", "mirrored", "outside", "neighbour",
)  # fmt: skip
DISTRACTORS = (*_OFTEN, *litter.LITTER)
"""What may be in or at a zone that nobody has signed."""
VALIDATION_DISTRACTORS = (*_OFTEN, *litter.VALIDATION)
"""The same for choosing limits."""
HELD_OUT_DISTRACTORS = (*_OFTEN, *litter.HELD_OUT)
"""The same for scoring alone."""

_MM = 25.4 / POINTS_PER_INCH  # millimetres in a point
_LABEL = 45  # points beneath the line of a zone
_STAMPED_SHARE = {"city": 0.15, "party": 0.015, "interpreter": 0.015}  # of the signatures of a role
_ABOVE, _BESIDE = 13.0, 16.0  # millimetres of room above a zone and between two of them


@dataclass(slots=True)
class Filled:
    """The truth of what has been written on one sheet."""

    zones: dict[str, ZoneTruth] = field(default_factory=dict)
    amended: list[Rect] = field(default_factory=list)
    expected: list[Rect] = field(default_factory=list)
    paths: dict[str, NDArray[np.float64]] = field(default_factory=dict)
    """Of each signature what lies in its zone: (n, 2) pixels of the sheet."""


class Writers:
    """People with their hands and pens, and what falls on their papers; those of `held_out` are kept from tuning."""

    def __init__(self, rng: np.random.Generator, *, held_out: bool) -> None:
        self.rng = rng
        self.held_out = held_out
        self.hands = hands.HELD_OUT if held_out else hands.HANDS
        self.litter = litter.HELD_OUT if held_out else litter.LITTER
        self.distractors = HELD_OUT_DISTRACTORS if held_out else DISTRACTORS
        self.pens = pens.HELD_OUT if held_out else pens.PENS
        self.stamp: marks.Stamp = marks.held_out_stamp if held_out else marks.stamp

    def pen(self, name: str | None = None) -> tuple[str, Pen]:
        chosen = name or str(self.rng.choice(list(self.pens)))
        return chosen, pens.ALL[chosen]

    def fill(
        self,
        sheet: Sheet,
        document: GeneratedDocument,
        page: int,
        signatures: Mapping[str, str],
        *,
        amend: int = 0,
        back: Pixels | None = None,
    ) -> Filled:
        """Treat each zone of the page as `signatures` says: SIGNED, "signed:<hand>:<pen>" (either may be left empty),
        STAMPED, LITTERED, NOTHING or one of DISTRACTORS; then change `amend` places by hand. `back` is the
        other side in grey."""
        filled = Filled()
        zones = document.zones_on(page)
        for zone in zones:
            filled.zones[zone.zone_id] = self._treat(sheet, zone, signatures.get(zone.zone_id, NOTHING), filled, back)
        if any(zone.signed for zone in filled.zones.values()):
            self._dates(sheet, document, page, filled)
        for _ in range(amend):
            self._amend(sheet, document, page, filled)
        return filled

    def _treat(self, sheet: Sheet, zone: PlacedZone, order: str, filled: Filled, back: Pixels | None) -> ZoneTruth:
        kind, _, wish = order.partition(":")
        if kind in (SIGNED, STAMPED, LITTERED):
            hand, _, pen = wish.partition(":")
            what, filled.paths[zone.zone_id] = self.sign(sheet, zone.rect, hand or None, pen or None)
            likely = 1.0 if kind == STAMPED else _STAMPED_SHARE[zone.zone_id.partition("-")[0]]
            if not wish and self.rng.random() < likely:
                self._stamp(sheet, zone.rect, beside=bool(self.rng.random() < 0.5))
                what += " + stamp"
            if kind == LITTERED:
                sort = str(self.rng.choice(list(self.litter)))
                self.litter[sort](sheet, _box(sheet, zone.rect), self.rng)
                what += f" + {sort}"
            return ZoneTruth(True, what)
        if kind == NOTHING:
            return ZoneTruth(False, NOTHING)
        fallen = self.litter.get(kind) or litter.ALL.get(kind)
        if fallen:
            fallen(sheet, _box(sheet, zone.rect), self.rng)
            return ZoneTruth(False, kind)
        makers: dict[str, Callable[[], None]] = {
            "stamp": lambda: self._stamp(sheet, zone.rect, beside=False),
            "stamp_beside": lambda: self._stamp(sheet, zone.rect, beside=True),
            "cross": lambda: marks.cross(sheet, self._inside(sheet, zone.rect), self.pen()[1], self.rng),
            "coffee": lambda: marks.stain(sheet, self._inside(sheet, zone.rect), self.rng),
            "fold": lambda: marks.fold(sheet, self.rng, 1 - self._inside_share(sheet, zone.rect)),
            "smudge": lambda: marks.smudge(sheet, self._inside(sheet, zone.rect), self.rng),
            "mirrored": lambda: self._shine_through(sheet, zone.rect, back),
            "outside": lambda: self._beneath(sheet, zone.rect, filled),
            "neighbour": lambda: self._from_neighbour(sheet, zone.rect),
        }
        makers[kind]()
        return ZoneTruth(False, kind)

    # -- signatures -----------------------------------------------------------------------------------------------

    def sign(
        self, sheet: Sheet, rect: Rect, hand: str | None = None, pen: str | None = None
    ) -> tuple[str, NDArray[np.float64]]:
        """Sign on the line of a zone; which hand and pen it was, and the path of the pen in the zone (pixels)."""
        hand = hand or str(self.rng.choice(list(self.hands)))
        name, tool = self.pen(pen)
        strokes = self._fitted(hands.sign(self.hands.get(hand) or hands.ALL[hand], self.rng), rect)
        start, lift = self._start(strokes, rect)
        origin = sheet.place(rect[0] + start / _MM, rect[1] + lift / _MM)
        tool.write(sheet, strokes, origin, self.rng)
        path = np.vstack([stroke.path for stroke in strokes]) * sheet.millimetre + origin
        (left, low), (right, high) = sheet.place(rect[0], rect[1]), sheet.place(rect[2], rect[3])
        inside = (path[:, 0] > left) & (path[:, 0] < right) & (path[:, 1] > high) & (path[:, 1] < low)
        return f"{hand}:{name}", path[inside]

    def _fitted(self, strokes: list[Stroke], rect: Rect) -> list[Stroke]:
        """Not wider than the line and a bit."""
        left, _, right, _ = extent(strokes)
        room = (rect[2] - rect[0]) * _MM * self.rng.uniform(0.8, 1.1)
        if right - left <= room:
            return strokes
        shape = matrix(room / (right - left))
        return [stroke.moved(shape, np.zeros(2)) for stroke in strokes]

    def _start(self, strokes: list[Stroke], rect: Rect) -> tuple[float, float]:
        """How far (mm) from the left end and above the line a signature starts, most of its ink being in the zone."""
        points = np.vstack([stroke.path for stroke in strokes])
        wide, high = (rect[2] - rect[0]) * _MM, (rect[3] - rect[1]) * _MM
        room = max(0.0, wide - float(np.ptp(points[:, 0])))
        start = room * self.rng.beta(1.2, 2.2)
        lift = self.rng.normal(1.6, 1.3)
        for _ in range(40):
            inside = np.mean((points[:, 1] < lift) & (points[:, 1] > lift - high))
            if inside > 0.6:
                break
            lift += 0.5 if np.mean(points[:, 1] > lift) > np.mean(points[:, 1] < lift - high) else -0.5
        return start, lift

    # -- what is no signature -------------------------------------------------------------------------------------

    def _inside(self, sheet: Sheet, rect: Rect) -> NDArray[np.float64]:
        x, y = self.rng.uniform((rect[0] + 15, rect[1] + 6), (rect[2] - 15, rect[3] - 4))
        return sheet.place(x, y)

    def _inside_share(self, sheet: Sheet, rect: Rect) -> float:
        return float(1 - self._inside(sheet, rect)[1] / sheet.pixels.shape[0])

    def _stamp(self, sheet: Sheet, rect: Rect, *, beside: bool) -> None:
        if beside:
            x = rect[0] - self.rng.uniform(-25, 15) if self.rng.random() < 0.5 else rect[2] + self.rng.uniform(-25, 15)
            y = self.rng.uniform(rect[1] - 10, rect[3] + 20)
        else:
            x, y = self.rng.uniform((rect[0] + 30, rect[1]), (rect[2] - 30, rect[3]))
        self.stamp(sheet, sheet.place(x, y), self.rng)

    def _shine_through(self, sheet: Sheet, rect: Rect, back: Pixels | None) -> None:
        """The back of the sheet shines through, and on it a signature right behind the zone."""
        size = sheet.pixels.shape[1::-1]
        page = np.full(size[::-1], 255, np.uint8) if back is None else np.asarray(cv2.resize(back, size), np.uint8)
        other = Sheet(page, sheet.dpi)
        width = sheet.pixels.shape[1] / sheet.dpi * POINTS_PER_INCH
        self.sign(other, (width - rect[2], rect[1], width - rect[0], rect[3]))
        marks.bleed_through(sheet, other.pixels, self.rng)

    def _beneath(self, sheet: Sheet, rect: Rect, filled: Filled) -> None:
        """A place and a date in the room around the zone, not in it."""
        above = self.rng.random() < 0.4
        y = rect[3] + self.rng.uniform(3, 9) if above else rect[1] - self.rng.uniform(34, 44)
        filled.expected.append(self._note(sheet, rect[0] + self.rng.uniform(0, 60), y))

    def _from_neighbour(self, sheet: Sheet, rect: Rect) -> None:
        """A signature above the zone or beside it, on the neighbour's label or in the gap, that reaches a little way
        in: no more than a quarter of it."""
        strokes = hands.sign(hands.ALL["spiral" if self.held_out else "scrawl"], self.rng)
        left, top, right, bottom = extent(strokes)
        wide, high = (rect[2] - rect[0]) * _MM, (rect[3] - rect[1]) * _MM
        above = self.rng.random() < 0.7
        reach = self.rng.uniform(0.06, 0.22) * high if above else self.rng.uniform(0.03, 0.1) * wide
        fit = min(1.0, (_ABOVE + reach) / (bottom - top) if above else (_BESIDE + reach) / (right - left))
        strokes = [stroke.moved(matrix(fit), np.zeros(2)) for stroke in strokes]
        right, bottom = right * fit, bottom * fit
        if above:
            x, y = self.rng.uniform(0, max(1.0, wide - right)), high - reach + bottom
            points = np.vstack([stroke.path for stroke in strokes])[:, 1]
            while np.mean(points > y - high) > 0.25:
                y += 0.4
        else:  # columns stand on both sides of the middle
            is_left = rect[0] + rect[2] < sheet.pixels.shape[1] / sheet.dpi * POINTS_PER_INCH
            x, y = wide - reach if is_left else reach - right, self.rng.uniform(2, 8)
        self.pen()[1].write(sheet, strokes, sheet.place(rect[0] + x / _MM, rect[1] + y / _MM), self.rng)

    # -- writing elsewhere ----------------------------------------------------------------------------------------

    def _dates(self, sheet: Sheet, document: GeneratedDocument, page: int, filled: Filled) -> None:
        """The date goes onto the line that is printed for it; without one, now and then beside the signatures."""
        lines = [rect for number, rect in document.lines if number == page]
        for rect in lines:
            day = str(self.rng.choice(["3.12.2026", "03.12.26", "4. 12. 26", "8.12.2026"]))
            filled.expected.append(self._note(sheet, rect[0] + self.rng.uniform(2, 12), rect[1] + 3.5, day))

    def _note(self, sheet: Sheet, x: float, y: float, text: str | None = None) -> Rect:
        places = ["Dortmund, 3.12.26", "Dortmund, den 4.12.2026", "Do., 3.12.26", "3.12.2026"]
        strokes = written(text or str(self.rng.choice(places)), self.rng.uniform(2.4, 4.2), self.rng)
        self.pen()[1].write(sheet, strokes, sheet.place(x, y), self.rng)
        return _rect(strokes, x, y)

    def scribble(self, sheet: Sheet, middle: NDArray[np.float64]) -> None:
        """A clerk's mark across a page code."""
        strokes = hands.sign(hands.ALL["squiggle" if self.held_out else "latin"], self.rng)
        left, top, right, bottom = extent(strokes)
        centre = np.array([left + right, top + bottom]) / 2 * sheet.millimetre
        self.pen()[1].write(sheet, strokes, middle - centre, self.rng)

    def _amend(self, sheet: Sheet, document: GeneratedDocument, page: int, filled: Filled) -> None:
        """A word of the text struck out and written anew above it, in ink that can be seen."""
        lines = [rect for rect in _text_lines(document, page) if _free(rect, document.zones_on(page))]
        if not lines:
            return
        left, bottom, right, top = lines[self.rng.integers(len(lines))]
        start = self.rng.uniform(left, max(left + 1, right - 60))
        end = min(right, start + self.rng.uniform(25, 60))
        middle = (bottom + top) / 2
        pen = self.pen("gel" if self.held_out else "blue ballpoint")[1]
        reach = (end - start) * _MM
        line = [(0.0, self.rng.normal(0, 0.3)), (reach / 2, self.rng.normal(0, 0.3)), (reach, self.rng.normal(0, 0.3))]
        pen.write(sheet, [polyline(line, self.rng)], sheet.place(start, middle), self.rng)
        word = str(self.rng.choice(["Levin", "Milan", "Wagner", "13", "Anna", "15.1.27", "zwei"]))
        strokes = written(word, self.rng.uniform(2.6, 4), self.rng)
        pen.write(sheet, strokes, sheet.place(start + 2, top + 1), self.rng)
        anew = _rect(strokes, start + 2, top + 1)
        filled.amended.append((min(start, anew[0]), bottom, max(end, anew[2]), max(top, anew[3])))


def _box(sheet: Sheet, rect: Rect) -> litter.Place:
    """The corners of a zone."""
    return sheet.place(rect[0] + 6, rect[3] - 3), sheet.place(rect[2] - 6, rect[1] + 3)


def _rect(strokes: Sequence[Stroke], x: float, y: float) -> Rect:
    left, top, right, bottom = (value / _MM for value in extent(strokes))
    return (x + left, y - bottom, x + right, y - top)


def _free(rect: Rect, zones: Sequence[PlacedZone]) -> bool:
    """Whether a word there, and the one written above it, stay clear of all zones and of what is printed beneath."""
    return rect[2] - rect[0] > 70 and not any(
        rect[1] - 4 < zone.rect[3] and rect[3] + 18 > zone.rect[1] - _LABEL for zone in zones
    )


def _text_lines(document: GeneratedDocument, page: int) -> list[Rect]:
    """The lines of the body text."""
    pdf = pdfium.PdfDocument(document.pdf)
    try:
        text = pdf[page - 1].get_textpage()
        rects = [text.get_rect(index) for index in range(text.count_rects())]
    finally:
        pdf.close()
    return [rect for rect in rects if 90 < rect[1] < 740]
