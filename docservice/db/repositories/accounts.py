"""Bearer tokens, and which requests were accepted under which key."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select, update

from docservice.db import tables
from docservice.db.records import IdempotencyRecord, TokenRecord
from docservice.db.repositories.base import Repository, many, one


class Tokens(Repository):
    """Bearer tokens."""

    def add(self, record: TokenRecord) -> None:
        self._insert(tables.access_token, record)

    def by_secret(self, secret_sha256: str) -> TokenRecord | None:
        """The token with this secret, revoked ones too."""
        table = tables.access_token
        query = select(table).where(table.c.secret_sha256 == secret_sha256)
        return one(TokenRecord, self._connection.execute(query).first())

    def list_all(self) -> tuple[TokenRecord, ...]:
        """Oldest first."""
        table = tables.access_token
        return many(TokenRecord, self._connection.execute(select(table).order_by(table.c.created_at, table.c.id)))

    def revoke(self, token_id: str, at: datetime) -> bool:
        """False when it was revoked before or is unknown."""
        table = tables.access_token
        change = update(table).where(table.c.id == token_id, table.c.revoked_at.is_(None)).values(revoked_at=at)
        return self._connection.execute(change).rowcount == 1


class Idempotency(Repository):
    """Which requests were accepted under which key."""

    def get(self, scope: str, key: str) -> IdempotencyRecord | None:
        table = tables.idempotency
        query = select(table).where(table.c.scope == scope, table.c.key == key)
        return one(IdempotencyRecord, self._connection.execute(query).first())

    def add(self, record: IdempotencyRecord) -> bool:
        """False when the key is taken; waits for a transaction that is just taking it, so `get` then finds it."""
        return self._insert_new(tables.idempotency, record)
