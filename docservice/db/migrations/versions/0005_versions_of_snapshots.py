"""Kept cases say in which version of their form they stand; those of releases that did not say are version 1."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

TABLES = ("case_record", "bundle")


def upgrade() -> None:
    for table in TABLES:
        op.add_column(table, sa.Column("snapshot_version", sa.Integer(), nullable=False, server_default="1"))


def downgrade() -> None:
    for table in TABLES:
        op.drop_column(table, "snapshot_version")
