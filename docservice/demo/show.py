"""The tables of the demo."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from docservice.archive.verify import Verdict, sentence
from docservice.demo.circle import Archived
from docservice.demo.orders import file_name

if TYPE_CHECKING:
    from rich.table import Table


def made(out: Path, bundles: Sequence[Mapping[str, Any]], record: Sequence[Mapping[str, Any]]) -> Table:
    """The documents that were made, how far the record says they are, and the files of each."""
    states = {(entry["subject"], entry["number"]): entry["state"] for entry in record}
    table = _table("What was made (German and Russian)", "document", "record", "pages", "to sign", "files")
    for column in (table.columns[0], table.columns[-1]):
        column.no_wrap = True
    for bundle in bundles:
        for document in bundle["documents"]:
            name, place = file_name(document), (document["kind"], document["number"])
            signers = dict.fromkeys(zone["signer"] for zone in document["signature_zones"] if zone["required"])
            files = sorted(path.name for path in out.glob(f"{name}.*"))
            state = states.get(place, "-").replace("_", " ")
            table.add_row(name, state, str(document["pages"]), "\n".join(signers), "\n".join(files))
    return table


def changes(draft: Mapping[str, Any]) -> Table:
    """What the help plan carried forward says otherwise than the one before."""
    table = _table("What has changed in the help plan (plan_changes-2.pdf)", "how", "agreed first", "what")
    for how, things in draft["changes"].items():
        for thing in things:
            said = [f"{each['field']}: {_brief(each['before'])} -> {_brief(each['after'])}" for each in thing["fields"]]
            table.add_row(
                how, thing["origin"] or "new", "\n".join((_named(draft["entry"]["entry"], thing["path"]), *said))
            )
    return table


def report(figures: Mapping[str, Any]) -> Table:
    """The six figures of the interim report."""
    table = _table(f"Interim report {figures['from']} to {figures['to']} (interim.pdf)", "figure", "value")
    for name in ("contacts", "agreements", "persons", "in_preparation", "off_benefit"):
        table.add_row(name.replace("_", " "), str(figures[name]))
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


def _named(plan: Any, path: str) -> str:
    """The goal or measure at a path such as "goals[4].measures[0]"; the path where the new plan has it no more."""
    found = plan
    for step in re.findall(r"[a-z_]+|[0-9]+", path):
        found = found[int(step)] if step.isdecimal() else found.get(step)
        if found is None:
            return path
    return str((found.get("title") or found["description"])["de"])


def _brief(value: object) -> str:
    """What a field says, in German where it is a text of both languages."""
    if isinstance(value, Mapping):
        return str(value["de"])
    return "-" if value is None else str(value).replace("_", " ")


def _state(verdict: Verdict) -> str:
    found = ", ".join(finding.name for finding in verdict.findings)
    return f"{verdict.state.value}{f': {found}' if found else ''}"


def _table(title: str, *columns: str) -> Table:
    from rich.table import Table

    return Table(*columns, title=title, title_justify="left", caption_justify="left")
