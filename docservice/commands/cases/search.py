"""`docservice cases`: the office's search, on the terminal."""

from __future__ import annotations

import json as json_text
import sys
from dataclasses import asdict
from datetime import date
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import Parameter

from docservice.commands.installation import opened, operator

if TYPE_CHECKING:
    from docservice.cases.search.views import CaseHit, PersonHit

_AT_A_TIME = 200


def cases(
    *,
    number: str | None = None,
    name: bool = False,
    birth_year: int | None = None,
    state: str | None = None,
    caseworker: str | None = None,
    begin: Annotated[str | None, Parameter(name="--appointment-from")] = None,
    end: Annotated[str | None, Parameter(name="--appointment-to")] = None,
    papers: str | None = None,
    limit: int = 50,
    json: bool = False,
) -> int:
    """Find cases, newest first. Of several filters all must hold; name and birth year are those of one person.

    Parameters
    ----------
    number
        How the case number begins.
    name
        Read words of a name from standard input: a name in a command would stand in the list of processes. Former names
        and names in Cyrillic, Arabic and Hebrew letters count.
    birth_year
        When somebody was born.
    state
        in_preparation, concluded, ended or given_up.
    caseworker
        The id of whoever handed the case in or changed its file.
    begin
        An appointment on this day or later, as 2026-12-03.
    end
        An appointment on this day or before.
    papers
        A document that is printed, returned, in_review, incomplete, outstanding or overdue.
    limit
        The most cases that are listed.
    json
        Print one JSON document.
    """
    asked = {
        "number": number,
        "name": _name() if name else None,
        "birth_year": birth_year,
        "state": state,
        "caseworker": caseworker,
        "appointment_from": begin,
        "appointment_to": end,
        "papers": papers,
    }
    found, more = _find({filter_name: each for filter_name, each in asked.items() if each is not None}, limit)
    if json:
        told = {"cases": [asdict(each) for each in found]}
        print(json_text.dumps(told, ensure_ascii=False, indent=1, default=date.isoformat))
    else:
        _show(found)
    if more:
        print(f"docservice: more cases are like that; --limit says how many are shown (now {limit}).", file=sys.stderr)
    return 0


def _name() -> str:
    if sys.stdin.isatty():
        print("Name: ", end="", file=sys.stderr, flush=True)
    return sys.stdin.readline().rstrip("\n")


def _find(asked: dict[str, Any], limit: int) -> tuple[list[CaseHit], bool]:
    """So many of the cases, and whether there are more."""
    found: list[CaseHit] = []
    cursor: str | None = None
    with opened() as services:
        while True:
            part = services.search.find(operator(), asked, min(_AT_A_TIME, max(limit - len(found), 1)), cursor)
            found += part.items
            cursor = part.next_cursor
            if cursor is None or len(found) >= limit:
                return found, cursor is not None


def _show(found: list[CaseHit]) -> None:
    if not found:
        print("No case is like that.")
        return
    from rich.box import SIMPLE
    from rich.console import Console
    from rich.table import Table

    table = Table("Number", "Persons", "Changed", "Id", box=SIMPLE, pad_edge=False)
    for case in found:
        persons = "\n".join(_named(person) for person in case.persons)
        table.add_row(case.case_number, persons, f"{case.updated_at:%Y-%m-%d}", case.case_id)
    Console(markup=False, highlight=False).print(table)


def _named(person: PersonHit) -> str:
    name = ", ".join(filter(None, (person.family_name, person.given_names)))
    born = f", {person.birth_date}" if person.birth_date else ""
    return f"{name}{born}{' (left)' if person.left_on else ''}"
