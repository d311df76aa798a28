"""Gives the cases of earlier releases their record: what their bundles printed, in order, and what their file says now.

It knows the stored cases of those releases as they are kept, and none of today's rules: what was kept is taken over. A
case gets its whole record in one transaction, and one that has it is passed over; so this may end anywhere, and whoever
comes next goes on.
"""

from __future__ import annotations

import secrets
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa

from docservice.db.columns.types import UtcDateTime
from docservice.domain.page_codes import id_of_bytes
from docservice.domain.sources import office_day

Row = dict[str, Any]

AT_ONCE = 200
"""Cases of one transaction."""
FORM = 1
"""The version of the stored form of an entry that is written here."""

_M = sa.MetaData()
_cases = sa.Table(
    "case_record",
    _M,
    sa.Column("id", sa.Text),
    sa.Column("data", sa.JSON),
    sa.Column("created_at", UtcDateTime),
    sa.Column("updated_at", UtcDateTime),
)
_bundles = sa.Table(
    "bundle",
    _M,
    sa.Column("id", sa.Text),
    sa.Column("case_id", sa.Text),
    sa.Column("snapshot", sa.JSON),
    sa.Column("created_at", UtcDateTime),
)
_documents = sa.Table("document", _M, *(sa.Column(name, sa.Text) for name in ("id", "bundle_id", "kind")))
_attachments = sa.Table("attachment", _M, sa.Column("document_id", sa.Text), sa.Column("created_at", UtcDateTime))
_entries = sa.Table(
    "case_entry",
    _M,
    *(sa.Column(name, sa.Text) for name in ("id", "case_id", "subject", "state")),
    *(sa.Column(name, sa.Integer) for name in ("number", "edition", "form", "revision", "agreement_number")),
    sa.Column("data", sa.JSON),
    *(sa.Column(name, UtcDateTime) for name in ("created_at", "updated_at")),
    *(sa.Column(name, sa.Date) for name in ("day", "until", "effective_on")),
)
_parties = sa.Table(
    "agreement_party",
    _M,
    *(sa.Column(name, sa.Text) for name in ("entry_id", "person_id")),
    sa.Column("position", sa.Integer),
)
_persons = sa.Table(
    "person",
    _M,
    *(sa.Column(name, sa.Text) for name in ("id", "family_name", "given_names", "birth_date")),
    *(sa.Column(name, UtcDateTime) for name in ("created_at", "updated_at")),
    sa.Column("birth_year", sa.Integer),
)
_members = sa.Table(
    "case_person",
    _M,
    *(sa.Column(name, sa.Text) for name in ("case_id", "name", "person_id")),
    sa.Column("position", sa.Integer),
    sa.Column("left_on", sa.Date),
)
_periods = sa.Table(
    "person_period",
    _M,
    *(sa.Column(name, sa.Text) for name in ("id", "person_id", "case_id", "topic", "code")),
    *(sa.Column(name, sa.Integer) for name in ("number", "form", "revision")),
    *(sa.Column(name, sa.Date) for name in ("valid_from", "valid_to")),
    sa.Column("filed", sa.Boolean),
    sa.Column("data", sa.JSON),
    *(sa.Column(name, UtcDateTime) for name in ("created_at", "updated_at")),
)

_PAPERS = {"agreement": "date", "annex": "date", "help_plan": "created_jointly_on"}
"""The parts of a case that are papers, and what they call the day they are of."""


def fill_some(connection: sa.Connection, limit: int = AT_ONCE) -> bool:
    """Give so many of the cases without a record theirs; False when all have one."""
    without = ~sa.exists().where(_entries.c.case_id == _cases.c.id)
    cases = connection.execute(sa.select(_cases).where(without).order_by(_cases.c.id).limit(limit)).all()
    if not cases:
        return False
    printed = _printed(connection, [case.id for case in cases])
    filled = _Filled()
    for case in cases:
        _Record(case, filled).fill(printed[case.id])
    for table, rows in filled.in_order():
        if rows:
            connection.execute(sa.insert(table), rows)
    return True


