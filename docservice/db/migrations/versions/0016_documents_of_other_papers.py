"""A document may be of other papers of the record than those of its bundle's snapshot."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("document", sa.Column("own", sa.JSON()))


def downgrade() -> None:
    op.drop_column("document", "own")
