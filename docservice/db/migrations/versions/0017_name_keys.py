"""Search keys: the words by which the persons of a case are found.

Those of persons who are there already come after this, some at a time (`name_keys`); 0018 says that all have theirs.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

ID = sa.String(64)


def upgrade() -> None:
    op.create_table(
        "name_key",
        sa.Column("case_id", ID, nullable=False),
        sa.Column("person_id", ID, nullable=False),
        sa.Column("said", sa.String(40), nullable=False),
        sa.Column("word", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        sa.PrimaryKeyConstraint("case_id", "person_id", "said", "word", name="pk_name_key"),
        sa.ForeignKeyConstraint(["case_id"], ["case_record.id"], name="fk_name_key_case_id"),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_name_key_person_id"),
    )
    op.create_index("ix_name_key_word_person_id", "name_key", ["word", "person_id"])
    op.create_index("ix_name_key_person_id", "name_key", ["person_id"])


def downgrade() -> None:
    op.drop_table("name_key")
