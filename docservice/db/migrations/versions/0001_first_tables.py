"""The first tables: cases, bundles, documents, their events, jobs, tokens, idempotency keys."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

ID = sa.String(64)
WORD = sa.String(40)
SHA256 = sa.String(64)
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "case_record",
        sa.Column("id", ID, nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("case_number", sa.Text(), nullable=False),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_case_record"),
    )
    op.create_index("ix_case_record_case_number", "case_record", ["case_number"])
    op.create_table(
        "bundle",
        sa.Column("id", ID, nullable=False),
        sa.Column("case_id", ID, nullable=False),
        sa.Column("case_revision", sa.Integer(), nullable=False),
        sa.Column("state", WORD, nullable=False),
        sa.Column("languages", sa.JSON(), nullable=False),
        sa.Column("template_date", sa.Date(), nullable=False),
        sa.Column("options", sa.JSON(), nullable=False),
        sa.Column("snapshot", sa.JSON(), nullable=False),
        sa.Column("snapshot_sha256", SHA256, nullable=False),
        sa.Column("print_set_key", sa.Text()),
        sa.Column("print_set_sha256", SHA256),
        sa.Column("job_id", ID, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("finished_at", MOMENT),
        sa.PrimaryKeyConstraint("id", name="pk_bundle"),
        sa.ForeignKeyConstraint(["case_id"], ["case_record.id"], name="fk_bundle_case_id"),
    )
    op.create_index("ix_bundle_case_id", "bundle", ["case_id"])
    op.create_index("ix_bundle_state", "bundle", ["state"])
    op.create_table(
        "document",
        sa.Column("id", ID, nullable=False),
        sa.Column("bundle_id", ID, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("kind", WORD, nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("template", sa.Text(), nullable=False),
        sa.Column("state", WORD, nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("pages", sa.Integer()),
        sa.Column("docx_key", sa.Text()),
        sa.Column("docx_sha256", SHA256),
        sa.Column("docx_size", sa.Integer()),
        sa.Column("pdf_key", sa.Text()),
        sa.Column("pdf_sha256", SHA256),
        sa.Column("pdf_size", sa.Integer()),
        sa.Column("zones", sa.JSON(), nullable=False),
        sa.Column("translation_checked", sa.Boolean()),
        sa.Column("error_code", sa.Text()),
        sa.Column("error_detail", sa.Text()),
        sa.Column("error_detail_de", sa.Text()),
        sa.Column("finished_at", MOMENT),
        sa.PrimaryKeyConstraint("id", name="pk_document"),
        sa.ForeignKeyConstraint(["bundle_id"], ["bundle.id"], name="fk_document_bundle_id"),
        sa.UniqueConstraint("bundle_id", "position", name="uq_document_bundle_id_position"),
    )
    op.create_table(
        "bundle_event",
        sa.Column("seq", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("bundle_id", ID, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("seq", name="pk_bundle_event"),
        sa.ForeignKeyConstraint(["bundle_id"], ["bundle.id"], name="fk_bundle_event_bundle_id"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_bundle_event_bundle_id_seq", "bundle_event", ["bundle_id", "seq"])
    op.create_table(
        "job",
        sa.Column("id", ID, nullable=False),
        sa.Column("queue", WORD, nullable=False),
        sa.Column("task", sa.Text(), nullable=False),
        sa.Column("subject_id", ID, nullable=False),
        sa.Column("state", WORD, nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("max_attempts", sa.Integer(), nullable=False),
        sa.Column("run_after", MOMENT, nullable=False),
        sa.Column("sent_at", MOMENT),
        sa.Column("lease_owner", sa.Text()),
        sa.Column("lease_until", MOMENT),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("finished_at", MOMENT),
        sa.Column("error_code", sa.Text()),
        sa.Column("error_detail", sa.Text()),
        sa.PrimaryKeyConstraint("id", name="pk_job"),
    )
    op.create_index("ix_job_subject_id", "job", ["subject_id"])
    op.create_index("ix_job_state_sent_at_run_after", "job", ["state", "sent_at", "run_after"])
    op.create_index("ix_job_state_lease_until", "job", ["state", "lease_until"])
    op.create_table(
        "access_token",
        sa.Column("id", ID, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("secret_sha256", SHA256, nullable=False),
        sa.Column("role", WORD, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("revoked_at", MOMENT),
        sa.PrimaryKeyConstraint("id", name="pk_access_token"),
        sa.UniqueConstraint("secret_sha256", name="uq_access_token_secret_sha256"),
    )
    op.create_table(
        "idempotency",
        sa.Column("scope", sa.String(200), nullable=False),
        sa.Column("key", sa.String(200), nullable=False),
        sa.Column("body_sha256", SHA256, nullable=False),
        sa.Column("subject_id", ID, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("scope", "key", name="pk_idempotency"),
    )


def downgrade() -> None:
    for table in ("idempotency", "access_token", "job", "bundle_event", "document", "bundle", "case_record"):
        op.drop_table(table)
