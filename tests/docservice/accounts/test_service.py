"""Tokens open the service; what is stored of them does not."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from docservice.accounts.service import FIRST_TOKEN_NAME, AccountService
from docservice.db.events import SubjectKind
from docservice.db.unit_of_work import Database
from docservice.domain.actors import ActorKind
from docservice.domain.errors import Conflict, DocserviceError, InvalidInput, NotFound
from docservice.domain.sources import RandomIds, SystemClock
from tests.support.actors import SOMEBODY


@pytest.fixture
def database(tmp_path: Path) -> Database:
    made = Database(f"sqlite:///{tmp_path / 'test.sqlite'}")
    made.upgrade()
    return made


@pytest.fixture
def accounts(database: Database) -> AccountService:
    return AccountService(database, SystemClock(), RandomIds())


def test_a_new_token_is_valid_and_its_secret_is_nowhere_in_the_database(
    accounts: AccountService, database: Database, tmp_path: Path
) -> None:
    secret = accounts.create(SOMEBODY, "front-desk")
    account = accounts.authenticate(secret)
    assert account is not None
    assert account.name == "front-desk"
    database.close()
    stored = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert b"front-desk" in stored
    assert secret.encode() not in stored


@pytest.mark.parametrize("wrong", ["", "dst_", "dst_" + "A" * 43, "dst_" + "é" * 43, "x" * 10_000, "dst_\x00"])
def test_what_is_no_token_opens_nothing(accounts: AccountService, wrong: str) -> None:
    accounts.create(SOMEBODY, "front-desk")
    assert accounts.authenticate(wrong) is None


def test_a_revoked_token_opens_nothing_and_its_name_is_free_again(accounts: AccountService, database: Database) -> None:
    secret = accounts.create(SOMEBODY, "front-desk")
    with pytest.raises(Conflict):
        accounts.create(SOMEBODY, "front-desk")
    holder = accounts.authenticate(secret)
    assert holder is not None
    assert (holder.name, holder.kind) == ("front-desk", ActorKind.PROGRAM)
    accounts.revoke(SOMEBODY, "front-desk")
    assert accounts.authenticate(secret) is None
    with pytest.raises(NotFound):
        accounts.revoke(SOMEBODY, "front-desk")
    assert accounts.create(SOMEBODY, "front-desk") != secret
    first, second = accounts.list(SOMEBODY)
    assert (first.id, first.revoked_at is None, second.revoked_at) == (holder.id, False, None)
    with database.reading() as tx:
        events = tx.events.after(SubjectKind.TOKEN, holder.id)
    assert [(event.name, event.actor_id, event.case_id) for event in events] == [
        ("token.created", SOMEBODY.id, None),
        ("token.revoked", SOMEBODY.id, None),
    ]


def test_a_name_that_could_be_anything_is_refused(accounts: AccountService) -> None:
    with pytest.raises(InvalidInput) as refused:
        accounts.create(SOMEBODY, "Anna Canary\n")
    assert "Canary" not in str(refused.value)


def test_the_first_token_is_made_once_for_its_owner_only(accounts: AccountService, tmp_path: Path) -> None:
    path = tmp_path / "keys" / "token"
    assert accounts.ensure_first(path)
    secret = path.read_text().strip()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    account = accounts.authenticate(secret)
    assert account is not None
    assert account.name == FIRST_TOKEN_NAME
    assert not accounts.ensure_first(path)
    assert path.read_text().strip() == secret


def test_a_lost_token_file_gets_a_new_token_and_the_old_one_ends(accounts: AccountService, tmp_path: Path) -> None:
    path = tmp_path / "keys" / "token"
    accounts.ensure_first(path)
    old = path.read_text().strip()
    path.unlink()
    assert accounts.ensure_first(path)
    assert accounts.authenticate(old) is None
    assert accounts.authenticate(path.read_text().strip()) is not None


def test_an_unusable_token_file_is_told_in_one_line(accounts: AccountService, tmp_path: Path) -> None:
    (tmp_path / "keys").write_text("a file where a folder should be")
    with pytest.raises(DocserviceError) as refused:
        accounts.ensure_first(tmp_path / "keys" / "token")
    assert refused.value.code == "token_file_unusable"
