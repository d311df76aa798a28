"""What earlier releases left behind (tests/releases), put back on SQLite or PostgreSQL as it was."""

from __future__ import annotations

import sqlite3
import zipfile
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from alembic import command
from sqlalchemy import Connection, MetaData, Table, create_engine, event, select, text

from docservice.db.migrations.run import configuration

RELEASES = sorted((Path(__file__).parent.parent / "releases").glob("*.zip"))


def put_back(release: Path, data: Path, database_url: str | None = None) -> None:
    """Unpack an installation into the data folder; its rows also into an empty PostgreSQL database, if one is given."""
    with zipfile.ZipFile(release) as packed:
        packed.extractall(data)
    with closing(sqlite3.connect(data / "docservice.sqlite")) as connection:
        connection.executescript((data / "database.sql").read_text("utf-8"))
    if database_url is not None:
        source, target = create_engine(f"sqlite:///{data / 'docservice.sqlite'}"), create_engine(database_url)
        with source.connect() as reading, target.begin() as writing:
            _copy(reading, writing)
        source.dispose()
        target.dispose()


def _copy(reading: Connection, writing: Connection) -> None:
    """All rows, into the tables as they were at the migration of the rows."""
    config = configuration()
    config.attributes["connection"] = writing
    command.upgrade(config, str(reading.execute(text("SELECT version_num FROM alembic_version")).scalar_one()))
    metadata = MetaData()
    event.listen(metadata, "column_reflect", _with_plain_type)
    metadata.reflect(writing)
    for table in metadata.sorted_tables:
        rows = list(_rows(reading, table))
        if rows and table.name != "alembic_version":
            writing.execute(table.insert(), rows)
            _count_on(writing, table)


def _with_plain_type(_inspector: Any, _table: Any, column: Any) -> None:
    """A type that both databases know."""
    column["type"] = column["type"].as_generic()


def _rows(reading: Connection, table: Table) -> Iterator[dict[str, Any]]:
    for row in reading.execute(select(table)):
        yield {name: _moment(value) if isinstance(value, datetime) else value for name, value in row._mapping.items()}


def _moment(value: datetime) -> datetime:
    return value.replace(tzinfo=UTC)  # SQLite keeps moments in UTC and does not say so


def _count_on(writing: Connection, table: Table) -> None:
    """New rows get the numbers after those that were copied."""
    for column in table.primary_key.columns:
        names = {"table": table.name, "column": column.name}
        sequence = writing.execute(text("SELECT pg_get_serial_sequence(:table, :column)"), names).scalar_one()
        if sequence is not None:
            last = select(text(f"setval('{sequence}', max({column.name}))")).select_from(table)
            writing.execute(last)
