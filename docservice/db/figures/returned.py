"""What the return statistics are counted from: one statement."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, time, timedelta

from sqlalchemy import exists, select

from docservice.db.base import Repository
from docservice.db.bundles import document_table, same_document
from docservice.db.returns import scan_document_table
from docservice.domain.figures.periods import Period
from docservice.domain.figures.returns import PrintedDocument
from docservice.domain.sources import OFFICE_ZONE, office_day
from docservice.domain.states import DocumentState


class ReturnedFigures(Repository):
    """Counts over the documents and what came back of them."""

    def printed(self, period: Period) -> Iterator[PrintedDocument]:
        """The documents that became ready in the period, as they stand now."""
        table, returned, later = document_table, scan_document_table, document_table.alias("later")
        superseded = exists().where(
            same_document(later, table),
            later.c.revision > table.c.revision,
            later.c.state == DocumentState.READY,
        )
        begin = datetime.combine(period.begin, time(), OFFICE_ZONE)
        end = datetime.combine(period.until + timedelta(days=1), time(), OFFICE_ZONE)
        query = (
            select(table.c.kind, table.c.finished_at, returned.c.state, superseded.label("superseded"))
            .outerjoin(returned, returned.c.document_id == table.c.id)
            .where(table.c.state == DocumentState.READY, table.c.finished_at >= begin, table.c.finished_at < end)
        )
        for row in self._connection.execute(query, execution_options={"yield_per": 2000}):
            yield PrintedDocument(row.kind, office_day(row.finished_at), row.state, bool(row.superseded))
