"""The steps of bundles and of uploads become events of one table, which also says who acted and for which case.

They are numbered anew in the order of their time, and none gets a lower number than it had: a follower who goes on from
a number of before hears all that is new to it, and perhaps some that it has heard.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

ID = sa.String(64)

# Each table keeps its own order, whatever its clocks said: its moments are taken as never going back. Of all numbers so
# far, each is one more than the one before, or its old one where that is higher.
_COPY = """
INSERT INTO event (seq, at, subject_kind, subject_id, case_id, name, data)
WITH old AS (
    SELECT 'bundle' AS kind, e.seq, e.bundle_id AS subject_id, b.case_id, e.at, e.name, e.data,
        max(e.at) OVER (ORDER BY e.seq) AS moment
    FROM bundle_event e JOIN bundle b ON b.id = e.bundle_id
    UNION ALL
    SELECT 'upload', e.seq, e.upload_id, NULL, e.at, e.name, e.data, max(e.at) OVER (ORDER BY e.seq)
    FROM scan_event e
),
placed AS (SELECT old.*, row_number() OVER (ORDER BY moment, kind, seq) AS place FROM old)
SELECT place + max(seq - place) OVER (ORDER BY place), at, kind, subject_id, case_id, name, data
FROM placed ORDER BY place
"""


def upgrade() -> None:
    op.create_table(
        "event",
        sa.Column("seq", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor_id", sa.Text()),
        sa.Column("actor_name", sa.Text()),
        sa.Column("subject_kind", sa.String(40), nullable=False),
        sa.Column("subject_id", ID, nullable=False),
        sa.Column("case_id", ID),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("seq", name="pk_event"),
        sqlite_autoincrement=True,
    )
    op.execute(_COPY)
    if op.get_bind().dialect.name == "postgresql":
        op.execute("SELECT setval(pg_get_serial_sequence('event', 'seq'), coalesce(max(seq), 0) + 1, false) FROM event")
    op.create_index("ix_event_subject_kind_subject_id_seq", "event", ["subject_kind", "subject_id", "seq"])
    op.create_index("ix_event_case_id_seq", "event", ["case_id", "seq"])
    op.drop_table("scan_event")
    op.drop_table("bundle_event")


def downgrade() -> None:
    for table, subject, whole in (("bundle_event", "bundle", "bundle"), ("scan_event", "upload", "scan_upload")):
        op.create_table(
            table,
            sa.Column("seq", sa.Integer(), autoincrement=True, nullable=False),
            sa.Column(f"{subject}_id", ID, nullable=False),
            sa.Column("at", sa.DateTime(timezone=True), nullable=False),
            sa.Column("name", sa.Text(), nullable=False),
            sa.Column("data", sa.JSON(), nullable=False),
            sa.PrimaryKeyConstraint("seq", name=f"pk_{table}"),
            sa.ForeignKeyConstraint([f"{subject}_id"], [f"{whole}.id"], name=f"fk_{table}_{subject}_id"),
            sqlite_autoincrement=True,
        )
        op.execute(
            f"INSERT INTO {table} (seq, {subject}_id, at, name, data)"
            f" SELECT seq, subject_id, at, name, data FROM event WHERE subject_kind = '{subject}' ORDER BY seq"
        )
        if op.get_bind().dialect.name == "postgresql":
            op.execute(
                f"SELECT setval(pg_get_serial_sequence('{table}', 'seq'), coalesce(max(seq), 0) + 1, false) FROM event"
            )
        op.create_index(f"ix_{table}_{subject}_id_seq", table, [f"{subject}_id", "seq"])
    op.drop_table("event")
