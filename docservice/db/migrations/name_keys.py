"""Gives the persons of earlier releases their search keys, from the case files as they are kept and former names.

Some members of cases get theirs in one transaction, and whoever has some is passed over; so this may end anywhere, and
whoever comes next goes on.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa

from docservice.domain.text.search_words import name_words

Row = dict[str, Any]

AT_ONCE = 500
"""Members of one transaction."""
_NAMELESS = frozenset([""])
"""The word of somebody without a name: nothing finds it, and it says that they have had their turn."""

_M = sa.MetaData()
_cases = sa.Table("case_record", _M, sa.Column("id", sa.Text), sa.Column("data", sa.JSON))
_members = sa.Table("case_person", _M, *(sa.Column(name, sa.Text) for name in ("case_id", "name", "person_id")))
_persons = sa.Table("person", _M, *(sa.Column(name, sa.Text) for name in ("id", "family_name", "given_names")))
_periods = sa.Table(
    "person_period",
    _M,
    *(sa.Column(name, sa.Text) for name in ("case_id", "person_id", "topic")),
    sa.Column("data", sa.JSON),
)
_keys = sa.Table("name_key", _M, *(sa.Column(name, sa.Text) for name in ("case_id", "person_id", "said", "word")))


def fill_some(connection: sa.Connection, limit: int = AT_ONCE) -> bool:
    """Give so many of the members without search keys theirs; False when all have some."""
    has = sa.exists().where(_keys.c.case_id == _members.c.case_id, _keys.c.person_id == _members.c.person_id)
    query = (
        sa.select(_members, _persons.c.family_name, _persons.c.given_names)
        .join(_persons, _persons.c.id == _members.c.person_id)
        .where(~has)
    )
    found = connection.execute(query.order_by(_members.c.case_id, _members.c.name).limit(limit)).all()
    if not found:
        return False
    filed, former = _filed(connection, {row.case_id for row in found}), _former(connection, found)
    rows: list[Row] = []
    for row in found:
        said = filed.get((row.case_id, row.name)) or [row.family_name, row.given_names]
        key = {"case_id": row.case_id, "person_id": row.person_id}
        words = name_words(filter(None, said)) or _NAMELESS
        rows += [{**key, "said": "file", "word": word} for word in words]
        words = name_words(former[row.case_id, row.person_id])
        rows += [{**key, "said": "former", "word": word} for word in words]
    connection.execute(sa.insert(_keys), rows)
    return True


def _filed(connection: sa.Connection, case_ids: set[str]) -> dict[tuple[str, str], list[Any]]:
    """All names in the files of the cases, by case and by how the file refers to somebody."""
    query = sa.select(_cases).where(_cases.c.id.in_(case_ids))
    return {
        (case.id, str(person.get("id", position))): list(_names(person))
        for case in connection.execute(query)
        for position, person in enumerate(_objects(case.data, "persons"), start=1)
    }


def _former(connection: sa.Connection, found: Any) -> defaultdict[tuple[str, str], list[str]]:
    names = defaultdict[tuple[str, str], list[str]](list)
    query = sa.select(_periods).where(
        _periods.c.topic == "name", _periods.c.case_id.in_({row.case_id for row in found})
    )
    for period in connection.execute(query):
        said = (period.data.get(name) for name in ("family_name", "given_names"))
        names[period.case_id, period.person_id] += filter(None, said)
    return names


def _names(person: Row) -> Iterator[Any]:
    for name in ("legal_family_name", "legal_given_names", "name_prefix", "birth_name"):
        yield person.get(name)
    for original in _objects(person, "original_script_names"):
        for name in ("family_name", "given_names", "patronymic"):
            yield original.get(name)


def _objects(parent: Any, name: str) -> list[Row]:
    found = parent.get(name) if isinstance(parent, dict) else None
    return [each for each in found if isinstance(each, dict)] if isinstance(found, list) else []
