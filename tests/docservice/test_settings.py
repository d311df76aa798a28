"""The default settings keep everything in the data folder, whatever it is called."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from sqlalchemy import make_url

from docservice.db.unit_of_work import Database
from docservice.domain.errors import DocserviceError
from docservice.settings import Settings
from docservice.storage.service import open_store
from docservice.tools.valkey import fits_an_address
from tests.support.places import NAMES


@pytest.mark.parametrize("name", [*NAMES, os.fsdecode(b"kein UTF-8 \xff\xfe")])
def test_database_and_files_lie_in_the_folder_of_that_name(tmp_path: Path, name: str) -> None:
    folder = tmp_path / name / "data"
    folder.mkdir(parents=True)
    settings = Settings.from_environment({"DOCSERVICE_DATA_DIR": str(folder)})
    assert make_url(settings.database_url).drivername == "sqlite"
    database = Database(settings.database_url)
    with database.transaction() as tx:
        assert tx.cases is not None
    database.close()
    open_store(settings.blob_url).put("a/b", b"1")
    assert {path.name for path in folder.iterdir()} == {"docservice.sqlite", "blobs"}
    assert (folder / "blobs" / "a" / "b").read_bytes() == b"1"
    assert list(tmp_path.iterdir()) == [tmp_path / name]
    assert [path.name for path in (tmp_path / name).iterdir()] == ["data"]


def test_the_vault_lies_apart_from_what_may_be_deleted(tmp_path: Path) -> None:
    def vault(**given: str) -> str:
        named = {f"DOCSERVICE_{name}": value for name, value in given.items()}
        return Settings.from_environment({"DOCSERVICE_DATA_DIR": str(tmp_path), **named}).vault_url

    assert vault() == vault(BLOB_URL="file:///elsewhere") == (tmp_path / "vault").as_uri()
    assert vault(BLOB_URL="s3://bucket/prefix/") == "s3://bucket/prefix/vault"
    assert vault(BLOB_URL="s3://bucket", VAULT_URL="s3://other") == "s3://other"
    with pytest.raises(DocserviceError, match="VAULT_URL must be another place"):
        vault(BLOB_URL="s3://bucket", VAULT_URL="s3://bucket/")


@pytest.mark.parametrize("name", NAMES)
def test_a_socket_lies_only_where_its_address_has_no_two_meanings(tmp_path: Path, name: str) -> None:
    assert not fits_an_address(tmp_path / name / "socket") or name == "-rf"
    assert not fits_an_address(Path("/") / ("a" * 107))
    assert fits_an_address(Path("/") / ("a" * 106))
