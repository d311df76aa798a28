"""The way to the database: short transactions that hold the repositories. SQLite embedded, PostgreSQL in production."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from docservice.db.accounts import AcceptedRequests, Tokens
from docservice.db.archive import Archive, Chain, Fixity
from docservice.db.bundles import Bundles, Documents
from docservice.db.cases import Cases
from docservice.db.events import Events
from docservice.db.figures.records import RecordFigures
from docservice.db.figures.returned import ReturnedFigures
from docservice.db.jobs import Jobs
from docservice.db.migrations import schema
from docservice.db.record.entries import Entries
from docservice.db.record.partners import Partners
from docservice.db.record.persons import Persons
from docservice.db.record.search import CaseFinder
from docservice.db.returns import Attachments, ScanDocuments
from docservice.db.reviews import Reviews
from docservice.db.scan_pages import ScanPages
from docservice.db.uploads import ScanFiles, ScanParts, Uploads
from docservice.domain.errors import DocserviceError, Outage

POOL_SIZE = 20
"""Connections of one process, unless told otherwise: half as many as the API has threads, which also wait for files."""
_READ_ONLY = "docservice_read_only"
_TURN_SECONDS = 60.0
_REFUSED = ("password authentication failed", "no password supplied", "fatal:  role ", "pg_hba.conf")


class Transaction:
    """The repositories, all on one transaction: everything done through them happens, or nothing."""

    def __init__(self, connection: Connection) -> None:
        self.cases = Cases(connection)
        self.entries = Entries(connection)
        self.persons = Persons(connection)
        self.partners = Partners(connection)
        self.finder = CaseFinder(connection)
        self.bundles = Bundles(connection)
        self.documents = Documents(connection)
        self.events = Events(connection)
        self.jobs = Jobs(connection)
        self.tokens = Tokens(connection)
        self.idempotency = AcceptedRequests(connection)
        self.uploads = Uploads(connection)
        self.scan_files = ScanFiles(connection)
        self.scan_parts = ScanParts(connection)
        self.scan_pages = ScanPages(connection)
        self.scan_documents = ScanDocuments(connection)
        self.reviews = Reviews(connection)
        self.attachments = Attachments(connection)
        self.archive = Archive(connection)
        self.chain = Chain(connection)
        self.fixity = Fixity(connection)
        self.record_figures = RecordFigures(connection)
        self.returned_figures = ReturnedFigures(connection)


class Database:
    """A database by its address ("sqlite:////data/docservice.db", "postgresql+psycopg://host/name").

    Opens no connection by itself, and never has more than `pool_size`, on SQLite one more to write with: who needs
    another waits for up to `pool_seconds` and is then told that the database does not answer. Not to be shared across
    a fork: build one in each process.
    """

    def __init__(
        self,
        url: str,
        *,
        pool_size: int = POOL_SIZE,
        pool_seconds: float = 20.0,
        job_written: Callable[[], None] = lambda: None,
    ) -> None:
        """`job_written` is called after each commit that has written a job which is due; it may not raise."""
        self._engine = _engine(url, pool_size, pool_seconds)
        self._job_written = job_written
        # SQLite has one writer at a time, and at the file whoever asks at the right moment goes first: among many of
        # this process somebody would wait in vain. They queue for one connection instead.
        self._writing = _engine(url, 1, _TURN_SECONDS) if url.startswith("sqlite") else self._engine

    @contextmanager
    def transaction(self, *, kept: bool = True) -> Iterator[Transaction]:
        """Write: commits when the block ends, rolls back when it raises, or when nothing of it is to be `kept`.

        On SQLite the write lock is taken at the start (waiting up to 15 s), so nothing read in the block is stale.
        """
        with _told_plainly(), self._writing.begin() as connection:
            tx = Transaction(connection)
            yield tx
            if not kept:
                connection.rollback()
        if kept and tx.jobs.due_written:
            self._job_written()

    @contextmanager
    def reading(self) -> Iterator[Transaction]:
        """Read one consistent state; a write through it is an error. Never waits for a writer."""
        with _told_plainly(), self._engine.connect() as plain:
            connection = plain.execution_options(**{_READ_ONLY: True}, **_read_only_options(self._engine))
            with connection.begin():
                yield Transaction(connection)

    def upgrade(self) -> None:
        """Bring the tables to what this code needs. At head this is one short query."""
        with _told_plainly():
            if self.version() == schema.HEAD:
                return
            # Alembic is loaded only when there is work: it would cost every start a tenth of a second.
            from docservice.db.migrations.run import upgrade

            upgrade(self._engine.begin)

    def version(self) -> str | None:
        """The migration the tables stand at; None in an empty database."""
        with _told_plainly(), self._engine.connect() as connection:
            if not self._engine.dialect.has_table(connection, "alembic_version"):
                return None
            return connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one_or_none()

    def close(self) -> None:
        """Close the idle connections."""
        self._engine.dispose()
        self._writing.dispose()


def _engine(url: str, pool_size: int, pool_seconds: float) -> Engine:
    pool = {"pool_size": pool_size, "max_overflow": 0, "pool_timeout": pool_seconds}
    # hide_parameters: the text of an error must never carry a value of a case.
    if url.startswith("sqlite"):
        engine = create_engine(url, hide_parameters=True, connect_args={"timeout": 15.0}, **pool)
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
        return engine
    return create_engine(url, hide_parameters=True, pool_pre_ping=True, connect_args={"connect_timeout": 5}, **pool)


def _prepare_sqlite(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # the driver must not open transactions on its own: _begin_sqlite does
    for pragma in ("busy_timeout = 15000", "journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON"):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    read_only = bool(connection.get_execution_options().get(_READ_ONLY))
    connection.exec_driver_sql(f"PRAGMA query_only = {'ON' if read_only else 'OFF'}")
    connection.exec_driver_sql("BEGIN" if read_only else "BEGIN IMMEDIATE")


def _read_only_options(engine: Engine) -> dict[str, Any]:
    if engine.dialect.name != "postgresql":
        return {}
    return {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}


@contextmanager
def _told_plainly() -> Iterator[None]:
    try:
        yield
    except (OperationalError, InterfaceError) as error:
        raise _plain(error) from error
    except PoolTimeoutError as error:
        raise _unavailable() from error


def _plain(error: DBAPIError) -> DocserviceError:
    said = str(error.orig).lower()
    if "disk is full" in said or "no space left" in said or "disk i/o error" in said:
        return Outage.told("db.disk_full", retryable=True)
    if "readonly" in said or "read-only" in said or "unable to open database file" in said:
        return Outage.told("db.database_read_only")
    if any(words in said for words in _REFUSED):
        return Outage.told("db.database_refused")
    return _unavailable()


def _unavailable() -> DocserviceError:
    return Outage.told("db.database_unavailable", retryable=True)
