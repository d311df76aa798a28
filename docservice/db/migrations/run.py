"""Runs the migrations on a connection the caller has opened."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Connection, text

from docservice.domain.errors import DocserviceError

_UPGRADE_LOCK = 7_245_310_021
"""PostgreSQL advisory lock: of many processes that start at once, one migrates and the others wait."""


def upgrade(connection: Connection) -> None:
    """Bring the tables to the newest migration, all in the caller's transaction."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _UPGRADE_LOCK})
    config = configuration()
    config.attributes["connection"] = connection
    try:
        command.upgrade(config, "head")
    except CommandError as error:
        raise DocserviceError.told("db.database_newer") from error


def head() -> str | None:
    """The newest migration among the files."""
    return ScriptDirectory.from_config(configuration()).get_current_head()


def configuration() -> Config:
    """Alembic's configuration; it needs no ini file."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    return config
