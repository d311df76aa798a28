"""Whether a signature zone is signed: a verdict from the figures of its ink, with its likelihood and a reason.

The likelihood is the weighted mean, in log odds, of two judges that were trained on simulated scans
(docs/decisions/0018): a small forest of decision trees on the figures of the ink (`signature_model.json`), and a small
network on its shape (`signature_shapes.onnx`). What must never be left to them stands here as rules.
"""

from __future__ import annotations

import json
import math
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from docservice.domain.returned.scans import ZoneReading, ZoneVerdict
from docservice.scans.reading.marks.zone_patch import ZoneInk

_MODEL = Path(__file__).with_name("models") / "signature_model.json"
_SHAPES = Path(__file__).with_name("models") / "signature_shapes.onnx"
_SURE_REGISTRATION = 0.25
_NO_INK, _LITTLE_INK = 0.6, 12.0  # square millimetres
_SPECKS = 0.4  # square millimetres
_SHORTEST = 3.5  # millimetres: less is no signature, however many of it there are
_LEAST_PATH, _LEAST_IN_ONE = 10.0, 6.0  # millimetres that a pen has gone, in all and without leaving the paper
_ROUND = 0.25  # millimetres that the longest piece is off a circle: less is a ring, an arc or a line
_FATTEST = 4.0  # a signature is longer than this many times the width of its strokes; dots that touch are not
_DROWNED = 0.32  # of the darkness of the print: noise beyond it may hide a faint pen; of 140 just below, it hid 2
_SHORT = 14.0  # millimetres that a pen has gone at most without leaving the paper: so are heaps of short pieces, too
_SHORT_FROM = 0.85  # likelihood from which what is written in short pieces is signed
_FOREST = 0.25  # the say of the forest: chosen on zones by other hands (training/signatures/MODEL_CARD.md)
_MOST_ODDS = 12.0  # of either judge, in log odds
_AGAINST = -1.0  # log odds of the shape below which nothing is likelier signed than not
_FAINT = 0.35  # of the darkness of the print
_BEHIND, _BEHIND_SOFT = (
    0.3,
    0.26,
)  # of the darkness of the print, and slope of an edge: what shines through is below both
_SOFT = 0.22  # slope of an edge for its darkness: bleed-through and shadows


@dataclass(frozen=True, slots=True)
class _Tree:
    """Node by node: the figure it looks at (or -1), the limit, where to go (at most, above), and the leaf's value."""

    figure: tuple[int, ...]
    limit: tuple[float, ...]
    low: tuple[int, ...]
    high: tuple[int, ...]
    value: tuple[float, ...]

    def of(self, figures: tuple[float, ...]) -> float:
        node = 0
        while self.figure[node] >= 0:
            node = self.low[node] if figures[self.figure[node]] <= self.limit[node] else self.high[node]
        return self.value[node]


