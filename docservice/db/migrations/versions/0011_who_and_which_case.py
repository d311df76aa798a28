"""Documents, reviews and scanned pages say which case they belong to; names of people get the id beside them.

Whose names they are that stand there already is not known: they stay without an id.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

_TABLES = ("document", "scan_page", "review")
_NAMES = (
    ("scan_upload", "operator_id"),
    ("scan_page", "assigned_by_id"),
    ("review", "closed_by_id"),
    ("attachment", "accepted_by_id"),
)
_INDEXES = (
    ("ix_document_case_id_kind_revision", "document", ["case_id", "kind", "revision"]),
    ("ix_scan_page_case_id", "scan_page", ["case_id"]),
    ("ix_review_case_id", "review", ["case_id"]),
)


def upgrade() -> None:
    for table, column in _NAMES:
        op.add_column(table, sa.Column(column, sa.Text()))
    for table in _TABLES:  # one statement on both: SQLite takes a foreign key only with its column, and none "not null"
        op.execute(
            f"ALTER TABLE {table} ADD COLUMN case_id VARCHAR(64)"
            f" CONSTRAINT fk_{table}_case_id REFERENCES case_record (id)"
        )
    op.execute("UPDATE document SET case_id = (SELECT case_id FROM bundle WHERE bundle.id = document.bundle_id)")
    for table in ("scan_page", "review"):
        op.execute(
            f"UPDATE {table} SET case_id = (SELECT case_id FROM document WHERE document.id = {table}.document_id)"
            " WHERE document_id IS NOT NULL"
        )
    for name, table, columns in _INDEXES:
        op.create_index(name, table, columns)


def downgrade() -> None:
    for name, table, _ in reversed(_INDEXES):
        op.drop_index(name, table)
    for table in reversed(_TABLES):
        op.drop_column(table, "case_id")
    for table, column in reversed(_NAMES):
        op.drop_column(table, column)
