"""SQLite as the embedded database: its pragmas, and the plain words for what can go wrong with a file."""

from __future__ import annotations

import sqlite3
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from datetime import timedelta
from pathlib import Path

import pytest

from docservice.db.migrations import schema
from docservice.db.migrations.run import head
from docservice.db.unit_of_work import Database
from docservice.domain.errors import DocserviceError
from docservice.domain.sources import RandomIds, SystemClock
from docservice.jobs.service import JobService
from docservice.jobs.tasks import INTERACTIVE, TaskName
from tests.support.disks import on_full_disk, on_read_only_disk
from tests.support.documents_to_do import a_case
from tests.support.programs import run


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "docservice.sqlite"
    database = Database(f"sqlite:///{path}")
    database.upgrade()
    database.close()
    return path


def test_the_code_needs_the_newest_migration() -> None:
    assert head() == schema.HEAD


def test_a_database_at_head_is_opened_without_alembic(path: Path) -> None:
    """Loading it would cost every start a tenth of a second."""
    program = (
        "import sys; from docservice.db.unit_of_work import Database;"
        f"Database('sqlite:///{path}').upgrade(); print('alembic' in sys.modules)"
    )
    assert run([sys.executable, "-c", program], seconds=30).split() == ["False"]


def test_programs_that_start_together_on_no_database_at_all_make_it_together(tmp_path: Path) -> None:
    program = f"from docservice.db.unit_of_work import Database; Database('sqlite:///{tmp_path}/x').upgrade()"
    with ThreadPoolExecutor(3) as pool:
        assert list(pool.map(lambda _: run([sys.executable, "-c", program], seconds=60), range(3))) == [""] * 3
    assert Database(f"sqlite:///{tmp_path}/x").version() == schema.HEAD


def test_the_database_of_a_newer_release_is_left_alone(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
        connection.commit()
    with pytest.raises(DocserviceError) as told:
        Database(f"sqlite:///{path}").upgrade()
    assert told.value.code == "database_newer"


def test_readers_do_not_wait_for_a_writer(path: Path) -> None:
    """Who waited here would wait for himself, and be told after 15 seconds."""
    database = Database(f"sqlite:///{path}")
    with database.transaction() as writing:
        writing.cases.add(a_case("one"))
        with database.reading() as reading:
            assert reading.cases.get("one") is None
    database.close()


def upgrade_told(command: list[str]) -> str:
    """The code of the error that `command` ends with."""
    return run(command, seconds=30).strip()


def upgrading(folder: Path) -> list[str]:
    program = (
        "from docservice.db.unit_of_work import Database; from docservice.domain.errors import DocserviceError\n"
        f"try: Database('sqlite:///{folder}/x.sqlite').upgrade()\n"
        "except DocserviceError as error: print(error.code)"
    )
    return [sys.executable, "-c", program]


@pytest.mark.parametrize("free", ["8k", "32k", "64k"])
def test_a_full_disk_is_told_in_plain_words(tmp_path: Path, free: str) -> None:
    """It fills up at different steps, and SQLite has several words for it."""
    assert upgrade_told(on_full_disk(tmp_path, upgrading(tmp_path), free=free)) == "disk_full"


def test_a_read_only_disk_is_told_in_plain_words(tmp_path: Path) -> None:
    assert upgrade_told(on_read_only_disk(tmp_path, upgrading(tmp_path))) == "database_read_only"


def test_a_folder_that_is_not_there_is_told_in_plain_words(tmp_path: Path) -> None:
    with pytest.raises(DocserviceError) as told:
        Database(f"sqlite:///{tmp_path / 'missing' / 'x.sqlite'}").upgrade()
    assert told.value.code == "database_read_only"


def test_a_server_that_is_not_there_is_told_in_plain_words(tmp_path: Path) -> None:
    with pytest.raises(DocserviceError) as told:
        Database(f"postgresql+psycopg://nobody@/nothing?host={tmp_path}").upgrade()
    assert told.value.code == "database_unavailable"
    assert told.value.retryable


def test_who_waits_for_jobs_is_told_of_each_commit_that_has_written_one_that_is_due(path: Path) -> None:
    told: list[str] = []
    database = Database(f"sqlite:///{path}", job_written=lambda: told.append("now"))
    jobs, task = JobService(database, SystemClock().now, RandomIds().new), TaskName("tests.work", INTERACTIVE)
    with database.transaction() as tx:
        jobs.enqueue(tx, task, "a")
        jobs.enqueue(tx, task, "b")
        assert told == []
    assert told == ["now"]
    with database.transaction() as tx:
        jobs.enqueue(tx, task, "later", delay=timedelta(hours=1))
    with suppress(KeyError), database.transaction() as tx:
        jobs.enqueue(tx, task, "c")
        raise KeyError  # nothing of it stays
    database.close()
    assert told == ["now"]
