"""Opens many files, one after the other, in one process that has locked itself in: the readers as they are in use.

    python -m tests.support.reader_under_lock FOLDER FIRST

FOLDER/index.json has the media types of the files, and the limits. For each from FIRST on a line of JSON is printed
before and after: {"begins": 3}, then {"ends": 3, "codes": ["pixels"], "fault": "", "seconds": 0.1}.
"""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path
from typing import Any

from docservice.tools.child import sandbox
from docservice.tools.child.decoded import Bounds
from docservice.tools.child.picture_child import _refused

_PAGES = 3
_CPU_SECONDS = 3600


def main() -> None:
    """Read them all."""
    folder, first = Path(sys.argv[1]), int(sys.argv[2])
    index = json.loads((folder / "index.json").read_text())
    bounds = Bounds(**index["bounds"])
    readers = [
        _reader(folder / str(number), media_type, bounds) for number, media_type in enumerate(index["media_types"])
    ]
    sandbox.lock(index["memory_bytes"], _CPU_SECONDS)
    for number, reader in enumerate(readers[first:], start=first):
        _tell({"begins": number})
        begun = time.process_time()
        told = _read(reader, bounds)
        codes = ["pixels" if each is None else each["refused"] for each in told]
        faults = [each["fault"] for each in told if each is not None and "fault" in each]
        _tell({"ends": number, "codes": codes, "fault": " ".join(faults), "seconds": time.process_time() - begun})


def _reader(path: Path, media_type: str, bounds: Bounds) -> Any:
    source = path.open("rb")
    if media_type == "application/pdf":
        from docservice.tools.child.pdfium_pages import PdfPages

        return PdfPages(source, path.stat().st_size, bounds)
    from docservice.tools.child.pillow_pages import ImagePages

    return ImagePages(source, media_type, bounds)


def _read(reader: Any, bounds: Bounds) -> list[dict[str, Any] | None]:
    """What is told of the file and of each of its first pages; None for pixels."""
    told: list[dict[str, Any] | None] = []
    try:
        reader.open(bounds.pages + 1)
        reader.check()
    except Exception as error:  # noqa: BLE001 - as in the real child
        return [_refused(error)]
    for number in range(min(reader.count, _PAGES)):
        try:
            page = reader.page(number)
            bounds.check_enough(page.width, page.height)
            assert len(page.data) >= page.stride * page.height
            told.append(None)
        except Exception as error:  # noqa: BLE001 - the same
            told.append(_refused(error))
    return told


def _tell(line: dict[str, Any]) -> None:
    os.write(1, json.dumps(line).encode() + b"\n")


if __name__ == "__main__":
    main()
