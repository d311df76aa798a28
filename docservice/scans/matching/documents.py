"""Judges one document that has come back: ledger and verdict written, questions asked or withdrawn, attached."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import cast

from docservice.cases.record.keeping import Keeper
from docservice.cases.record.printing import note_partly_signed, note_signed
from docservice.db.bundles import DocumentRecord
from docservice.db.columns.types import JsonObject
from docservice.db.events import EventName
from docservice.db.returns import AttachmentRecord, ScanDocumentRecord
from docservice.db.reviews import ReviewRecord
from docservice.db.scan_pages import ScanPageRecord
from docservice.db.unit_of_work import Transaction
from docservice.domain.actors import Actor, Who
from docservice.domain.documents import Role
from docservice.domain.returned.page_ledger import (
    DuplicateKind,
    ExpectedDocument,
    ExpectedZone,
    Ledger,
    SeenPage,
    ZoneDecision,
    ZoneOutcome,
    page_ledger,
)
from docservice.domain.returned.return_verdict import (
    Question,
    ReturnVerdict,
    SignaturePolicy,
    amendment_subject,
    confirmation_subject,
    outdated_subject,
    return_verdict,
    zone_subject,
)
from docservice.domain.returned.scans import ReturnState, ReviewKind, ReviewState, ZoneVerdict
from docservice.reviews.questions import Questions

ABOUT_DOCUMENTS = (
    ReviewKind.CONFIRM_SIGNATURES,
    ReviewKind.ZONE,
    ReviewKind.OUTDATED,
    ReviewKind.HAND_AMENDED,
)
_SETTLES = (ZoneDecision.SIGNED, ZoneDecision.NOT_APPLICABLE)  # after these answers nothing is left to ask of a zone


@dataclass(frozen=True, slots=True)
class Settled:
    """What became of the document; `attachment_id` is the version that was attached by this very settling."""

    state: ReturnState
    attachment_id: str | None


def settle_document(
    tx: Transaction,
    actor: Actor,
    document_id: str,
    policy: SignaturePolicy,
    questions: Questions,
    now: datetime,
    new_id: Callable[[], str],
) -> Settled | None:
    """Judge the document by all its scans, in the caller's transaction and under the lock of the document.

    Repeating it changes nothing. None when no scan counts, or ever counted, as a page of this document.
    """
    document = tx.documents.lock(document_id)
    pages = tx.scan_pages.of_document(document_id)
    known = tx.scan_documents.get(document_id)
    if document is None or not (pages or known):
        return None
    reviews = tx.reviews.of_document(document_id)
    attached = tx.attachments.latest(document_id)
    ledger = current_ledger(tx, document, pages, reviews, attached)
    verdict = return_verdict(ledger, policy, decisions(reviews), None if attached is None else _by_page(attached.scans))
    for page in pages:
        tx.scan_pages.judge(page, *ledger.verdict(page.id))
    _ask_questions(tx, actor, questions, verdict.questions, reviews, document)
    new, keeper = None, Keeper(tx, new_id, actor, document.case_id, now)
    if verdict.state is ReturnState.ACCEPTED and (attached is None or _by_page(attached.scans) != ledger.scans):
        by = _accepted_by(ledger, reviews)
        tx.cases.lock(document.case_id)  # two revisions that are accepted at once have to see each other
        new = _attach(tx, actor, document.case_id, ledger, pages, by, policy, attached, now, new_id)
        _supersede_older(tx, actor, document, new, now)
        note_signed(keeper, document)
    elif _partly_signed(ledger, document):
        tx.cases.lock(document.case_id)
        note_partly_signed(keeper, document)
    tx.scan_documents.put(_ledger_record(ledger, verdict, document.case_id, now))
    if known is None or known.state is not verdict.state:
        data: JsonObject = {"state": verdict.state.value}
        tx.events.add(actor, EventName.DOCUMENT_RETURNED, document_id, now, data, case_id=document.case_id)
    return Settled(verdict.state, None if new is None else new.id)


def current_ledger(
    tx: Transaction,
    document: DocumentRecord,
    pages: Sequence[ScanPageRecord],
    reviews: Sequence[ReviewRecord],
    attached: AttachmentRecord | None,
) -> Ledger:
    """The ledger of the document from what is known now."""
    made = decisions(reviews)
    known = tx.scan_documents.get(document.id)
    stood = {} if known is None else _by_page(known.scans)
    before = stood if attached is None else _by_page(attached.scans)
    return page_ledger(
        _expected_document(document, tx.documents.superseded(document.id)),
        [_seen_page(page, made) for page in pages],
        before=before,
        accepted=attached is not None,
        outdated_accepted=made.get(outdated_subject(document.id)) == "accept",
        refused=_refused_scans(document.id, pages, stood, made) - (set() if attached is None else set(before.values())),
    )


def _partly_signed(ledger: Ledger, document: DocumentRecord) -> bool:
    """Whether some of those who have to sign surely have, and others not, or not yet."""
    signed = {zone.zone.zone_id for zone in ledger.zones if zone.zone.required and _signed(zone)}
    return bool(signed) and signed < {zone["zone_id"] for zone in document.zones if zone["required"]}


def _signed(zone: ZoneOutcome) -> bool:
    return zone.decision is ZoneDecision.SIGNED or (zone.decision is None and zone.verdict is ZoneVerdict.SIGNED)


def decisions(reviews: Sequence[ReviewRecord]) -> Mapping[str, str]:
    """What was decided, by the subject of the review; the later decision counts."""
    return {
        review.subject: str(review.decision["choice"])
        for review in reviews
        if review.state is ReviewState.DECIDED and review.decision is not None
    }


def _accepted_by(ledger: Ledger, reviews: Sequence[ReviewRecord]) -> Who | None:
    """The person whose answer the acceptance of these very scans rests on, the last one of several; None when it rests
    on the policy alone."""
    carrying: dict[str, tuple[str, ...]] = {confirmation_subject(ledger.document_id, ledger.scans): ("accept",)}
    carrying |= {amendment_subject(scan_id): ("accept",) for scan_id in ledger.scans.values()}
    carrying |= {zone_subject(zone.scan_id, zone.zone.zone_id): _SETTLES for zone in ledger.zones}
    answers = [
        review
        for review in reviews
        if review.state is ReviewState.DECIDED
        and review.decision is not None
        and review.decision["choice"] in carrying.get(review.subject, ())
    ]
    last = max(answers, key=lambda review: review.last_change, default=None)
    return None if last is None or last.closed_by is None else Who(last.closed_by_id, last.closed_by)


def _refused_scans(
    document_id: str, pages: Sequence[ScanPageRecord], stood: Mapping[int, str], made: Mapping[str, str]
) -> set[str]:
    """The scans whose signatures a person has rejected: those that stand, and those that gave way to others since."""
    gave_way = {page.id for page in pages if page.reason == DuplicateKind.REFUSED}
    rejected = made.get(confirmation_subject(document_id, stood)) == "reject"
    return gave_way | (set(stood.values()) if rejected else set())


def _expected_document(document: DocumentRecord, superseded: bool) -> ExpectedDocument:
    zones = tuple(
        ExpectedZone(str(zone["zone_id"]), Role(str(zone["role"])), cast("int", zone["page"]), bool(zone["required"]))
        for zone in document.zones
    )
    return ExpectedDocument(document.id, document.pages or 0, zones, superseded)


def _seen_page(page: ScanPageRecord, made: Mapping[str, str]) -> SeenPage:
    assert page.reading is not None
    assert page.page is not None
    about = zone_subject(page.id, "")
    decided = {
        subject.removeprefix(about): ZoneDecision(choice)
        for subject, choice in made.items()
        if subject.startswith(about)
    }
    return SeenPage(page.id, page.page, page.reading, page.pixel_sha256, decided)


def _ask_questions(
    tx: Transaction,
    actor: Actor,
    questions: Questions,
    wanted: Sequence[Question],
    reviews: Sequence[ReviewRecord],
    document: DocumentRecord,
) -> None:
    """Withdraw what need not be asked any more, ask what is not asked yet."""
    asked = {
        review.subject: review
        for review in reviews
        if review.state is ReviewState.OPEN and review.kind in ABOUT_DOCUMENTS
    }
    for subject in asked.keys() - {question.subject for question in wanted}:
        questions.withdraw(tx, actor, asked[subject])
    for question in wanted:
        if question.subject not in asked:
            questions.open(
                tx,
                actor,
                question.kind,
                question.subject,
                question.reason,
                document_id=document.id,
                case_id=document.case_id,
                page_id=question.scan_id,
                page=question.page,
                zone_id=question.zone_id,
            )


def _attach(
    tx: Transaction,
    actor: Actor,
    case_id: str,
    ledger: Ledger,
    pages: Sequence[ScanPageRecord],
    by: Who | None,
    policy: SignaturePolicy,
    before: AttachmentRecord | None,
    now: datetime,
    new_id: Callable[[], str],
) -> AttachmentRecord:
    standing = set(ledger.scans.values())
    completing = [page for page in pages if page.id in standing][-1]
    if before is not None:
        _supersede(tx, actor, before, now)
    record = AttachmentRecord(
        id=new_id(),
        case_id=case_id,
        document_id=ledger.document_id,
        version=1 if before is None else before.version + 1,
        upload_id=completing.upload_id,
        scans=_by_text(ledger.scans),
        zones=tuple(_zone_json(zone) for zone in ledger.zones),
        policy=policy.value,
        accepted_by=None if by is None else by.name,
        accepted_by_id=None if by is None else by.id,
        created_at=now,
    )
    tx.attachments.add(record)
    tx.events.add(actor, EventName.ATTACHMENT_ADDED, record.id, now, _version(record), case_id=case_id)
    return record


def _supersede_older(
    tx: Transaction, actor: Actor, document: DocumentRecord, attached: AttachmentRecord, now: datetime
) -> None:
    """Of the accepted revisions of a document the latest one counts; the others are kept, as superseded."""
    for revision, other in tx.attachments.of_revisions([document.id])[document.id].items():
        if revision != document.revision:
            _supersede(tx, actor, other if revision < document.revision else attached, now)


def _supersede(tx: Transaction, actor: Actor, attachment: AttachmentRecord, now: datetime) -> None:
    """Another attachment counts from now on; one that was superseded before stays as it is."""
    if tx.attachments.supersede(attachment.id, now):
        about = _version(attachment)
        tx.events.add(actor, EventName.ATTACHMENT_SUPERSEDED, attachment.id, now, about, case_id=attachment.case_id)


def _version(attachment: AttachmentRecord) -> JsonObject:
    return {"document_id": attachment.document_id, "version": attachment.version}


def _ledger_record(ledger: Ledger, verdict: ReturnVerdict, case_id: str, now: datetime) -> ScanDocumentRecord:
    return ScanDocumentRecord(
        document_id=ledger.document_id,
        case_id=case_id,
        state=verdict.state,
        pages=ledger.pages,
        present=ledger.present,
        missing=ledger.missing,
        duplicates=ledger.duplicates,
        scans=_by_text(ledger.scans),
        zones=tuple(_zone_json(zone) for zone in ledger.zones),
        reasons=verdict.reasons,
        updated_at=now,
    )


def _zone_json(outcome: ZoneOutcome) -> JsonObject:
    return {
        "zone_id": outcome.zone.zone_id,
        "role": outcome.zone.role.value,
        "page": outcome.zone.page,
        "required": outcome.zone.required,
        "scan": outcome.scan_id,
        "verdict": outcome.verdict.value,
        "score": outcome.score,
        "reason": outcome.reason,
        "decision": None if outcome.decision is None else outcome.decision.value,
    }


def _by_page(stored: Mapping[str, str]) -> Mapping[int, str]:
    return {int(page): scan_id for page, scan_id in stored.items()}


def _by_text(scans: Mapping[int, str]) -> Mapping[str, str]:
    return {str(page): scan_id for page, scan_id in scans.items()}
