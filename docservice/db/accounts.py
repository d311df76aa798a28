"""Bearer tokens, and which requests were accepted under which key."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import (
    Column,
    String,
    Table,
    Text,
    UniqueConstraint,
    select,
    update,
)

from docservice.db.base import Repository, many, one
from docservice.db.columns.types import Id, UtcDateTime, metadata


@dataclass(frozen=True, slots=True)
class TokenRecord:
    """A bearer token; the secret itself is never stored."""

    id: str
    name: str
    secret_sha256: str
    role: str
    created_at: datetime
    revoked_at: datetime | None = None


access_token_table = Table(
    "access_token",
    metadata,
    Column("id", Id, primary_key=True),
    Column("name", Text, nullable=False),
    Column("secret_sha256", String(64), nullable=False),
    Column("role", String(40), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("revoked_at", UtcDateTime),
    UniqueConstraint("secret_sha256"),
)


class Tokens(Repository):
    """Bearer tokens."""

    def add(self, record: TokenRecord) -> None:
        self._insert(access_token_table, record)

    def by_secret(self, secret_sha256: str) -> TokenRecord | None:
        """The token with this secret, revoked ones too."""
        table = access_token_table
        query = select(table).where(table.c.secret_sha256 == secret_sha256)
        return one(TokenRecord, self._connection.execute(query).first())

    def list_all(self) -> tuple[TokenRecord, ...]:
        """Oldest first."""
        table = access_token_table
        return many(TokenRecord, self._connection.execute(select(table).order_by(table.c.created_at, table.c.id)))

    def revoke(self, token_id: str, at: datetime) -> bool:
        """False when it was revoked before or is unknown."""
        table = access_token_table
        change = update(table).where(table.c.id == token_id, table.c.revoked_at.is_(None)).values(revoked_at=at)
        return self._connection.execute(change).rowcount == 1


@dataclass(frozen=True, slots=True)
class IdempotencyRecord:
    """That the request `key` within `scope` was accepted with this body, and what came of it."""

    scope: str
    key: str
    body_sha256: str
    subject_id: str
    created_at: datetime


idempotency_table = Table(
    "idempotency",
    metadata,
    Column("scope", String(200), primary_key=True),
    Column("key", String(200), primary_key=True),
    Column("body_sha256", String(64), nullable=False),
    Column("subject_id", Id, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
)


class AcceptedRequests(Repository):
    """Which requests were accepted under which key."""

    def get(self, scope: str, key: str) -> IdempotencyRecord | None:
        table = idempotency_table
        query = select(table).where(table.c.scope == scope, table.c.key == key)
        return one(IdempotencyRecord, self._connection.execute(query).first())

    def erase(self, created_before: datetime, limit: int) -> int:
        """Forget at most so many of the keys that were first used before; how many."""
        return self._erase_some(idempotency_table, idempotency_table.c.created_at < created_before, limit)

    def add(self, record: IdempotencyRecord) -> bool:
        """False when the key is taken; waits for a transaction that is just taking it, so `get` then finds it."""
        return self._insert_new(idempotency_table, record)
