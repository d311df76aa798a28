"""A database as an earlier release had it: its tables stand at a migration of before."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from alembic import command
from sqlalchemy import Connection, create_engine

from docservice.db.migrations.run import configuration


@contextmanager
def database_at(url: str, revision: str) -> Iterator[Connection]:
    """An empty database is brought to that migration; what is written in the block is kept."""
    engine = create_engine(url)
    with engine.begin() as connection:
        config = configuration()
        config.attributes["connection"] = connection
        command.upgrade(config, revision)
        yield connection
    engine.dispose()
