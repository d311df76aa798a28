"""Who may use the service: bearer tokens, made, checked and taken back."""

from __future__ import annotations

import hashlib
import os
import re
import secrets
from dataclasses import dataclass
from pathlib import Path

from docservice.db.accounts import TokenRecord
from docservice.db.unit_of_work import Database
from docservice.domain.errors import Conflict, DocserviceError, Fault, InvalidInput
from docservice.domain.sources import Clock, IdSource

ROLE_OFFICE = "office"
FIRST_TOKEN_NAME = "first-start"
_PREFIX = "dst_"  # lets a secret that leaked be recognised
_SECRET = re.compile(_PREFIX + r"[A-Za-z0-9_-]{43}")
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


@dataclass(frozen=True, slots=True)
class Account:
    """Whoever holds a valid token. `id` and `name` are the token's; `name` names a program or a desk, not a person."""

    id: str
    name: str
    role: str


class AccountService:
    """Tokens are 256 random bits and kept as SHA-256 only, so a copy of the database opens nothing."""

    def __init__(self, database: Database, clock: Clock, ids: IdSource) -> None:
        self._database = database
        self._clock = clock
        self._ids = ids

    def create(self, name: str) -> str:
        """A new token's secret, which nobody can read again later. Conflict when a valid token has this name."""
        if not _NAME.fullmatch(name):
            raise InvalidInput(
                [
                    Fault(
                        "name",
                        "invalid_name",
                        "Ein Token-Name hat 1 bis 64 Buchstaben (ohne Umlaute), Ziffern, Punkte und Striche.",
                        "A token's name has 1 to 64 ASCII letters, digits, dots and dashes.",
                        "front-desk",
                    )
                ]
            )
        secret = _PREFIX + secrets.token_urlsafe(32)
        record = TokenRecord(self._ids.new(), name, _digest(secret), ROLE_OFFICE, self._clock.now())
        with self._database.transaction() as tx:
            if any(token.name == name and token.revoked_at is None for token in tx.tokens.list_all()):
                raise Conflict(
                    "token_exists",
                    f"There is a valid token named {name}; choose another name.",
                    detail_de=f"Ein gültiges Token namens {name} gibt es schon; bitte einen anderen Namen wählen.",
                )
            tx.tokens.add(record)
        return secret

    def verify(self, secret: str) -> Account | None:
        """The account of a valid token; None when it is unknown, revoked or no token at all."""
        if not _SECRET.fullmatch(secret):
            return None
        with self._database.reading() as tx:
            token = tx.tokens.by_secret(_digest(secret))
        if token is None or token.revoked_at is not None:
            return None
        return Account(token.id, token.name, token.role)

    def ensure_first(self, path: Path) -> bool:
        """Make sure that the file `path` (mode 0600) holds a valid token; True when a new one was made.

        A file whose token the database does not know (a new database, say) is replaced.
        """
        if path.is_file() and self.verify(_read(path)):
            return False
        with self._database.transaction() as tx:
            for token in tx.tokens.list_all():
                if token.name == FIRST_TOKEN_NAME:
                    tx.tokens.revoke(token.id, self._clock.now())
        _write_secret(path, self.create(FIRST_TOKEN_NAME))
        return True


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
    return DocserviceError(
        "token_file_unusable",
        f"The token file {path} cannot be read or written; check the permissions of its folder.",
        detail_de=f"Die Token-Datei {path} ist nicht les- oder schreibbar; bitte die Rechte des Ordners prüfen.",
    )
