"""What a caller asked for under a key of its own: the same request again is the first one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from docservice.db.accounts import IdempotencyRecord
from docservice.db.unit_of_work import Transaction
from docservice.domain.errors import Conflict


@dataclass(frozen=True, slots=True)
class Idempotency:
    """The caller's Idempotency-Key within a scope (the caller and the address), and the hash of the body."""

    scope: str
    key: str
    body_sha256: str


def known_subject(tx: Transaction, idempotency: Idempotency) -> str | None:
    """What the key stands for already, None when it is new. Conflict when it came with another body."""
    known = tx.idempotency.get(idempotency.scope, idempotency.key)
    if known is None:
        return None
    if known.body_sha256 != idempotency.body_sha256:
        raise Conflict.told("db.idempotency_key_reused")
    return known.subject_id


def subject_of_key(tx: Transaction, idempotency: Idempotency | None, new_id: str, now: datetime) -> str:
    """What the key stands for from now on: `new_id` when it is new or there is none, what it stood
    for before otherwise.

    Waits for a transaction that is just taking the key. Conflict when it came with another body.
    """
    if idempotency is None:
        return new_id
    new = IdempotencyRecord(idempotency.scope, idempotency.key, idempotency.body_sha256, new_id, now)
    if tx.idempotency.add(new):
        return new_id
    return known_subject(tx, idempotency) or new_id