class SignatureJudge:
    """Judges zones. `signed_from` (by class of scan) and `unsigned_to` of the model are the likelihoods beyond which no
    person is asked."""

    def __init__(self, model: Path = _MODEL, shapes: Path = _SHAPES) -> None:
        self._network = cv2.dnn.readNetFromONNX(str(shapes))
        self._lock = threading.Lock()  # a network does one thing at a time
        stored = json.loads(model.read_text("ascii"))
        self._names: tuple[str, ...] = tuple(stored["figures"])
        self._start: float = stored["start"]
        self._signed_from: dict[str, float] = stored["signed_from"]
        self._unsigned_to: float = stored["unsigned_to"]
        self._trees = tuple(
            _Tree(*(tuple(tree[part]) for part in ("figure", "limit", "low", "high", "value")))
            for tree in stored["trees"]
        )

    def likelihood(self, ink: ZoneInk) -> float:
        """Of a signature, 0 to 1."""
        values = tuple(ink.figures[name] for name in self._names)
        forest = self._start + sum(tree.of(values) for tree in self._trees)
        with self._lock:
            self._network.setInput(np.stack([ink.likeness, ink.likeness[:, :, ::-1]]).astype(np.float32))
            network = float(self._network.forward().mean())
        odds = _FOREST * _bounded(forest) + (1 - _FOREST) * _bounded(network)
        if network < _AGAINST:
            odds = min(odds, 0.0)
        return 1 / (1 + math.exp(-odds))

    def judge(self, zone_id: str, ink: ZoneInk, registration: float) -> ZoneReading:
        """The verdict on a zone; `registration` is the share of patches that agree."""
        figures = ink.figures
        score = self.likelihood(ink)
        if registration < _SURE_REGISTRATION:
            return ZoneReading(zone_id, ZoneVerdict.UNCERTAIN, _rounded(score), "not_registered")
        # What is faint on paper is white on a fax, and drowns in strong noise: there a person looks at the paper.
        hidden = bool(figures["bilevel"]) or figures["threshold"] > _DROWNED * figures["toner"]
        if figures["ink"] < _NO_INK and not (figures["specks"] > _SPECKS and score > self._unsigned_to):
            if hidden:
                reason = "bilevel_without_ink" if figures["bilevel"] else "faint_ink"
                return ZoneReading(zone_id, ZoneVerdict.UNCERTAIN, _rounded(score), reason)
            lines = figures["lines"] + figures["thin"] > 1
            return ZoneReading(zone_id, ZoneVerdict.UNSIGNED, _rounded(score), "straight_lines" if lines else "no_ink")
        limit = self._signed_from["bilevel" if figures["bilevel"] else "shades"]
        if figures["longest_path"] < _SHORT:
            limit = max(limit, _SHORT_FROM)
        if score >= limit and may_be_signed(figures):
            return ZoneReading(zone_id, ZoneVerdict.SIGNED, _rounded(score), "ink")
        clear = score <= self._unsigned_to and figures["ink"] < _LITTLE_INK and not hidden
        verdict = ZoneVerdict.UNSIGNED if clear else ZoneVerdict.UNCERTAIN
        return ZoneReading(zone_id, verdict, _rounded(score), _doubt(figures))


def _bounded(odds: float) -> float:
    return min(_MOST_ODDS, max(-_MOST_ODDS, odds))


def _rounded(score: float) -> float:
    return round(score, 4)


def may_be_signed(figures: Mapping[str, float]) -> bool:
    """Whether the rules leave it to the judges that a zone is signed."""
    return _has_strokes(figures) and not _shines_through(figures)


def _has_strokes(figures: Mapping[str, float]) -> bool:
    """Whether there is a line of some length that turns: without one no likelihood counts, as of dots, crumbs, a comma
    or the mark of a punch."""
    long = figures["reach"] >= _FATTEST * figures["stroke"] and figures["unbroken"] >= _SHORTEST
    written = figures["path"] >= _LEAST_PATH and figures["longest_path"] >= _LEAST_IN_ONE
    return figures["ink"] >= _NO_INK and long and written and figures["off_circle"] >= _ROUND


def _shines_through(figures: Mapping[str, float]) -> bool:
    """Whether ink may be on the other side of the paper, where it is faint and its edges are soft. A signature from
    behind is shaped like one, so no likelihood counts; of 5,000 visible signatures by any hand and pen none was so. A
    signature may lie over what shines through: then its darkest is darker."""
    faint = figures["darkest"] < _BEHIND * figures["toner"]
    return faint and figures["edge"] < _BEHIND_SOFT and not figures["bilevel"]


def _doubt(figures: Mapping[str, float]) -> str:
    """Why the ink is not taken for a signature."""
    if figures["edge"] < _SOFT:
        return "mirrored_ink"
    if figures["dark"] < _FAINT * figures["toner"]:
        return "faint_ink"
    if figures["lines"] + figures["thin"] > figures["ink"]:
        return "straight_lines"
    if figures["two_ways"] > 0.75 and figures["largest"] < 15:
        return "cross"
    if figures["ring"] > 0.3 or figures["stroke"] > 1.2 or figures["ink"] > 60 or figures["letters"] > 6:
        return "solid_shape"
    return "little_ink"
