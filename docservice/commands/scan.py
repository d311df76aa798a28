"""`docservice scan FILE...`: returned scans as one upload, read by this process."""

from __future__ import annotations

import json as json_text
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from docservice.commands.installation import opened, operator
from docservice.commands.work import finish, progress_bar
from docservice.domain.errors import DocserviceError
from docservice.domain.text.messages import Sentence, say

if TYPE_CHECKING:
    from docservice.scans.intake.reception import Reception
    from docservice.scans.views import PageView, ReturnedDocument, WholeUploadView

_PIECE_BYTES = 1 << 20


def scan(*files: Path, device: str | None = None, json: bool = False) -> int:
    """Read returned scans: which pages came back, which are missing, who signed.

    Several files are one upload, in their order. Ends with 0 when the upload was processed, also when pages are
    missing or a file was rejected. The same bytes again show what was found the first time, and what has become of it.

    Parameters
    ----------
    files
        PDF, TIFF, JPEG, PNG or HEIC.
    device
        The scanner, for the transfer note.
    json
        Print the answer of GET /api/v1/scans/{id} with all pages, and nothing else, on standard output.
    """
    if not files:
        raise DocserviceError.told("commands.usage")
    with ExitStack() as stack:
        sources = [(path, stack.enter_context(_open(path))) for path in files]
        with opened() as services:
            with services.incoming.reception() as reception:
                for path, source in sources:
                    _take(reception, path, source)
                upload_id = services.scans.receive(operator(), reception.files, device).upload_id
            with progress_bar("pages") as tell:
                finish(services, upload_id, tell)
            view = services.scans.whole(operator(), upload_id)
    if json:
        print(json_text.dumps(_plain(view), ensure_ascii=False, indent=1, default=datetime.isoformat))
    else:
        _show(view, _unsigned(view))
    return 1 if view.error else 0


def _open(path: Path) -> IO[bytes]:
    try:
        if not path.is_file():
            raise _unreadable(path, say("pieces.is_a_folder") if path.is_dir() else say("pieces.no_such_file"))
        return path.open("rb")
    except OSError as error:
        raise _unreadable(path, error.strerror) from error


def _take(reception: Reception, path: Path, source: IO[bytes]) -> None:
    reception.begin(path.name)
    try:
        while piece := source.read(_PIECE_BYTES):
            reception.write(piece)
    except OSError as error:
        raise _unreadable(path, error.strerror) from error
    reception.end()


def _unsigned(view: WholeUploadView) -> dict[str, list[str]]:
    """Required signatures that are not there, by document: of whom, and what was seen."""
    missing: dict[str, list[str]] = {}
    pages = {page.page_id: page for page in view.pages if page.verdict == "matched"}
    for zone in view.zones:
        page = pages.get(zone.page_id)
        if zone.required and zone.verdict != "signed" and zone.decision is None and page is not None:
            missing.setdefault(str(page.document_id), []).append(
                f"page {page.page}: signature of {zone.expected_signer} ({zone.role}) is {zone.verdict}"
            )
    return missing


def _plain(view: WholeUploadView) -> dict[str, object]:
    """The upload as it is printed for programs."""
    told = asdict(view)
    del told["zones"]
    return {**told, "pages": [_plain_page(page) for page in told["pages"]]}


def _plain_page(told: dict[str, Any]) -> dict[str, object]:
    """The page without its pictures, since no address leads to them here; its region only where there is one."""
    del told["picture"]
    for zone in told["zones"]:
        del zone["crop"]
    region = told.pop("region")
    which = {name: told.pop(name) for name in ("page_id", "file", "index")}
    return which | ({} if region is None else {"region": region}) | told


def _show(view: WholeUploadView, unsigned: dict[str, list[str]]) -> None:
    from rich.console import Console
    from rich.table import Column, Table
    from rich.text import Text

    console = Console(markup=False, highlight=False)  # a file may be called "[red]"
    table = Table(Column("document", no_wrap=True), "state", "pages", "what is open", title="Documents")
    for document in sorted(view.documents, key=_in_stapling_order):
        colour = {"accepted": "green", "needs_review": "yellow"}.get(document.state, "red")
        name = f"{document.kind.replace('_', ' ')}\n{document.document_id}"
        lines = [*_open_points(document), *unsigned.get(document.document_id, ())]
        pages = f"{len(document.present)} of {document.pages}"
        table.add_row(name, Text(document.state.replace("_", " "), colour), pages, "\n".join(lines))
    if view.documents:
        console.print(table)
    odd = Table("file", "page", "what it is", "why", title="Pages that belong to no document, or not yet")
    for page in _odd(view):
        odd.add_row(page.file, str(page.index + 1), str(page.verdict or "not read"), page.detail or "")
    if odd.row_count:
        console.print(odd)
    for rejected in view.rejected_files:
        console.print(f"{rejected.file}: {rejected.detail}", style="red", soft_wrap=True)
    for hint in view.hints:
        console.print(f"{hint.file}: {hint.detail}", style="yellow", soft_wrap=True)
    if view.error:
        print(f"docservice: {view.error.detail}", file=sys.stderr)
    counts = Counter(str(page.verdict) for page in view.pages)
    told = ", ".join(f"{count} {verdict}" for verdict, count in counts.most_common())
    console.print(f"Upload {view.upload_id}: {len(view.pages)} page(s){': ' if told else ''}{told}.", soft_wrap=True)
    if view.reviews:
        console.print(f"{len(view.reviews)} question(s) wait for a person: docservice reviews", soft_wrap=True)


def _in_stapling_order(document: ReturnedDocument) -> tuple[str, int]:
    return document.case_id, list(type(document.kind)).index(document.kind)


def _open_points(document: ReturnedDocument) -> Iterator[str]:
    for page in document.missing:
        yield f"{document.kind.replace('_', ' ')}, page {page} of {document.pages} is missing"
    if document.superseded_at is not None:
        yield f"superseded: revision {max(document.accepted_revisions, default=document.revision)} counts"
    for reason in document.reasons:
        if reason in _REASONS:
            yield _REASONS[reason]


_REASONS = {
    "outdated": "of a revision that a later one has replaced",
    "signature_missing": "a person said that a signature is missing",
    "signatures_rejected": "a person rejected the signatures",
    "reissue": "changed by hand: to be issued again",
    "question_open": "a person has to look",
}


def _odd(view: WholeUploadView) -> Iterator[PageView]:
    return (page for page in view.pages if page.verdict not in ("matched", "blank", "duplicate"))


def _unreadable(path: Path, why: str | Sentence | None) -> DocserviceError:
    return DocserviceError.told("commands.scan_file", path=path, why=why or say("pieces.cannot_be_read"))
