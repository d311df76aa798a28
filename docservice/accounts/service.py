"""Who may use the service: bearer tokens, made, checked and taken back."""

from __future__ import annotations

import hashlib
import os
import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from docservice.db.accounts import TokenRecord
from docservice.db.events import EventName
from docservice.db.unit_of_work import Database, Transaction
from docservice.domain.actors import Actor, ActorKind, at_task
from docservice.domain.errors import Conflict, DocserviceError, Fault, InvalidInput, NotFound
from docservice.domain.sources import Clock, IdSource

ROLE_OFFICE = "office"
FIRST_TOKEN_NAME = "first-start"
_PREFIX = "dst_"  # lets a secret that leaked be recognised
_SECRET = re.compile(_PREFIX + r"[A-Za-z0-9_-]{43}")
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


_STARTING = at_task("start")


@dataclass(frozen=True, slots=True)
class Token:
    """A token without its secret, which nobody knows but its holder."""

    id: str
    name: str
    created_at: datetime
    revoked_at: datetime | None


class AccountService:
    """Tokens are 256 random bits and kept as SHA-256 only, so a copy of the database opens nothing."""

    def __init__(self, database: Database, clock: Clock, ids: IdSource) -> None:
        self._database = database
        self._clock = clock
        self._ids = ids

    def create(self, actor: Actor, name: str) -> str:
        """A new token's secret, which nobody can read again later. Conflict when a valid token has this name."""
        if not _NAME.fullmatch(name):
            raise InvalidInput([Fault.told("name", "accounts.invalid_name", example="front-desk")])
        secret = _PREFIX + secrets.token_urlsafe(32)
        record = TokenRecord(self._ids.new(), name, _digest(secret), ROLE_OFFICE, self._clock.now())
        with self._database.transaction() as tx:
            if any(token.name == name and token.revoked_at is None for token in tx.tokens.list_all()):
                raise Conflict.told("accounts.token_exists", name=name)
            tx.tokens.add(record)
            tx.events.add(actor, EventName.TOKEN_CREATED, record.id, record.created_at)
        return secret

    def list(self, actor: Actor) -> Sequence[Token]:
        """All tokens, revoked ones too, the oldest first."""
        with self._database.reading() as tx:
            records = tx.tokens.list_all()
        return [Token(each.id, each.name, each.created_at, each.revoked_at) for each in records]

    def revoke(self, actor: Actor, name: str) -> None:
        """From now on nobody gets in with the token of this name; NotFound when no valid one has it."""
        with self._database.transaction() as tx:
            if not self._revoke(tx, actor, name):
                raise NotFound.told("accounts.not_found")

    def authenticate(self, secret: str) -> Actor | None:
        """The program that holds a valid token; its id and name are the token's. None when it is unknown, revoked or no
        token at all."""
        if not _SECRET.fullmatch(secret):
            return None
        with self._database.reading() as tx:
            token = tx.tokens.by_secret(_digest(secret))
        if token is None or token.revoked_at is not None:
            return None
        return Actor(token.id, token.name, ActorKind.PROGRAM)

    def ensure_first(self, path: Path) -> bool:
        """Make sure that the file `path` (mode 0600) holds a valid token; True when a new one was made.

        A file whose token the database does not know (a new database, say) is replaced.
        """
        if path.is_file() and self.authenticate(_read(path)):
            return False
        with self._database.transaction() as tx:
            self._revoke(tx, _STARTING, FIRST_TOKEN_NAME)
        _write_secret(path, self.create(_STARTING, FIRST_TOKEN_NAME))
        return True

    def _revoke(self, tx: Transaction, actor: Actor, name: str) -> bool:
        """Whether there was a valid token with this name."""
        now = self._clock.now()
        revoked = [token.id for token in tx.tokens.list_all() if token.name == name and tx.tokens.revoke(token.id, now)]
        for token_id in revoked:
            tx.events.add(actor, EventName.TOKEN_REVOKED, token_id, now)
        return bool(revoked)


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode("ascii")).hexdigest()


def _read(path: Path) -> str:
    try:
        return path.read_text("ascii").strip()
    except (OSError, UnicodeError) as error:
        raise _unusable(path) from error


def _write_secret(path: Path, secret: str) -> None:
    """The file appears whole and readable by its owner only, or not at all."""
    fresh = path.with_name(path.name + ".new")
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        fresh.unlink(missing_ok=True)
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as file:
            file.write(secret + "\n")
        fresh.replace(path)
    except OSError as error:
        raise _unusable(path) from error


def _unusable(path: Path) -> DocserviceError:
    return DocserviceError.told("accounts.token_file_unusable", path=path)
