"""All that is known about some documents, read by the same number of statements however many they are."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from docservice.db.bundles import DocumentRecord
from docservice.db.columns.types import JsonObject
from docservice.db.returns import AttachmentRecord, ScanDocumentRecord, superseder
from docservice.db.reviews import ReviewRecord
from docservice.db.scan_pages import ScanZoneRecord
from docservice.db.unit_of_work import Transaction
from docservice.domain.returned.return_verdict import zone_subject
from docservice.domain.returned.scans import ReviewKind, ReviewState, Superseder
from docservice.reviews.views import ZoneView


@dataclass(frozen=True, slots=True)
class DocumentRows:
    """By the documents' ids. `reviews` are in the order in which they were opened, closed ones too; `attached` is the
    version that stands; `other_revisions` are what stands for the other accepted revisions, by their number;
    `archive_ids` go by the ids of `attached`."""

    documents: Mapping[str, DocumentRecord]
    returned: Mapping[str, ScanDocumentRecord]
    reviews: Mapping[str, Sequence[ReviewRecord]]
    attached: Mapping[str, AttachmentRecord]
    other_revisions: Mapping[str, Mapping[int, AttachmentRecord]]
    archive_ids: Mapping[str, str]

    def superseder(self, record: AttachmentRecord) -> Superseder | None:
        """What counts instead of a version of one of the documents; None while it counts itself."""
        revision = self.documents[record.document_id].revision
        accepted = {revision: self.attached[record.document_id], **self.other_revisions[record.document_id]}
        return superseder(record, revision, accepted)

    def zone_views(self, document_id: str, zones: Iterable[ScanZoneRecord]) -> tuple[ZoneView, ...]:
        """Zones read on pages of the document, with what was printed there and what a person said."""
        printed = {str(zone["zone_id"]): zone for zone in self.documents[document_id].zones}
        decided = {
            review.subject: str(review.decision["choice"])
            for review in self.reviews.get(document_id, ())
            if review.kind == ReviewKind.ZONE and review.state is ReviewState.DECIDED and review.decision is not None
        }
        return tuple(
            _zone_view(zone, printed.get(zone.zone_id, {}), decided.get(zone_subject(zone.page_id, zone.zone_id)))
            for zone in zones
        )


def document_rows(tx: Transaction, document_ids: Iterable[str]) -> DocumentRows:
    """The rows about those of the documents that exist."""
    documents = {record.id: record for record in tx.documents.known(document_ids)}
    reviews: dict[str, list[ReviewRecord]] = {}
    for review in tx.reviews.of_documents(documents):
        reviews.setdefault(str(review.document_id), []).append(review)
    accepted = tx.attachments.of_revisions(documents)
    own = {document_id: document.revision for document_id, document in documents.items()}
    attached = {
        document_id: found[own[document_id]] for document_id, found in accepted.items() if own[document_id] in found
    }
    return DocumentRows(
        documents=documents,
        returned={record.document_id: record for record in tx.scan_documents.known(documents)},
        reviews=reviews,
        attached=attached,
        other_revisions={
            document_id: {revision: record for revision, record in found.items() if revision != own[document_id]}
            for document_id, found in accepted.items()
        },
        archive_ids=tx.archive.ids_of(record.id for record in attached.values()),
    )


def _zone_view(zone: ScanZoneRecord, printed: JsonObject, decision: str | None) -> ZoneView:
    return ZoneView(
        zone_id=zone.zone_id,
        role=str(printed.get("role", "")),
        expected_signer=str(printed.get("signer", "")),
        required=bool(printed.get("required", False)),
        verdict=zone.verdict,
        score=zone.score,
        reason=zone.reason,
        decision=decision,
        page_id=zone.page_id,
        crop=None if zone.crop_key is None else zone.zone_id,
    )