@dataclass(slots=True)
class _Filled:
    """The rows of some records."""

    persons: list[Row] = field(default_factory=list)
    members: list[Row] = field(default_factory=list)
    periods: list[Row] = field(default_factory=list)
    entries: list[Row] = field(default_factory=list)
    parties: list[Row] = field(default_factory=list)

    def in_order(self) -> Iterator[tuple[sa.Table, list[Row]]]:
        """Each table with its rows, those that others point to first."""
        yield from ((_persons, self.persons), (_members, self.members), (_periods, self.periods))
        yield from ((_entries, self.entries), (_parties, self.parties))


@dataclass(frozen=True, slots=True)
class _Bundle:
    """What a bundle printed of a case; `signed` says of the kinds that came back when they did."""

    at: datetime
    snapshot: Any
    kinds: frozenset[str]
    signed: Mapping[str, datetime]


def _printed(connection: sa.Connection, case_ids: list[str]) -> Mapping[str, list[_Bundle]]:
    """The bundles of the cases in the order in which they were asked for."""
    kinds, signed = defaultdict[str, set[str]](set), defaultdict[str, dict[str, datetime]](dict)
    documents = (
        sa.select(_documents.c.bundle_id, _documents.c.kind, _attachments.c.created_at)
        .join(_bundles, _bundles.c.id == _documents.c.bundle_id)
        .outerjoin(_attachments, _attachments.c.document_id == _documents.c.id)
        .where(_bundles.c.case_id.in_(case_ids))
        .order_by(_attachments.c.created_at)
    )
    for row in connection.execute(documents):
        kinds[row.bundle_id].add(row.kind)
        if row.created_at is not None:
            signed[row.bundle_id].setdefault(row.kind, row.created_at)
    found = defaultdict[str, list[_Bundle]](list)
    bundles = sa.select(_bundles).where(_bundles.c.case_id.in_(case_ids))
    for row in connection.execute(bundles.order_by(_bundles.c.created_at, _bundles.c.id)):
        found[row.case_id].append(_Bundle(row.created_at, row.snapshot, frozenset(kinds[row.id]), signed[row.id]))
    return found


