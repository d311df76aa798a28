"""What has happened, to everything and by everybody, in one table: streams, progress and audit read it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import JSON, Column, Index, Integer, Table, Text, insert, select

from docservice.db.base import Repository, many
from docservice.db.columns.types import EnumText, Id, JsonObject, UtcDateTime, metadata
from docservice.domain.actors import Actor


class SubjectKind(StrEnum):
    """What an event is about. The steps of a document are told of its bundle, those of a file of its upload: a
    follower asks for one subject."""

    CASE = "case"
    ENTRY = "entry"
    PERSON = "person"
    PARTNER = "partner"
    BUNDLE = "bundle"
    UPLOAD = "upload"
    PAGE = "page"
    REVIEW = "review"
    DOCUMENT = "document"
    ATTACHMENT = "attachment"
    ARCHIVE = "archive"
    TOKEN = "token"
    REPORT = "report"


class EventName(StrEnum):
    """One for each change of a state. The text stands in the database and in streams, so it never changes; nor does a
    personal value ever stand in the data that comes with it."""

    subject: SubjectKind

    def __new__(cls, text: str, subject: SubjectKind) -> EventName:
        member = str.__new__(cls, text)
        member._value_ = text
        member.subject = subject
        return member

    CASE_CREATED = "case.created", SubjectKind.CASE
    """A case was handed in. Data: revision."""
    CASE_CHANGED = "case.changed", SubjectKind.CASE
    """A case has got its next revision. Data: revision."""

    ENTRY_ADDED = "entry.added", SubjectKind.ENTRY
    """The record of a case has another entry. Data: subject, number, edition, state."""
    ENTRY_CHANGED = "entry.changed", SubjectKind.ENTRY
    """An entry of which nothing was printed says something else. Data: subject, number, edition, revision."""
    ENTRY_MOVED = "entry.moved", SubjectKind.ENTRY
    """An entry has another state. Data: subject, number, edition, state, before."""
    PERSON_JOINED = "person.joined", SubjectKind.PERSON
    """Somebody belongs to a case. Data: nothing."""
    PERSON_LEFT = "person.left", SubjectKind.PERSON
    """The file of a case no longer names somebody. Data: nothing."""
    PERSON_CHANGED = "person.changed", SubjectKind.PERSON
    """Another name or birth date of somebody is known. Data: fields, by their names."""
    PERIOD_ADDED = "period.added", SubjectKind.PERSON
    """Something holds of somebody for a time. Data: topic, number."""
    PERIOD_CHANGED = "period.changed", SubjectKind.PERSON
    """What holds of somebody for a time has another end, or was corrected. Data: topic, number, revision."""

    PARTNER_ADDED = "partner.added", SubjectKind.PARTNER
    """A partner was added to the directory. Data: kind."""
    PARTNER_CHANGED = "partner.changed", SubjectKind.PARTNER
    """What is said of a partner has changed. Data: revision."""

    BUNDLE_QUEUED = "bundle.queued", SubjectKind.BUNDLE
    """A bundle was ordered; each further time, what had failed of it was ordered again."""
    BUNDLE_RENDERING = "bundle.rendering", SubjectKind.BUNDLE
    """A worker has begun, or begun again, with a bundle."""
    BUNDLE_WAITING = "bundle.waiting", SubjectKind.BUNDLE
    """A disk, a store or the database failed; it is tried again until they recover. Data: code."""
    BUNDLE_READY = "bundle.ready", SubjectKind.BUNDLE
    """All documents of a bundle and its print set can be fetched."""
    BUNDLE_FAILED = "bundle.failed", SubjectKind.BUNDLE
    """No document of a bundle could be made. Data: code, when the job was given up."""
    BUNDLE_PARTLY_FAILED = "bundle.partly_failed", SubjectKind.BUNDLE
    """Some documents of a bundle are ready, some could not be made."""
    DOCUMENT_RENDERING = "document.rendering", SubjectKind.BUNDLE
    """An attempt at a document begins. Data: document_id, kind."""
    DOCUMENT_READY = "document.ready", SubjectKind.BUNDLE
    """A document is made; its bytes never change again. Data: document_id, kind, pages."""
    DOCUMENT_FAILED = "document.failed", SubjectKind.BUNDLE
    """A document was set aside. Data: document_id, kind, code."""

    UPLOAD_RECEIVED = "upload.received", SubjectKind.UPLOAD
    """Files were handed in and are kept. Data: files."""
    UPLOAD_WAITING = "upload.waiting", SubjectKind.UPLOAD
    """A disk, a store or the database failed; it is tried again until they recover. Data: code."""
    UPLOAD_FAILED = "upload.failed", SubjectKind.UPLOAD
    """The documents of an upload could not be judged. Data: code."""
    UPLOAD_DONE = "upload.done", SubjectKind.UPLOAD
    """All that was read of an upload is judged. Data: pages."""
    FILE_OPENED = "file.opened", SubjectKind.UPLOAD
    """It is known how many pages a file has. Data: file (its position), pages."""
    FILE_REJECTED = "file.rejected", SubjectKind.UPLOAD
    """A file cannot be read. Data: file (its position), code."""
    PART_READ = "part.read", SubjectKind.UPLOAD
    """Some pages more are read. Data: pages_read."""
    PART_FAILED = "part.failed", SubjectKind.UPLOAD
    """Some pages could not be read. Data: code."""

    PAGE_PLACED = "page.placed", SubjectKind.PAGE
    """A scanned page was put where a person said it belongs. Data: document_id, page, by."""
    PAGE_TAKEN_BACK = "page.taken_back", SubjectKind.PAGE
    """A scanned page has left the document it was put on. Data: document_id."""

    REVIEW_OPENED = "review.opened", SubjectKind.REVIEW
    """A person is asked. Data: kind, reason."""
    REVIEW_DECIDED = "review.decided", SubjectKind.REVIEW
    """A person has answered. Data: decision."""
    REVIEW_CORRECTED = "review.corrected", SubjectKind.REVIEW
    """A person has put another answer in the place of an earlier one. Data: decision, and what stood before."""
    REVIEW_WITHDRAWN = "review.withdrawn", SubjectKind.REVIEW
    """The question has settled itself."""

    DOCUMENT_RETURNED = "document.returned", SubjectKind.DOCUMENT
    """It has changed how far a document has come back. Data: state, one of `ReturnState`."""
    ATTACHMENT_ADDED = "attachment.added", SubjectKind.ATTACHMENT
    """A signed document is on its case record. Data: document_id, version."""
    ATTACHMENT_SUPERSEDED = "attachment.superseded", SubjectKind.ATTACHMENT
    """Another signed document counts in its place. Data: document_id, version."""

    ARCHIVE_ENTERED = "archive.entered", SubjectKind.ARCHIVE
    """The package of an attachment has its entry in the chain. Data: seq."""
    ARCHIVE_ERASED = "archive.erased", SubjectKind.ARCHIVE
    """A package was made a tombstone: its bytes are erased, its place in the chain stays. Data: reason."""

    TOKEN_CREATED = "token.created", SubjectKind.TOKEN
    """A bearer token was made."""
    TOKEN_REVOKED = "token.revoked", SubjectKind.TOKEN
    """With this token nobody gets in any more."""

    EVALUATION_EXPORTED = "evaluation.exported", SubjectKind.REPORT
    """Figures were handed out for the scientific evaluation. Data: from, to."""


@dataclass(frozen=True, slots=True)
class EventRecord:
    """One thing that has happened; `seq` grows with every event of the installation.

    The actor is None in events of releases that did not keep it, `case_id` where no case is known. `name` is one of
    `EventName`, or of another release.
    """

    seq: int
    at: datetime
    actor_id: str | None
    actor_name: str | None
    subject_kind: SubjectKind
    subject_id: str
    case_id: str | None
    name: str
    data: JsonObject


event_table = Table(
    "event",
    metadata,
    Column("seq", Integer, primary_key=True, autoincrement=True),
    Column("at", UtcDateTime, nullable=False),
    Column("actor_id", Text),
    Column("actor_name", Text),
    Column("subject_kind", EnumText(SubjectKind), nullable=False),
    Column("subject_id", Id, nullable=False),  # no foreign keys: what has happened outlives what it happened to
    Column("case_id", Id),
    Column("name", Text, nullable=False),
    Column("data", JSON, nullable=False),
    Index(None, "subject_kind", "subject_id", "seq"),
    Index(None, "case_id", "seq"),
    sqlite_autoincrement=True,  # a number is never given twice, so a follower misses nothing
)


class Events(Repository):
    """What has happened, in the order in which it was written. Nothing here is ever changed."""

    def add(
        self,
        actor: Actor,
        name: EventName,
        subject_id: str,
        at: datetime,
        data: JsonObject | None = None,
        *,
        case_id: str | None = None,
    ) -> int:
        """The number of the event. It belongs into the transaction of the change that it tells."""
        new = insert(event_table).values(
            at=at,
            actor_id=actor.id,
            actor_name=actor.name,
            subject_kind=name.subject,
            subject_id=subject_id,
            case_id=case_id,
            name=name.value,
            data=data or {},
        )
        return int(self._connection.execute(new.returning(event_table.c.seq)).scalar_one())

    def after(self, kind: SubjectKind, subject_id: str, seq: int = 0, limit: int = 1000) -> tuple[EventRecord, ...]:
        """Events about this subject with a higher number, oldest first."""
        table = event_table
        query = select(table).where(table.c.subject_kind == kind, table.c.subject_id == subject_id, table.c.seq > seq)
        return many(EventRecord, self._connection.execute(query.order_by(table.c.seq).limit(limit)))

    def of_case(self, case_id: str, seq: int = 0, limit: int = 1000) -> tuple[EventRecord, ...]:
        """Events that have to do with this case with a higher number, oldest first."""
        table = event_table
        query = select(table).where(table.c.case_id == case_id, table.c.seq > seq)
        return many(EventRecord, self._connection.execute(query.order_by(table.c.seq).limit(limit)))
