"""All tables. One definition serves SQLite and PostgreSQL; the versions beside this file bring a database to it."""

from __future__ import annotations

from docservice.db import (
    accounts,
    archive,
    bundles,
    cases,
    events,
    jobs,
    returns,
    reviews,
    scan_pages,
    uploads,
)
from docservice.db.columns.types import metadata
from docservice.db.record import entries, partners, persons, search

__all__ = ["HEAD", "SUBJECTS", "metadata"]

HEAD = "0018"
"""The migration this code needs. Stands here so that a database at head is recognised without loading Alembic."""

SUBJECTS = (
    accounts,
    archive,
    bundles,
    cases,
    entries,
    events,
    jobs,
    partners,
    persons,
    returns,
    reviews,
    scan_pages,
    search,
    uploads,
)
"""The files with the tables: they have to be imported for `metadata` to be whole."""
