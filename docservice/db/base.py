"""What all repositories share: rows to records and back. A repository works inside the caller's transaction.

Every change of a state is a compare-and-set: the answer says whether this caller made it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import fields
from enum import StrEnum
from typing import Any, TypeVar

from sqlalchemy import Column, ColumnElement, Connection, Row, Select, Table, delete, insert, select, tuple_, update
from sqlalchemy.dialects import postgresql, sqlite

from docservice.domain.cursors import Position

R = TypeVar("R")
_NAMED_AT_ONCE = 1000  # databases limit the parameters of a statement


class Repository:
    """Works on one connection, inside the transaction that is open on it."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def _insert(self, table: Table, record: object) -> None:
        self._connection.execute(insert(table), [columns_of(record)])

    def _insert_all(self, table: Table, records: Iterable[object]) -> None:
        rows = [columns_of(record) for record in records]
        if rows:
            self._connection.execute(insert(table), rows)

    def _put_in_place(
        self, table: Table, record: Any, expected_revision: int, fixed: Collection[str] = ("id", "created_at")
    ) -> bool:
        """Put `record` in the place of that revision, but for the `fixed` columns; False when the row has moved on (or
        is unknown)."""
        values = {name: value for name, value in columns_of(record).items() if name not in fixed}
        change = update(table).where(table.c.id == record.id, table.c.revision == expected_revision).values(values)
        return self._connection.execute(change).rowcount == 1

    def _change_in_state(
        self, table: Table, row_id: str, states: Iterable[StrEnum], values: Mapping[str, object]
    ) -> bool:
        """Change the row with that id; False when it is in none of these states (or is unknown)."""
        change = update(table).where(table.c.id == row_id, table.c.state.in_(tuple(states))).values(values)
        return self._connection.execute(change).rowcount == 1

    def _with_id(self, record: type[R], table: Table, row_id: str) -> R | None:
        """The record of the row with that id, None without one."""
        return one(record, self._connection.execute(select(table).where(table.c.id == row_id)).first())

    def _insert_new(self, table: Table, record: object) -> bool:
        """False when a row with one of its unique values is there; waits for a transaction that is just adding it."""
        return self._insert_new_values(table, columns_of(record))

    def _insert_new_values(self, table: Table, row: Mapping[str, Any]) -> bool:
        add = postgresql.insert if self._connection.dialect.name == "postgresql" else sqlite.insert
        key = next(iter(table.primary_key.columns))
        new = add(table).values(row).on_conflict_do_nothing().returning(key)
        return self._connection.execute(new).first() is not None

    def _erase_some(self, table: Table, condition: ColumnElement[bool], limit: int) -> int:
        """Erase at most so many of the rows that meet the condition; how many it were."""
        key = tuple(table.primary_key.columns)
        chosen = select(*key).where(condition).limit(limit)
        return self._connection.execute(delete(table).where(tuple_(*key).in_(chosen))).rowcount

    def _rows_in(self, query: Select[Any], column: Column[Any], values: Iterable[str]) -> Iterator[Row[Any]]:
        """The rows of a query in which a column has one of the values: a statement for each thousand of them."""
        for some in _batches(sorted(set(values))):
            yield from self._connection.execute(query.where(column.in_(some)))


def _batches(values: list[str]) -> Iterator[list[str]]:
    return (values[start : start + _NAMED_AT_ONCE] for start in range(0, len(values), _NAMED_AT_ONCE))


def by_age(
    query: Select[Any], table: Table, limit: int, after: Position | None, *, newest_first: bool = False
) -> Select[Any]:
    """The part of a query that comes after that moment and id, in the order in which its rows were made."""
    age = (table.c.created_at, table.c.id)
    if after is not None:
        place = tuple_(*age)
        query = query.where(place < after if newest_first else place > after)
    return query.order_by(*(column.desc() if newest_first else column for column in age)).limit(limit)


def columns_of(record: object) -> dict[str, Any]:
    """The columns of a record."""
    return {field.name: getattr(record, field.name) for field in fields(record)}  # type: ignore[arg-type]


def one(record: type[R], row: Row[Any] | None) -> R | None:
    """The record of a row, None without one."""
    return None if row is None else record(**row._mapping)


def many(record: type[R], rows: Iterable[Row[Any]]) -> tuple[R, ...]:
    """The records of rows, in their order."""
    return tuple(record(**row._mapping) for row in rows)
