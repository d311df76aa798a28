"""The record of a case over time: its entries, who is party to its agreements, persons and what holds of them.

The cases of earlier releases get theirs after this, some at a time (`first_records`); 0014 says that all have.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

ID = sa.String(64)
WORD = sa.String(40)
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    _persons()
    _entries()


def downgrade() -> None:
    for table in ("agreement_party", "case_entry", "person_period", "case_person", "person"):
        op.drop_table(table)


def _persons() -> None:
    op.create_table(
        "person",
        sa.Column("id", ID, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.Column("family_name", sa.Text()),
        sa.Column("given_names", sa.Text()),
        sa.Column("birth_date", sa.String(10)),
        sa.Column("birth_year", sa.Integer()),
        sa.PrimaryKeyConstraint("id", name="pk_person"),
    )
    op.create_index("ix_person_birth_year", "person", ["birth_year"])
    op.create_table(
        "case_person",
        sa.Column("case_id", ID, nullable=False),
        sa.Column("name", WORD, nullable=False),
        sa.Column("person_id", ID, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("left_on", sa.Date()),
        sa.PrimaryKeyConstraint("case_id", "name", name="pk_case_person"),
        sa.ForeignKeyConstraint(["case_id"], ["case_record.id"], name="fk_case_person_case_id"),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_case_person_person_id"),
    )
    op.create_index("ix_case_person_person_id", "case_person", ["person_id"])
    op.create_table(
        "person_period",
        sa.Column("id", ID, nullable=False),
        sa.Column("person_id", ID, nullable=False),
        sa.Column("case_id", ID, nullable=False),
        sa.Column("topic", WORD, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("code", WORD, nullable=False),
        sa.Column("valid_from", sa.Date()),
        sa.Column("valid_to", sa.Date()),
        sa.Column("filed", sa.Boolean(), nullable=False),
        sa.Column("form", sa.Integer(), nullable=False),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_person_period"),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_person_period_person_id"),
        sa.ForeignKeyConstraint(["case_id"], ["case_record.id"], name="fk_person_period_case_id"),
    )
    op.create_index("ix_person_period_case_id", "person_period", ["case_id"])
    op.create_index(
        "ix_person_period_person_id_topic_number", "person_period", ["person_id", "topic", "number"], unique=True
    )
    op.create_index("ix_person_period_topic_code_valid_from", "person_period", ["topic", "code", "valid_from"])


def _entries() -> None:
    op.create_table(
        "case_entry",
        sa.Column("id", ID, nullable=False),
        sa.Column("case_id", ID, nullable=False),
        sa.Column("subject", WORD, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("edition", sa.Integer(), nullable=False),
        sa.Column("state", WORD, nullable=False),
        sa.Column("form", sa.Integer(), nullable=False),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("agreement_number", sa.Integer()),
        sa.Column("day", sa.Date()),
        sa.Column("until", sa.Date()),
        sa.Column("effective_on", sa.Date()),
        sa.Column("ended_on", sa.Date()),
        sa.Column("reason", WORD),
        sa.PrimaryKeyConstraint("id", name="pk_case_entry"),
        sa.ForeignKeyConstraint(["case_id"], ["case_record.id"], name="fk_case_entry_case_id"),
        sa.UniqueConstraint(
            "case_id", "subject", "number", "edition", name="uq_case_entry_case_id_subject_number_edition"
        ),
    )
    for columns in (["subject", "day"], ["subject", "state", "day"], ["subject", "effective_on"]):
        op.create_index(f"ix_case_entry_{'_'.join(columns)}", "case_entry", columns)
    op.create_table(
        "agreement_party",
        sa.Column("entry_id", ID, nullable=False),
        sa.Column("person_id", ID, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("entry_id", "person_id", name="pk_agreement_party"),
        sa.ForeignKeyConstraint(["entry_id"], ["case_entry.id"], name="fk_agreement_party_entry_id"),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_agreement_party_person_id"),
    )
    op.create_index("ix_agreement_party_person_id", "agreement_party", ["person_id"])
