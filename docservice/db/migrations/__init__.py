"""The history of the tables (Alembic). A migration that was released is never edited; the next one mends it."""
