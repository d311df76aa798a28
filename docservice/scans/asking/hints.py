"""What was odd about a file, or about one of its pages, in words."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from docservice.db.scan_pages import ScanPageRecord
from docservice.db.uploads import ScanFileRecord
from docservice.scans.views import Hint
from docservice.tools.untrusted.picture_hints import hint_sentences


def hints(files: Iterable[ScanFileRecord], pages: Sequence[ScanPageRecord]) -> Iterable[Hint]:
    """File by file: what is odd about it, then page by page."""
    for file in files:
        for code in file.hints:
            yield Hint(file.name, None, code, *hint_sentences(code, None))
        for page in pages:
            if page.file_id == file.id and page.reading is not None:
                for code in page.reading.hints:
                    yield Hint(file.name, page.position, code, *hint_sentences(code, page.position))
