"""Each contract is held by every part that can stand in its place: databases, blob stores, brokers."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from docservice.db.unit_of_work import Database
from docservice.storage.local_copies import LocalCopies
from docservice.storage.service import BlobStore, open_store
from tests.support.programs import short_folder
from tests.support.services import S3, postgres_server


@pytest.fixture(scope="module", params=["sqlite", pytest.param("postgresql", marks=pytest.mark.needs("postgresql"))])
def database_url(request: pytest.FixtureRequest) -> Iterator[str]:
    """A database with the newest tables, shared by the tests of a module: each uses ids of its own."""
    with short_folder() as folder:
        if request.param == "sqlite":
            url = f"sqlite:///{folder / 'docservice.sqlite'}"
            _upgrade(url)
            yield url
        else:
            with postgres_server() as url:
                _upgrade(url)
                yield url


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    database = Database(database_url)
    yield database
    database.close()


@pytest.fixture(params=["filesystem", "s3"])
def blobs(request: pytest.FixtureRequest, tmp_path: Path) -> BlobStore:
    """An empty blob store."""
    if request.param == "filesystem":
        return open_store((tmp_path / "b löbs").as_uri())
    s3: S3 = request.getfixturevalue("s3")
    options = {
        "endpoint": s3.endpoint,
        "region": "us-east-1",
        "access_key_id": s3.access_key,
        "secret_access_key": s3.secret_key,
    }
    return open_store(f"s3://{s3.bucket}/{tmp_path.name}", LocalCopies(tmp_path / "copies", 64 << 20), options)


@pytest.fixture(params=["valkey", pytest.param("redis", marks=pytest.mark.needs("redis"))])
def broker_program(request: pytest.FixtureRequest) -> str | None:
    """The server program of a broker; None is the embedded one."""
    return shutil.which("redis-server") if request.param == "redis" else None


def _upgrade(url: str) -> None:
    database = Database(url)
    database.upgrade()
    database.close()
