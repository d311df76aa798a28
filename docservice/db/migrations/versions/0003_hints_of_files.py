"""What was odd about a file that was read nevertheless, as a list of codes."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("scan_file", sa.Column("hints", sa.JSON(), nullable=False, server_default="[]"))


def downgrade() -> None:
    op.drop_column("scan_file", "hints")
