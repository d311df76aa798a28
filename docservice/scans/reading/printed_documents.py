"""The printed documents as the reader needs them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

from docservice.db.bundles import DocumentRecord
from docservice.db.unit_of_work import Database
from docservice.domain.documents import PlacedZone
from docservice.domain.states import DocumentState
from docservice.scans.reading.reference_pages import KnownDocument
from docservice.storage.service import BlobStore


@dataclass(frozen=True, slots=True)
class KnownDocuments:
    """Fetches printed documents by id."""

    database: Database
    blobs: BlobStore

    def __call__(self, document_id: str) -> KnownDocument | None:
        """The document with its PDF and the places of its zones; None when there is no finished one."""
        with self.database.reading() as tx:
            document = tx.documents.get(document_id)
        if document is None or document.state is not DocumentState.READY or document.pdf_key is None:
            return None
        return KnownDocument(document.id, self.blobs.get(document.pdf_key), document.pages or 0, _zones(document))


def _zones(document: DocumentRecord) -> tuple[PlacedZone, ...]:
    return tuple(
        PlacedZone(
            str(zone["zone_id"]),
            cast("int", zone["page"]),
            cast("tuple[float, float, float, float]", tuple(cast("list[float]", zone["rect"]))),
        )
        for zone in document.zones
    )
