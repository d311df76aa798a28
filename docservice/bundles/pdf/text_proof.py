"""Proves that texts stand in a PDF letter for letter, each where its turn is.

Letters, digits and the signs on them are compared in their order, from the beginning of a paragraph (or the end of the
text before) to the end of one (or the beginning of the text after). Blanks, hyphens and direction marks are left out:
where a line ends is the layout's business. Punctuation is compared in its order, too, in documents where nothing runs
right to left; in others the page does not always tell on which side of a word a sign belongs, and they are counted.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left, bisect_right, insort
from collections import Counter
from collections.abc import Sequence
from itertools import accumulate, chain, islice, pairwise

from docservice.bundles.pdf.page_text import Line, Paragraph
from docservice.domain.text.bidi import ARABIC_DIGITS, has_right_to_left

_DROPPED = re.compile(r"[\s\-\u00ad\u061c\u2010\u2011\u200b-\u200f\u2060\u2066-\u2069\ufeff\ufffe\x00-\x1f]+")
_SIGNS = re.compile(
    "[\\x20-\\x2f\\x3a-\\x40\\[-`{-\\x7e\u00a0-\u00a9\u00ab-\u00b1\u00b6\u00b7\u00bb\u2012-\u2027\u2030-\u205e\u20ac]+"
)  # common
_SIDES = str.maketrans(")]}>»›", "([{<«‹")  # brackets are mirrored in right-to-left text
_PARTING = re.compile(
    "[\u200e()\\[\\]{}]"
)  # may have a direction of their own, and part right-to-left words (UAX #9, N0)
_ARABIC_NUMBER = re.compile(f"[{ARABIC_DIGITS}]")  # turned about the sign between two of them


def missing_texts(texts: Sequence[str], paragraphs: Sequence[Paragraph]) -> list[int]:
    """The numbers (from 1) of the texts that do not stand in the paragraphs, or not where their turn is."""
    page = _Page(paragraphs)
    wanted = [plain(text) for text in texts]
    letters = [_letters(text) for text in wanted]
    missing: list[int] = []
    for number, text in enumerate(wanted, start=1):
        if not letters[number - 1]:
            if not page.shows(text):
                missing.append(number)
            continue
        following = next(filter(None, letters[number:]), "")
        found = page.take(letters[number - 1], following)
        if found is None or not page.has_signs(text, found, found + len(letters[number - 1])):
            missing.append(number)
    return missing


class _Page:
    """The letters of all paragraphs in one string, with the places where lines and paragraphs end."""

    def __init__(self, paragraphs: Sequence[Paragraph]) -> None:
        self._lines = [line for paragraph in paragraphs for line in paragraph]
        self._shown = [[plain(line.text) for line in paragraph] for paragraph in paragraphs]
        letters = [[_letters(line) for line in paragraph] for paragraph in self._shown]
        self._letters = "".join(line for paragraph in letters for line in paragraph)
        self._line_ends = list(accumulate(len(line) for paragraph in letters for line in paragraph))
        self._ends = list(accumulate(sum(map(len, paragraph)) for paragraph in letters))
        self._bounds = {0, *self._ends}
        self._turns = has_right_to_left(self._letters)
        self._last = 0
        self._taken: list[tuple[int, int]] = []  # in their order

    def take(self, letters: str, following: str) -> int | None:
        """Where letters stand that no text has taken, as whole paragraphs but for the text before or the one following.

        The place is taken then. The nearest one after the text before is tried first; translations beside several
        paragraphs stand after all of them.
        """
        after = bisect_right(self._ends, self._last)
        for place in chain((self._last,), islice(self._ends, after, None), (0,), islice(self._ends, after)):
            end = place + len(letters)
            if not self._stands(letters, place) or not self._is_free(place, end):
                continue
            if end in self._bounds or self._stands(following, end):
                insort(self._taken, (place, end))
                self._last = end
                return place
        return None

    def _is_free(self, start: int, end: int) -> bool:
        at = bisect_left(self._taken, (end,))
        return at == 0 or self._taken[at - 1][1] <= start

    def _stands(self, letters: str, place: int) -> bool:
        if self._letters.startswith(letters, place):
            return True
        end = place + len(letters)
        if not self._turns or end > len(self._letters):
            return False
        first, last = bisect_right(self._line_ends, place), bisect_left(self._line_ends, end)
        cuts = [place, *self._line_ends[first:last], end]
        return all(
            letters[left - place : right - place] == self._letters[left:right]
            or _can_be_read(self._lines[number], letters[left - place : right - place])
            for number, (left, right) in enumerate(pairwise(cuts), start=first)
        )

    def shows(self, signs: str) -> bool:
        """Whether plain signs without a letter stand anywhere."""
        return any(signs in line for paragraph in self._shown for line in paragraph)

    def has_signs(self, text: str, start: int, end: int) -> bool:
        """Whether the paragraphs between two places have the punctuation of a plain text."""
        first, last = bisect_right(self._ends, start), bisect_left(self._ends, end)
        shown = "".join(line for paragraph in self._shown[first : last + 1] for line in paragraph)
        return text in shown or (self._turns and _signs(text) <= _signs(shown))


# -- lines that can be read in several orders --------------------------------------------------------------------------

_Pieces = tuple[tuple[str, bool], ...]  # letters, and whether they run from right to left; as they stand


def _can_be_read(line: Line, wanted: str) -> bool:
    """Whether the bidirectional algorithm can have laid the wanted letters as the line has them.

    The directions of its letters do not tell everything: numbers and values set as one piece go with the words on
    either side. What is told is kept: right-to-left words next to each other stand from right to left, and no piece is
    torn.
    """
    pieces = _pieces(line)
    if Counter(wanted) != Counter("".join(letters for letters, _ in pieces)):
        return False
    return _turned(pieces, wanted) if line.right_to_left else _straight(pieces, wanted)


def _pieces(line: Line) -> _Pieces:
    """The letters of a line; right-to-left words next to each other as one, for they are never torn."""
    pieces: list[tuple[str, bool]] = []
    for piece in line.pieces:
        letters = _letters(plain(piece.text))
        if pieces and pieces[-1][1] and piece.right_to_left:
            pieces[-1] = (letters + pieces[-1][0], True)
        elif letters or _PARTING.search(piece.text):
            pieces.append((letters, piece.right_to_left))
    return tuple(pieces)


def _straight(pieces: _Pieces, wanted: str) -> bool:
    """Whether pieces say the wanted letters from left to right, with turned stretches between."""
    if not pieces:
        return not wanted
    letters, right_to_left = pieces[0]
    if not right_to_left and wanted.startswith(letters) and _straight(pieces[1:], wanted[len(letters) :]):
        return True
    for end in range(len(pieces), 0, -1):
        torn = end < len(pieces) and pieces[end - 1][1] and pieces[end][1]
        if not torn and any(turned or _ARABIC_NUMBER.match(letters) for letters, turned in pieces[:end]):
            length = sum(len(letters) for letters, _ in pieces[:end])
            if _turned(pieces[:end], wanted[:length]) and _straight(pieces[end:], wanted[length:]):
                return True
    return False


def _turned(pieces: _Pieces, wanted: str) -> bool:
    """Whether pieces say the wanted letters from right to left, with straight stretches between."""
    if not pieces:
        return not wanted
    letters = ""
    for start in range(len(pieces) - 1, -1, -1):
        letters = pieces[start][0] + letters
        if wanted.startswith(letters) and _turned(pieces[:start], wanted[len(letters) :]):
            return True
        if pieces[start][1] or (start and pieces[start - 1][1]):
            return False
    return False


# -- what is compared --------------------------------------------------------------------------------------------------


def plain(text: str) -> str:
    """The text in Unicode form C without blanks, hyphens and marks that nobody sees."""
    return _DROPPED.sub("", text if text.isascii() else unicodedata.normalize("NFC", text))


def _letters(shown: str) -> str:
    """The letters of a plain text."""
    if shown.isalnum():
        return shown
    bare = _SIGNS.sub("", shown)
    return bare if bare.isalnum() else "".join(filter(_is_letter, bare))


def _signs(shown: str) -> Counter[str]:
    return Counter(sign.translate(_SIDES) for sign in shown if not _is_letter(sign))


def _is_letter(letter: str) -> bool:
    return letter.isalnum() or letter == "\ufffd" or unicodedata.category(letter)[0] == "M"
