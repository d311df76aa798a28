"""The tables of the demo."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from docservice.archive.verify import Verdict, sentence
from docservice.demo.circle import Archived

if TYPE_CHECKING:
    from rich.table import Table


def made(out: Path, bundle: Mapping[str, Any]) -> Table:
    """The files of the bundle."""
    table = _table("What was made (German and Russian)", "file", "pages", "bytes", "sha256", "to be signed by")
    for document in bundle["documents"]:
        for ending in ("docx", "pdf"):
            name = f"{document['kind']}.{ending}"
            pages, signers = "", ""
            if ending == "pdf":
                pages = str(document["pages"])
                signers = "\n".join(f"{zone['signer']} (p. {zone['page']})" for zone in document["signature_zones"])
            size = (out / name).stat().st_size
            table.add_row(name, pages, f"{size:,}", document["sha256"][ending][:12], signers)
    size = (out / "bundle.pdf").stat().st_size
    table.add_row("bundle.pdf", "", f"{size:,}", bundle["print_set"]["sha256"][:12], "print set: city, family")
    return table


def ledger(documents: Sequence[Mapping[str, Any]], title: str) -> Table:
    """How far each document has come back."""
    table = _table(title, "document", "pages there", "missing", "state")
    for document in documents:
        present = f"{len(document['present'])} of {document['pages']}"
        missing = ", ".join(f"page {page} of {document['pages']}" for page in document["missing"]) or "-"
        table.add_row(document["kind"], present, missing, document["state"].replace("_", " "))
    return table


def signatures(questions: Sequence[Mapping[str, Any]]) -> Table:
    """What a person was asked, and what was decided."""
    table = _table("What a person was asked", "document", "signature lines, as read", "decided", "by")
    for question in questions:
        lines = "\n".join(
            f"{zone['expected_signer']}: {zone['verdict']} ({zone['score']:.2f})"
            for zone in question["zones"]
            if zone["required"]
        )
        table.add_row(question["document_kind"], lines, question["decision"]["choice"], question["closed_by"])
    return table


def archived(packages: Sequence[Archived]) -> Table:
    """The packages, and what `docservice verify` says of them and of their copies with one byte changed."""
    table = _table("In the archive", "package", "bytes", "chain entry", "verify", "with one byte changed")
    for each in packages:
        size = f"{each.file.stat().st_size:,}"
        table.add_row(each.file.name, size, str(each.seq), _state(each.intact), _state(each.altered))
    if packages:
        table.caption = sentence(packages[0].altered).en
    return table


def times(seconds: Mapping[str, float]) -> Table:
    """The steps."""
    table = _table("How long it took", "step", "seconds")
    for name, duration in seconds.items():
        table.add_row(name, f"{duration:.2f}")
    table.add_row("all of it", f"{sum(seconds.values()):.2f}", end_section=True)
    return table


def _state(verdict: Verdict) -> str:
    found = ", ".join(finding.name for finding in verdict.findings)
    return f"{verdict.state.value}{f': {found}' if found else ''}"


def _table(title: str, *columns: str) -> Table:
    from rich.table import Table

    return Table(*columns, title=title, title_justify="left", caption_justify="left")
