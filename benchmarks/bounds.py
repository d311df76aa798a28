"""How far each number that the readers of scans go by can be moved: what is read otherwise at 0.8 and 1.25 times it.

    python -m benchmarks.bounds

prints, for each number of the steps, how many of the pages are read otherwise: another page, way up, grade, verdict on
a zone, number of changes by hand, or refusal. The pages are mixed, and of a seed that nothing was chosen by. Numbers
that no page depends on have room to both sides; those that many pages depend on were chosen narrowly, and are worth a
look when a new scanner or layout comes.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib import import_module
from types import ModuleType

import cv2

from benchmarks.scans import mixed_pages, opened, reader
from docservice.domain.returned.scans import PageReading
from docservice.scans.reading.page_reader import PageReader
from docservice.tools.untrusted.pictures import Picture

STEPS = (
    "damaged_codes",
    "emptiness",
    "identify",
    "ink",
    "likeness",
    "quality",
    "reference_pages",
    "registration",
    "several",
    "shades",
    "marks.amendments",
)
FACTORS = (0.8, 1.25)
SEED, EACH = 20261128, 3
PAGES = ("grey200", "worn", "bilevel200", "fax-fine", "phone-good")
RENDERED = "reference_pages"


def main() -> int:
    cv2.setNumThreads(1)
    pictures = [
        picture for profile in PAGES for picture in opened(list(mixed_pages(profile, EACH, SEED, held_out=True)))
    ]
    page_reader = reader()
    usual = _verdicts(page_reader, pictures)
    print(f"{len(pictures)} pages")
    for step in STEPS:
        module = import_module(f"docservice.scans.reading.{step}")
        for name, value in numbers(module):
            differing = []
            for factor in FACTORS:
                with _moved(module, name, value * factor):
                    anew = reader() if step == RENDERED else page_reader
                    found = _verdicts(anew, pictures)
                differing.append(sum(one != other for one, other in zip(found, usual, strict=True)))
            print(f"{step}.{name} = {value}: {differing[0]} / {differing[1]}", flush=True)
    return 0


def numbers(module: ModuleType) -> Iterator[tuple[str, float]]:
    """The numbers at the head of a step that say something of paper and ink, by their names."""
    for name, value in list(vars(module).items()):
        if name.startswith("_") and name.isupper() and isinstance(value, int | float) and not isinstance(value, bool):
            yield name, value


@contextmanager
def _moved(module: ModuleType, name: str, moved: float) -> Iterator[None]:
    value = getattr(module, name)
    setattr(module, name, round(moved) if isinstance(value, int) else moved)
    try:
        yield
    finally:
        setattr(module, name, value)


def _verdicts(page_reader: PageReader, pictures: Sequence[Picture]) -> list[object]:
    return [_verdict_or_error(page_reader, picture) for picture in pictures]


def _verdict_or_error(page_reader: PageReader, picture: Picture) -> object:
    try:
        return _verdict(page_reader.read(picture).reading)
    except (ValueError, cv2.error) as error:  # a number that was moved too far
        return type(error)


def _verdict(read: PageReading) -> object:
    zones = tuple((zone.zone_id, zone.verdict) for zone in read.zones)
    placed = read.registration is not None
    return (
        read.finding,
        read.rotation,
        read.quality.grade,
        read.document_id,
        read.page,
        placed,
        zones,
        len(read.amendments),
    )


if __name__ == "__main__":
    sys.exit(main())
