"""Lists by age: of all, of a case, of a state."""

from __future__ import annotations

from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_AGE = ("created_at", "id")
_ADDED = (
    ("case_record", _AGE),
    ("bundle", _AGE),
    ("bundle", ("case_id", *_AGE)),
    ("bundle", ("state", *_AGE)),
    ("scan_upload", _AGE),
    ("scan_upload", ("state", *_AGE)),
    ("attachment", ("case_id", *_AGE)),
    ("archive_object", _AGE),
    ("archive_object", ("case_id", *_AGE)),
)
_REPLACED = (  # each is the beginning of one of those
    ("bundle", "case_id"),
    ("bundle", "state"),
    ("scan_upload", "state"),
    ("attachment", "case_id"),
    ("archive_object", "case_id"),
)


def upgrade() -> None:
    for table, columns in _ADDED:
        op.create_index(f"ix_{table}_{'_'.join(columns)}", table, list(columns))
    for table, column in _REPLACED:
        op.drop_index(f"ix_{table}_{column}", table)


def downgrade() -> None:
    for table, column in _REPLACED:
        op.create_index(f"ix_{table}_{column}", table, [column])
    for table, columns in _ADDED:
        op.drop_index(f"ix_{table}_{'_'.join(columns)}", table)
