"""Scans without pixels: a file is a JSON list of what stands on its pages. For tests of what happens around reading.

    [{"document": "...", "page": 1, "signed": ["party-1"], "unsure": ["city-1"]}, {"blank": true}, {"letter": "..."}]

A page may also carry "grade", "sharpness", "amended", "refused" (a code), "hidden" (the code cannot be read, the rest
can once it is known which page it is), "crash", "kill" (the process that reads it), "seconds" (to read it).
A file of the form {"refused": "encrypted"} is refused as a whole.
"""

from __future__ import annotations

import hashlib
import json
import os
import signal
import time
import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from docservice.domain.returned.loose_pages import Place
from docservice.domain.returned.scans import (
    Amendment,
    Grade,
    PageFinding,
    PageReading,
    Proposal,
    Quality,
    Registration,
    ZoneReading,
    ZoneVerdict,
)
from docservice.scans.intake.reception import ReceivedFile
from docservice.scans.reading.page_reader import ReadPage
from docservice.tools.untrusted.pictures import FileFacts, FileRefused, Picture

UPRIGHT = (1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0)
Page = Mapping[str, Any]


def plain_file(folder: Path, name: str, pages: Sequence[Page] | Page) -> ReceivedFile:
    """Such a file, as it was received."""
    data = json.dumps(pages).encode()
    path = folder / f"{uuid.uuid4()}.json"
    path.write_bytes(data)
    return ReceivedFile(name, path, hashlib.sha256(data).hexdigest(), len(data))


class PlainFiles:
    """An Opener of such files."""

    def inspect(self, path: Path) -> FileFacts:
        """See Opener."""
        return FileFacts("application/json", len(_pages(path)))

    def pages(self, path: Path, first: int = 0, count: int | None = None) -> Iterator[Picture | FileRefused]:
        """See Opener."""
        pages = _pages(path)
        for position, page in list(enumerate(pages))[first : None if count is None else first + count]:
            if "refused" in page:
                yield FileRefused(page["refused"], page=position)
            else:
                yield _picture(page)


class PlainReader:
    """A Reader of such pages."""

    def read(self, picture: Picture) -> ReadPage:
        """See Reader."""
        page = _page(picture)
        if page.get("crash"):
            raise KeyError("Wilhelmine Canary")
        if page.get("kill"):
            os.kill(os.getpid(), signal.SIGKILL)
        time.sleep(page.get("seconds", 0))
        if page.get("blank"):
            return _read(page, PageFinding.BLANK)
        if page.get("conflicting"):
            return _read(page, PageFinding.CONFLICTING)
        if page.get("hidden") or "document" not in page:
            return _read(page, PageFinding.NO_CODE)
        return _read(page, PageFinding.IDENTIFIED, page["document"], page["page"])

    def read_as(self, picture: Picture, document_id: str, page: int) -> ReadPage:
        """See Reader."""
        return _read(_page(picture), PageFinding.IDENTIFIED, document_id, page)

    def propose(self, picture: Picture, places: Iterable[Place]) -> Proposal | None:
        """See Reader: a hidden page looks like what it is, unless it is "unlike"."""
        page = _page(picture)
        place = (page.get("document"), page.get("page"))
        if page.get("unlike") or place not in set(places):
            return None
        return Proposal(str(place[0]), int(str(place[1])), 0.9, "by_picture")


def _pages(path: Path) -> list[Page]:
    told = json.loads(path.read_bytes())
    if isinstance(told, dict):
        raise FileRefused(told["refused"])
    return list(told)


def _picture(page: Page) -> Picture:
    data = json.dumps(page).encode()
    pixels = np.zeros((32, -(-len(data) // 32)), np.uint8)
    pixels.reshape(-1)[: len(data)] = np.frombuffer(data, np.uint8)
    return Picture(pixels, 300, False)


def _page(picture: Picture) -> Page:
    return dict(json.loads(picture.grey.tobytes().rstrip(b"\0")))


def _read(page: Page, finding: PageFinding, document_id: str | None = None, number: int | None = None) -> ReadPage:
    found = finding is PageFinding.IDENTIFIED
    zones = {**dict.fromkeys(page.get("signed", ()), ZoneVerdict.SIGNED)}
    zones |= dict.fromkeys(page.get("unsure", ()), ZoneVerdict.UNCERTAIN)
    zones |= dict.fromkeys(page.get("unsigned", ()), ZoneVerdict.UNSIGNED)
    read = zones.items() if found else ()
    scores = {ZoneVerdict.SIGNED: 0.98, ZoneVerdict.UNCERTAIN: 0.5, ZoneVerdict.UNSIGNED: 0.02}
    reasons = {ZoneVerdict.SIGNED: "ink", ZoneVerdict.UNCERTAIN: "little_ink", ZoneVerdict.UNSIGNED: "no_ink"}
    pixels = _picture(page).pixels
    picture = cv2.imencode(".png", pixels)[1].tobytes()
    reading = PageReading(
        finding=finding,
        rotation=page.get("rotation", 0),
        quality=Quality(Grade(page.get("grade", "good")), 300, False, page.get("sharpness", 0.8), 0.9),
        document_id=document_id,
        page=number,
        registration=Registration(UPRIGHT, 0.9, 40) if found else None,
        zones=tuple(ZoneReading(zone_id, verdict, scores[verdict], reasons[verdict]) for zone_id, verdict in read),
        amendments=(Amendment((100.0, 200.0, 140.0, 220.0), 12.5),) if found and page.get("amended") else (),
    )
    crops = {zone.zone_id: picture + zone.zone_id.encode() for zone in reading.zones}
    return ReadPage(reading, crops, picture, hashlib.sha256(pixels.tobytes()).hexdigest())
