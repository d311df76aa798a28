"""What was odd about a file, or about one of its pages, in words."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from docservice.db.scan_pages import ScanPageRecord
from docservice.db.uploads import ScanFileRecord
from docservice.scans.views import Hint
from docservice.tools.untrusted.picture_hints import hint_sentence


def hints(files: Iterable[ScanFileRecord], pages: Sequence[ScanPageRecord]) -> Iterable[Hint]:
    """File by file: what is odd about it, then page by page."""
    for file in files:
        for code in file.hints:
            yield _hint(file, None, code)
        for page in pages:
            if page.file_id == file.id and page.reading is not None:
                for code in page.reading.hints:
                    yield _hint(file, page.position, code)


def _hint(file: ScanFileRecord, index: int | None, code: str) -> Hint:
    said = hint_sentence(code, index)
    return Hint(file.name, index, code, said.en, said.de)