class _Record:
    """The record of one case while it is put together."""

    def __init__(self, case: sa.Row[Any], filled: _Filled) -> None:
        self._case = case
        self._filled = filled
        self._own: list[Row] = []
        self._papers: dict[tuple[str, int], Row] = {}  # the newest edition of each
        self._members: dict[str, str] = {}

    def fill(self, printed: Iterable[_Bundle]) -> None:
        file = _object(self._case.data)
        for position, person in enumerate(_objects(file, "persons"), start=1):
            self._person(person, position, None)
        for bundle in printed:
            self._file(_object(bundle.snapshot), bundle.at, bundle)
        self._file(file, self._case.updated_at, None)
        for entry in [each for each in self._own if each["subject"] == "agreement"]:
            self._parties(entry)
        annexes = sorted(number for subject, number in self._papers if subject == "annex")
        for annex in annexes:
            self._appointment(annex, self._papers["annex", annex])
        self._assessment(file)
        self._filled.entries += self._own

    def _file(self, file: Row, at: datetime, bundle: _Bundle | None) -> None:
        """Put the papers of a case file into the record, and say of those that were printed that they were."""
        for subject, day in _PAPERS.items():
            data = _object(file.get(subject))
            number = {"annex": data.get("number"), "help_plan": data.get("version")}.get(subject) or 1
            entry = self._paper(subject, int(number), data, _day(data, day), at)
            if bundle is not None and subject in bundle.kinds:
                entry["state"] = "generated" if entry["state"] == "draft" else entry["state"]
                if subject in bundle.signed:
                    entry["state"] = "signed"
                    entry["effective_on"] = entry["day"] or office_day(bundle.signed[subject])

    def _paper(self, subject: str, number: int, data: Row, day: date | None, at: datetime) -> Row:
        last = self._papers.get((subject, number))
        if last is not None and last["data"] == data:
            return last
        if last is not None and last["state"] == "draft":
            last |= {"data": data, "day": day, "updated_at": at, "until": _day(data, "review_date")}
            return last
        entry = self._entry(subject, number, data, day, at, state="draft")
        if last is not None:
            entry["edition"] = last["edition"] + 1
        if subject == "annex":
            entry["agreement_number"] = 1
        if subject == "help_plan":
            entry["until"] = _day(data, "review_date")
        self._papers[subject, number] = entry
        return entry

    def _entry(self, subject: str, number: int, data: Row, day: date | None, at: datetime, *, state: str) -> Row:
        entry: Row = {
            "id": _new_id(),
            "case_id": self._case.id,
            "subject": subject,
            "number": number,
            "edition": 1,
            "state": state,
            "form": FORM,
            "revision": 1,
            "agreement_number": None,
            "data": data,
            "created_at": at,
            "updated_at": at,
            "day": day,
            "until": None,
            "effective_on": None,
        }
        self._own.append(entry)
        return entry

    def _parties(self, entry: Row) -> None:
        """Somebody whom the file no longer names has left the case."""
        named = [name for name in entry["data"].get("parties") or () if isinstance(name, str)]
        for position, name in enumerate(dict.fromkeys(named), start=1):
            if name not in self._members:
                self._person({"id": name}, 0, office_day(self._case.updated_at))
            self._filled.parties.append(
                {"entry_id": entry["id"], "person_id": self._members[name], "position": position}
            )

    def _person(self, person: Row, position: int, left_on: date | None) -> None:
        name, born = str(person.get("id", position)), person.get("birth_date")
        if name in self._members:
            return
        born = born.partition("-00")[0] if isinstance(born, str) else None  # how the first release kept unknown parts
        self._members[name] = person_id = _new_id()
        moments = {"created_at": self._case.created_at, "updated_at": self._case.updated_at}
        self._filled.persons.append(
            {
                "id": person_id,
                "family_name": person.get("legal_family_name"),
                "given_names": person.get("legal_given_names"),
                "birth_date": born,
                "birth_year": int(born[:4]) if born else None,
                **moments,
            }
        )
        self._filled.members.append(
            {
                "case_id": self._case.id,
                "name": name,
                "person_id": person_id,
                "position": position,
                "left_on": left_on,
            }
        )
        for number, status in enumerate(_objects(person, "legal_status"), start=1):
            self._filled.periods.append(
                {
                    "id": _new_id(),
                    "person_id": person_id,
                    "case_id": self._case.id,
                    "topic": "legal_status",
                    "number": number,
                    "code": str(status.get("code")),
                    "valid_from": _day(status, "valid_from"),
                    "valid_to": _day(status, "valid_to"),
                    "filed": True,
                    "form": FORM,
                    "revision": 1,
                    "data": status,
                    **moments,
                }
            )

    def _appointment(self, annex: int, paper: Row) -> None:
        """Each annex announces at most one talk, in the order of the annexes."""
        said = _object(paper["data"].get("next_appointment"))
        if not isinstance(said.get("start"), str):
            return
        number = 1 + sum(each["subject"] == "appointment" for each in self._own)
        day = date.fromisoformat(said["start"][:10])
        data = {**said, "annex": annex}
        self._entry("appointment", number, data, day, paper["created_at"], state="planned")

    def _assessment(self, file: Row) -> None:
        findings = [
            {"heading": found.get("block"), **{name: value for name, value in found.items() if name != "block"}}
            for found in _objects(file, "assessment")
        ]
        if findings:
            data = {"findings": findings}
            self._entry("assessment", 1, data, None, self._case.updated_at, state="recorded")


def _new_id() -> str:
    return id_of_bytes(secrets.token_bytes(13))


def _object(value: Any) -> Row:
    return value if isinstance(value, dict) else {}


def _objects(parent: Row, name: str) -> list[Row]:
    found = parent.get(name)
    return [each for each in found if isinstance(each, dict)] if isinstance(found, list) else []


def _day(data: Row, name: str) -> date | None:
    text = data.get(name)
    return date.fromisoformat(text) if isinstance(text, str) else None
