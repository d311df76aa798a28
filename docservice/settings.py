"""All settings of an installation, read once from the environment and passed in everywhere."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from docservice.domain.errors import DocserviceError
from docservice.domain.returned.return_verdict import SignaturePolicy
from docservice.domain.text.messages import one_of

PROJECT = Path(__file__).resolve().parent.parent
PREFIX = "DOCSERVICE_"
_NAMES = (
    "DATA_DIR",
    "ALIVE_FILE",
    "DATABASE_URL",
    "POOL_SIZE",
    "BROKER_URL",
    "BLOB_URL",
    "VAULT_URL",
    "CACHE_MEBIBYTES",
    "TEMPLATES_DIR",
    "AUTHORITY",
    "HOST",
    "PORT",
    "WORKERS",
    "WARM_UP",
    "TYPESET_SECONDS",
    "TYPESET_MEBIBYTES",
    "SIGNATURE_POLICY",
    "SCAN_DEVICE",
    "SCAN_FILES",
    "SCAN_MEBIBYTES",
    "SCAN_PAGES",
    "KEEP_JOBS_DAYS",
    "KEEP_KEYS_DAYS",
    "KEEP_CHECKS_DAYS",
    "OVERDUE_DAYS",
)


@dataclass(frozen=True, slots=True)
class Settings:
    """One installation. With the defaults everything is embedded: SQLite, files and Valkey inside `data_dir`."""

    data_dir: Path
    database_url: str
    pool_size: int  # connections to the database that one process may have
    broker_url: str
    blob_url: str  # file:///... or s3://bucket/prefix: what may be deleted
    vault_url: str  # the same for what must last; another place
    cache_mebibytes: int  # of local copies of files that lie in a bucket
    templates_dir: Path
    authority: str  # a profile in templates/authorities
    host: str
    port: int
    workers: int  # worker processes of the embedded stack
    warm_up: bool  # whether workers compile all templates in force before they take work
    typeset_seconds: float  # wall-clock limit for one document
    typeset_mebibytes: int  # memory limit of one typesetter
    signature_policy: SignaturePolicy  # who says that a document is signed
    scan_device: str | None  # the scanner as it is called in transfer notes, unless an upload names another one
    scan_files: int  # of one upload
    scan_mebibytes: int  # of one upload
    scan_pages: int  # of one file
    keep_jobs_days: int  # finished jobs
    keep_keys_days: int  # idempotency keys
    keep_checks_days: int  # notes of the nightly passes over the archive
    alive_file: Path | None  # touched by worker and relay for as long as they go on
    overdue_days: int  # after which a document that is not back is late

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> Settings:
        """Read DOCSERVICE_* variables; an unknown or unreadable one is an error that names it."""
        unknown = sorted(
            name for name in environment if name.startswith(PREFIX) and name.removeprefix(PREFIX) not in _NAMES
        )
        if unknown:
            raise DocserviceError.told(
                "settings.unknown_setting", unknown=unknown[0], known=", ".join(PREFIX + name for name in _NAMES)
            )

        def value(name: str, default: str) -> str:
            return environment.get(PREFIX + name) or default

        data_dir = Path(value("DATA_DIR", "data")).absolute()
        blob_url = value("BLOB_URL", (data_dir / "blobs").as_uri())
        return cls(
            data_dir=data_dir,
            database_url=value("DATABASE_URL", sqlite_url(data_dir / "docservice.sqlite")),
            pool_size=_whole_number("POOL_SIZE", value("POOL_SIZE", "20"), 1, 500),
            broker_url=value("BROKER_URL", ""),
            blob_url=blob_url,
            vault_url=_another_place(value("VAULT_URL", _usual_vault(blob_url, data_dir)), blob_url),
            cache_mebibytes=_whole_number("CACHE_MEBIBYTES", value("CACHE_MEBIBYTES", "8192"), 0, 1 << 20),
            templates_dir=Path(value("TEMPLATES_DIR", str(PROJECT / "templates"))).absolute(),
            authority=value("AUTHORITY", "dortmund"),
            host=value("HOST", "127.0.0.1"),
            port=_whole_number("PORT", value("PORT", "8000"), 0, 65535),
            workers=_whole_number("WORKERS", value("WORKERS", "2"), 1, 64),
            warm_up=_yes_or_no("WARM_UP", value("WARM_UP", "yes")),
            typeset_seconds=_whole_number("TYPESET_SECONDS", value("TYPESET_SECONDS", "20"), 1, 600),
            typeset_mebibytes=_whole_number("TYPESET_MEBIBYTES", value("TYPESET_MEBIBYTES", "1024"), 256, 16384),
            signature_policy=_policy(value("SIGNATURE_POLICY", SignaturePolicy.PERSON.value)),
            scan_device=environment.get(PREFIX + "SCAN_DEVICE") or None,
            scan_files=_whole_number("SCAN_FILES", value("SCAN_FILES", "200"), 1, 10_000),
            scan_mebibytes=_whole_number("SCAN_MEBIBYTES", value("SCAN_MEBIBYTES", "2048"), 1, 65_536),
            scan_pages=_whole_number("SCAN_PAGES", value("SCAN_PAGES", "3000"), 1, 100_000),
            keep_jobs_days=_whole_number("KEEP_JOBS_DAYS", value("KEEP_JOBS_DAYS", "90"), 7, 36_500),
            keep_keys_days=_whole_number("KEEP_KEYS_DAYS", value("KEEP_KEYS_DAYS", "30"), 7, 36_500),
            keep_checks_days=_whole_number("KEEP_CHECKS_DAYS", value("KEEP_CHECKS_DAYS", "1095"), 7, 36_500),
            alive_file=Path(name) if (name := value("ALIVE_FILE", "")) else None,
            overdue_days=_whole_number("OVERDUE_DAYS", value("OVERDUE_DAYS", "28"), 1, 3650),
        )


def sqlite_url(path: Path) -> str:
    """The address of a SQLite file, whatever its folders are called.

    Quoted once for SQLite, which takes any bytes so, and once for SQLAlchemy, which takes the first quotes away.
    """
    return f"sqlite:///{quote('file:' + quote(os.fsencode(path)), safe='/:')}?uri=true"


def _usual_vault(blob_url: str, data_dir: Path) -> str:
    """With the blobs in a bucket: beneath them; otherwise a folder of its own in the data folder."""
    return f"{blob_url.rstrip('/')}/vault" if blob_url.startswith("s3://") else (data_dir / "vault").as_uri()


def _another_place(vault_url: str, blob_url: str) -> str:
    if vault_url.rstrip("/") == blob_url.rstrip("/"):
        raise DocserviceError.told("settings.invalid_setting.another_place", prefix=PREFIX)
    return vault_url


def _whole_number(name: str, text: str, least: int, most: int) -> int:
    if not (text.isascii() and text.isdigit() and least <= int(text) <= most):
        raise DocserviceError.told(
            "settings.invalid_setting.whole_number", prefix=PREFIX, name=name, least=least, most=most
        )
    return int(text)


def _yes_or_no(name: str, text: str) -> bool:
    if text not in ("yes", "no"):
        raise DocserviceError.told("settings.invalid_setting.yes_or_no", prefix=PREFIX, name=name)
    return text == "yes"


def _policy(text: str) -> SignaturePolicy:
    try:
        return SignaturePolicy(text)
    except ValueError:
        raise DocserviceError.told(
            "settings.invalid_setting.policy", prefix=PREFIX, words=one_of(SignaturePolicy)
        ) from None
