"""Scanned pages say where they are kept by themselves; those of earlier releases are kept when they are next used."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("scan_page", sa.Column("stream_key", sa.Text()))
    op.add_column("scan_page", sa.Column("stream_sha256", sa.String(64)))


def downgrade() -> None:
    op.drop_column("scan_page", "stream_sha256")
    op.drop_column("scan_page", "stream_key")
