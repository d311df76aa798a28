"""Everybody can be found by the words of their names (see `name_keys`)."""

from __future__ import annotations

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Nothing is left to do: that the database stands here is what is said."""


def downgrade() -> None:
    """The keys stay until their table goes."""
