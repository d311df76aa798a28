"""`docservice reviews`, `docservice decide`: what waits for a person, and the answers."""

from __future__ import annotations

import json as json_text
from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING

from docservice.commands.installation import opened, operator
from docservice.commands.work import finish, progress_bar

if TYPE_CHECKING:
    from docservice.reviews.views import ReviewView

_AT_A_TIME = 200


def reviews(*, json: bool = False) -> int:
    """Everything that waits for a person, oldest first, with the answers each question takes.

    Parameters
    ----------
    json
        Print one JSON document.
    """
    found: list[ReviewView] = []
    cursor: str | None = None
    with opened() as services:
        while True:
            page = services.reviews.list(operator(), _AT_A_TIME, cursor)
            found += page.reviews
            cursor = page.next_cursor
            if cursor is None:
                break
    if json:
        print(
            json_text.dumps(
                {"reviews": [_plain(view) for view in found]}, ensure_ascii=False, indent=1, default=datetime.isoformat
            )
        )
    else:
        _show(found)
    return 0


def decide(review: str, decision: str, /, *, document: str | None = None, page: int | None = None) -> int:
    """Answer a question; recorded with this user and the time. What follows for returned scans is done, too.

    What follows elsewhere is left to the workers.

    Parameters
    ----------
    review
        The id of a question of `docservice reviews`.
    decision
        One of the answers it takes.
    document
        With "assign": the id of the printed document.
    page
        With "assign": which page of it.
    """
    from docservice.reviews.decisions import Decision

    with opened() as services:
        view = services.reviews.decide(operator(), review, Decision(decision, document, page))
        for upload_id in services.scans.uploads_of(operator(), view):
            with progress_bar("pages") as tell:
                finish(services, upload_id, tell)
        view = services.reviews.get(operator(), review)
    print(f"{view.review_id}: {decision}, {view.closed_by}, {view.closed_at:%Y-%m-%d %H:%M} UTC")
    return 0


def _plain(view: ReviewView) -> dict[str, object]:
    """The review as it is printed for programs: whether there are pictures, since no address leads to them here."""
    told = asdict(view)
    del told["picture"]
    for zone in told["zones"]:
        zone["crop"] = zone["crop"] is not None
    return told


def _show(found: list[ReviewView]) -> None:
    from rich.console import Console
    from rich.table import Column, Table

    console = Console(markup=False, highlight=False)
    if not found:
        console.print("Nothing waits for a person.")
        return
    columns = Column("review", no_wrap=True), "about", "question", Column("answers", no_wrap=True)
    table = Table(*columns, title="What waits for a person", show_lines=True)
    for view in found:
        about = [view.kind.replace("_", " ")]
        if view.document_kind:
            about.append(view.document_kind.replace("_", " ") + (f", page {view.page}" if view.page else ""))
        about += [view.file] if view.file else []
        asked = [view.detail, *(f"{zone.expected_signer} ({zone.role}): {zone.verdict}" for zone in view.zones)]
        if view.proposal:
            asked.append(f"Probably page {view.proposal.page} of {view.proposal.document_id}")
        table.add_row(view.review_id, "\n".join(about), "\n".join(asked), "\n".join(view.choices))
    console.print(table)
    console.print("Answer with: docservice decide REVIEW ANSWER", soft_wrap=True)
