"""Archived objects whose package was erased on purpose say when and why."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("archive_object", sa.Column("erased_at", sa.DateTime(timezone=True)))
    op.add_column("archive_object", sa.Column("erased_reason", sa.String(40)))


def downgrade() -> None:
    op.drop_column("archive_object", "erased_reason")
    op.drop_column("archive_object", "erased_at")
