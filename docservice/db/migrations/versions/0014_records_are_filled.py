"""Every case of an earlier release has its record (see `first_records`)."""

from __future__ import annotations

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Nothing is left to do: that the database stands here is what is said."""


def downgrade() -> None:
    """The records stay until the tables go."""
