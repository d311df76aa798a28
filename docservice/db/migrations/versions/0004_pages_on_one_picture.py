"""Several scanned pages may share a picture: the number of the page on it belongs to what names a page."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

ID = sa.String(64)
WORD = sa.String(40)
_BEFORE, _AFTER = "uq_scan_page_file_id_position", "uq_scan_page_file_id_position_region"
_KEPT = """id, upload_id, file_id, part_id, position, created_at, reading, pixel_sha256, picture_key, document_id, page,
    assigned_by, verdict, reason, proposal, considered, error_code, error_detail, error_detail_de"""


def upgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        _rebuild(["position", "region"], _AFTER, f"{_KEPT}, 0")
        return
    op.add_column("scan_page", sa.Column("region", sa.Integer(), nullable=False, server_default="0"))
    op.drop_constraint(_BEFORE, "scan_page", type_="unique")
    op.create_unique_constraint(_AFTER, "scan_page", ["file_id", "position", "region"])


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        _rebuild(["position"], _BEFORE, _KEPT)
        return
    op.drop_constraint(_AFTER, "scan_page", type_="unique")
    op.drop_column("scan_page", "region")
    op.create_unique_constraint(_BEFORE, "scan_page", ["file_id", "position"])


def _rebuild(unique: list[str], name: str, values: str) -> None:
    """Make the table anew with all its rows. SQLite cannot drop a constraint, nor forget for a while that other tables
    point here: what points at a row is checked when all is done, and by then the row is back."""
    regional = "region" in unique
    op.execute("PRAGMA defer_foreign_keys = ON")
    op.execute("CREATE TABLE scan_page_kept AS SELECT * FROM scan_page")
    op.execute("DELETE FROM scan_page")
    op.drop_table("scan_page")
    region = [sa.Column("region", sa.Integer(), nullable=False, server_default="0")] if regional else []
    op.create_table(
        "scan_page",
        sa.Column("id", ID, nullable=False),
        sa.Column("upload_id", ID, nullable=False),
        sa.Column("file_id", ID, nullable=False),
        sa.Column("part_id", ID, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reading", sa.JSON()),
        sa.Column("pixel_sha256", sa.String(64)),
        sa.Column("picture_key", sa.Text()),
        sa.Column("document_id", ID),
        sa.Column("page", sa.Integer()),
        sa.Column("assigned_by", sa.Text()),
        sa.Column("verdict", WORD),
        sa.Column("reason", WORD),
        sa.Column("proposal", sa.JSON()),
        sa.Column("considered", sa.Boolean(), nullable=False),
        sa.Column("error_code", sa.Text()),
        sa.Column("error_detail", sa.Text()),
        sa.Column("error_detail_de", sa.Text()),
        *region,
        sa.PrimaryKeyConstraint("id", name="pk_scan_page"),
        sa.ForeignKeyConstraint(["upload_id"], ["scan_upload.id"], name="fk_scan_page_upload_id"),
        sa.ForeignKeyConstraint(["file_id"], ["scan_file.id"], name="fk_scan_page_file_id"),
        sa.ForeignKeyConstraint(["part_id"], ["scan_part.id"], name="fk_scan_page_part_id"),
        sa.ForeignKeyConstraint(["document_id"], ["document.id"], name="fk_scan_page_document_id"),
        sa.UniqueConstraint("file_id", *unique, name=name),
    )
    columns = f"{_KEPT}, region" if regional else _KEPT
    op.execute(f"INSERT INTO scan_page ({columns}) SELECT {values} FROM scan_page_kept")
    op.drop_table("scan_page_kept")
    op.create_index("ix_scan_page_upload_id", "scan_page", ["upload_id"])
    op.create_index("ix_scan_page_document_id", "scan_page", ["document_id"])
