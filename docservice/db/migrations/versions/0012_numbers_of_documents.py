"""Documents say which of their kind they are in the case: the second annex is no revision of the first one.

The number of those that are there stands in the case as it was ordered, in both versions of its stored form.
"""

from __future__ import annotations

import json

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

_NUMBERS = {"annex": ("annex", "number"), "help_plan": ("help_plan", "version")}
_INDEX, _BEFORE = "ix_document_case_id_kind_number_revision", "ix_document_case_id_kind_revision"


def upgrade() -> None:
    op.add_column("document", sa.Column("number", sa.Integer(), nullable=False, server_default="1"))
    documents = sa.table("document", sa.column("id"), sa.column("bundle_id"), sa.column("kind"), sa.column("number"))
    bundles = sa.table("bundle", sa.column("id"), sa.column("snapshot", sa.JSON()))
    change = (
        sa.update(documents)
        .where(documents.c.bundle_id == sa.bindparam("bundle"), documents.c.kind == sa.bindparam("of_kind"))
        .values(number=sa.bindparam("is"))
    )
    connection = op.get_bind()
    for rows in connection.execute(sa.select(bundles.c.id, bundles.c.snapshot)).partitions(500):
        numbered = [
            {"bundle": row.id, "of_kind": kind, "is": number}
            for row in rows
            for kind, number in _numbers(row.snapshot)
            if number != 1
        ]
        if numbered:
            connection.execute(change, numbered)
    op.drop_index(_BEFORE, "document")
    op.create_index(_INDEX, "document", ["case_id", "kind", "number", "revision"])


def downgrade() -> None:
    op.drop_index(_INDEX, "document")
    op.create_index(_BEFORE, "document", ["case_id", "kind", "revision"])
    op.drop_column("document", "number")


def _numbers(snapshot: object) -> list[tuple[str, int]]:
    case = json.loads(snapshot) if isinstance(snapshot, str) else snapshot
    found = []
    for kind, (part, name) in _NUMBERS.items():
        said = case.get(part) if isinstance(case, dict) else None
        number = said.get(name) if isinstance(said, dict) else None
        if isinstance(number, int):
            found.append((kind, number))
    return found
