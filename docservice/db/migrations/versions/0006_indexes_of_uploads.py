"""Reviews are looked for by their upload, pages by their part."""

from __future__ import annotations

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_review_upload_id", "review", ["upload_id"])
    op.create_index("ix_scan_page_part_id", "scan_page", ["part_id"])


def downgrade() -> None:
    op.drop_index("ix_scan_page_part_id", "scan_page")
    op.drop_index("ix_review_upload_id", "review")
