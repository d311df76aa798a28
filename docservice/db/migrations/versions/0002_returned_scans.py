"""Returned scans: uploads, files, pages and zones, documents that came back, reviews, attachments, the archive."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

ID = sa.String(64)
WORD = sa.String(40)
SUBJECT = sa.String(120)
SHA256 = sa.String(64)
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    _scans()
    _what_follows()


def downgrade() -> None:
    for table in (
        "fixity_run",
        "chain_entry",
        "archive_object",
        "attachment",
        "review",
        "scan_event",
        "scan_document",
        "scan_zone",
        "scan_page",
        "scan_part",
        "scan_file",
        "scan_upload",
    ):
        op.drop_table(table)


def _scans() -> None:
    op.create_table(
        "scan_upload",
        sa.Column("id", ID, nullable=False),
        sa.Column("fingerprint", SHA256, nullable=False),
        sa.Column("operator", sa.Text(), nullable=False),
        sa.Column("device", sa.Text()),
        sa.Column("files", sa.Integer(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("state", WORD, nullable=False),
        sa.Column("error_code", sa.Text()),
        sa.Column("error_detail", sa.Text()),
        sa.Column("error_detail_de", sa.Text()),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("finished_at", MOMENT),
        sa.PrimaryKeyConstraint("id", name="pk_scan_upload"),
        sa.UniqueConstraint("fingerprint", name="uq_scan_upload_fingerprint"),
    )
    op.create_index("ix_scan_upload_state", "scan_upload", ["state"])
    op.create_table(
        "scan_file",
        sa.Column("id", ID, nullable=False),
        sa.Column("upload_id", ID, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("sha256", SHA256, nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("blob_key", sa.Text(), nullable=False),
        sa.Column("state", WORD, nullable=False),
        sa.Column("media_type", sa.Text()),
        sa.Column("pages", sa.Integer()),
        sa.Column("error_code", sa.Text()),
        sa.Column("error_detail", sa.Text()),
        sa.Column("error_detail_de", sa.Text()),
        sa.PrimaryKeyConstraint("id", name="pk_scan_file"),
        sa.ForeignKeyConstraint(["upload_id"], ["scan_upload.id"], name="fk_scan_file_upload_id"),
        sa.UniqueConstraint("upload_id", "position", name="uq_scan_file_upload_id_position"),
    )
    op.create_index("ix_scan_file_sha256", "scan_file", ["sha256"])
    op.create_table(
        "scan_part",
        sa.Column("id", ID, nullable=False),
        sa.Column("upload_id", ID, nullable=False),
        sa.Column("file_id", ID, nullable=False),
        sa.Column("first", sa.Integer(), nullable=False),
        sa.Column("pages", sa.Integer(), nullable=False),
        sa.Column("state", WORD, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_scan_part"),
        sa.ForeignKeyConstraint(["upload_id"], ["scan_upload.id"], name="fk_scan_part_upload_id"),
        sa.ForeignKeyConstraint(["file_id"], ["scan_file.id"], name="fk_scan_part_file_id"),
        sa.UniqueConstraint("file_id", "first", name="uq_scan_part_file_id_first"),
    )
    op.create_index("ix_scan_part_upload_id", "scan_part", ["upload_id"])
    op.create_table(
        "scan_page",
        sa.Column("id", ID, nullable=False),
        sa.Column("upload_id", ID, nullable=False),
        sa.Column("file_id", ID, nullable=False),
        sa.Column("part_id", ID, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("reading", sa.JSON()),
        sa.Column("pixel_sha256", SHA256),
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
        sa.PrimaryKeyConstraint("id", name="pk_scan_page"),
        sa.ForeignKeyConstraint(["upload_id"], ["scan_upload.id"], name="fk_scan_page_upload_id"),
        sa.ForeignKeyConstraint(["file_id"], ["scan_file.id"], name="fk_scan_page_file_id"),
        sa.ForeignKeyConstraint(["part_id"], ["scan_part.id"], name="fk_scan_page_part_id"),
        sa.ForeignKeyConstraint(["document_id"], ["document.id"], name="fk_scan_page_document_id"),
        sa.UniqueConstraint("file_id", "position", name="uq_scan_page_file_id_position"),
    )
    op.create_index("ix_scan_page_upload_id", "scan_page", ["upload_id"])
    op.create_index("ix_scan_page_document_id", "scan_page", ["document_id"])
    op.create_table(
        "scan_zone",
        sa.Column("page_id", ID, nullable=False),
        sa.Column("zone_id", WORD, nullable=False),
        sa.Column("verdict", WORD, nullable=False),
        sa.Column("score", sa.Float(), nullable=False),
        sa.Column("reason", WORD, nullable=False),
        sa.Column("crop_key", sa.Text()),
        sa.PrimaryKeyConstraint("page_id", "zone_id", name="pk_scan_zone"),
        sa.ForeignKeyConstraint(["page_id"], ["scan_page.id"], name="fk_scan_zone_page_id"),
    )
    op.create_table(
        "scan_document",
        sa.Column("document_id", ID, nullable=False),
        sa.Column("case_id", ID, nullable=False),
        sa.Column("state", WORD, nullable=False),
        sa.Column("pages", sa.Integer(), nullable=False),
        sa.Column("present", sa.JSON(), nullable=False),
        sa.Column("missing", sa.JSON(), nullable=False),
        sa.Column("duplicates", sa.JSON(), nullable=False),
        sa.Column("scans", sa.JSON(), nullable=False),
        sa.Column("zones", sa.JSON(), nullable=False),
        sa.Column("reasons", sa.JSON(), nullable=False),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("document_id", name="pk_scan_document"),
        sa.ForeignKeyConstraint(["document_id"], ["document.id"], name="fk_scan_document_document_id"),
        sa.ForeignKeyConstraint(["case_id"], ["case_record.id"], name="fk_scan_document_case_id"),
    )
    op.create_index("ix_scan_document_case_id", "scan_document", ["case_id"])
    op.create_index("ix_scan_document_state_updated_at", "scan_document", ["state", "updated_at"])
    op.create_table(
        "scan_event",
        sa.Column("seq", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("upload_id", ID, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("seq", name="pk_scan_event"),
        sa.ForeignKeyConstraint(["upload_id"], ["scan_upload.id"], name="fk_scan_event_upload_id"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_scan_event_upload_id_seq", "scan_event", ["upload_id", "seq"])


def _what_follows() -> None:
    op.create_table(
        "review",
        sa.Column("id", ID, nullable=False),
        sa.Column("kind", WORD, nullable=False),
        sa.Column("subject", SUBJECT, nullable=False),
        sa.Column("open_subject", SUBJECT),
        sa.Column("reason", WORD, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("upload_id", ID),
        sa.Column("file_id", ID),
        sa.Column("part_id", ID),
        sa.Column("page_id", ID),
        sa.Column("document_id", ID),
        sa.Column("page", sa.Integer()),
        sa.Column("zone_id", WORD),
        sa.Column("state", WORD, nullable=False),
        sa.Column("decision", sa.JSON()),
        sa.Column("closed_by", sa.Text()),
        sa.Column("closed_at", MOMENT),
        sa.PrimaryKeyConstraint("id", name="pk_review"),
        sa.ForeignKeyConstraint(["upload_id"], ["scan_upload.id"], name="fk_review_upload_id"),
        sa.ForeignKeyConstraint(["file_id"], ["scan_file.id"], name="fk_review_file_id"),
        sa.ForeignKeyConstraint(["part_id"], ["scan_part.id"], name="fk_review_part_id"),
        sa.ForeignKeyConstraint(["page_id"], ["scan_page.id"], name="fk_review_page_id"),
        sa.ForeignKeyConstraint(["document_id"], ["document.id"], name="fk_review_document_id"),
        sa.UniqueConstraint("open_subject", name="uq_review_open_subject"),
    )
    op.create_index("ix_review_subject", "review", ["subject"])
    op.create_index("ix_review_document_id", "review", ["document_id"])
    op.create_index("ix_review_state_created_at_id", "review", ["state", "created_at", "id"])
    op.create_table(
        "attachment",
        sa.Column("id", ID, nullable=False),
        sa.Column("case_id", ID, nullable=False),
        sa.Column("document_id", ID, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("upload_id", ID, nullable=False),
        sa.Column("scans", sa.JSON(), nullable=False),
        sa.Column("zones", sa.JSON(), nullable=False),
        sa.Column("policy", WORD, nullable=False),
        sa.Column("accepted_by", sa.Text()),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("superseded_at", MOMENT),
        sa.PrimaryKeyConstraint("id", name="pk_attachment"),
        sa.ForeignKeyConstraint(["case_id"], ["case_record.id"], name="fk_attachment_case_id"),
        sa.ForeignKeyConstraint(["document_id"], ["document.id"], name="fk_attachment_document_id"),
        sa.ForeignKeyConstraint(["upload_id"], ["scan_upload.id"], name="fk_attachment_upload_id"),
        sa.UniqueConstraint("document_id", "version", name="uq_attachment_document_id_version"),
    )
    op.create_index("ix_attachment_case_id", "attachment", ["case_id"])
    op.create_table(
        "archive_object",
        sa.Column("id", ID, nullable=False),
        sa.Column("attachment_id", ID, nullable=False),
        sa.Column("document_id", ID, nullable=False),
        sa.Column("case_id", ID, nullable=False),
        sa.Column("package_key", sa.Text(), nullable=False),
        sa.Column("package_sha256", SHA256, nullable=False),
        sa.Column("package_size", sa.BigInteger(), nullable=False),
        sa.Column("manifest_sha256", SHA256, nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("checked_at", MOMENT),
        sa.Column("check_result", WORD),
        sa.PrimaryKeyConstraint("id", name="pk_archive_object"),
        sa.ForeignKeyConstraint(["attachment_id"], ["attachment.id"], name="fk_archive_object_attachment_id"),
        sa.ForeignKeyConstraint(["document_id"], ["document.id"], name="fk_archive_object_document_id"),
        sa.ForeignKeyConstraint(["case_id"], ["case_record.id"], name="fk_archive_object_case_id"),
        sa.UniqueConstraint("attachment_id", name="uq_archive_object_attachment_id"),
        sa.UniqueConstraint("seq", name="uq_archive_object_seq"),
    )
    op.create_index("ix_archive_object_document_id", "archive_object", ["document_id"])
    op.create_index("ix_archive_object_case_id", "archive_object", ["case_id"])
    op.create_index("ix_archive_object_checked_at", "archive_object", ["checked_at"])
    op.create_table(
        "chain_entry",
        sa.Column("seq", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("archive_id", ID, nullable=False),
        sa.Column("manifest_sha256", SHA256, nullable=False),
        sa.Column("previous_sha256", SHA256, nullable=False),
        sa.Column("entry_sha256", SHA256, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("seq", name="pk_chain_entry"),
        sa.UniqueConstraint("archive_id", name="uq_chain_entry_archive_id"),
    )
    op.create_table(
        "fixity_run",
        sa.Column("id", ID, nullable=False),
        sa.Column("started_at", MOMENT, nullable=False),
        sa.Column("finished_at", MOMENT, nullable=False),
        sa.Column("checked", sa.Integer(), nullable=False),
        sa.Column("altered", sa.Integer(), nullable=False),
        sa.Column("missing", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_fixity_run"),
    )
    op.create_index("ix_fixity_run_started_at", "fixity_run", ["started_at"])
