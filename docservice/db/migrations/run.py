"""Runs the migrations, in transactions that the caller opens."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Final

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Connection, text

from docservice.db.migrations import first_records, name_keys
from docservice.domain.errors import DocserviceError

_UPGRADE_LOCK = 7_245_310_021
"""PostgreSQL advisory lock: of many processes that start at once, one migrates and the others wait."""
_FILLED: Final = (("0013", first_records.fill_some), ("0017", name_keys.fill_some))
"""After which migrations rows are made from many others, and by what: it says whether there is more to do."""


def upgrade(transaction: Callable[[], AbstractContextManager[Connection]]) -> None:
    """Bring the tables to the newest migration.

    Rows that are made from many others are made some at a time, each part in a transaction of its own; whoever is
    interrupted goes on there.
    """
    for revision, fill_some in _FILLED:
        more = True
        while more:
            with transaction() as connection:
                _wait_for_others(connection)
                _to(connection, revision)
                more = fill_some(connection)
    with transaction() as connection:
        _wait_for_others(connection)
        _to(connection, "head")


def _to(connection: Connection, revision: str) -> None:
    config = configuration()
    config.attributes["connection"] = connection
    try:
        command.upgrade(config, revision)
    except CommandError as error:
        raise DocserviceError.told("db.database_newer") from error


def _wait_for_others(connection: Connection) -> None:
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _UPGRADE_LOCK})


def head() -> str | None:
    """The newest migration among the files."""
    return ScriptDirectory.from_config(configuration()).get_current_head()


def configuration() -> Config:
    """Alembic's configuration; it needs no ini file."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    return config
