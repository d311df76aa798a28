"""Printed documents that say something else than the case does after a change: told before it is made, and after it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial

from docservice.bundles.orders import second_language
from docservice.bundles.papers import Papers
from docservice.bundles.printed.fields import content_of, told_fields
from docservice.bundles.wanted import made_again
from docservice.cases.record.composing import CaseState
from docservice.cases.snapshots import load
from docservice.db.bundles import BundleRecord, DocumentRecord
from docservice.db.unit_of_work import Database
from docservice.domain.actors import Actor
from docservice.domain.cases import Case
from docservice.domain.confidentiality import printable
from docservice.domain.documents import Document
from docservice.domain.errors import InvalidInput
from docservice.domain.kinds import Kind
from docservice.domain.record.periods import NameReason
from docservice.domain.record.reissue import Reason, named_otherwise
from docservice.domain.returned.scans import ReturnState
from docservice.domain.sources import office_day


@dataclass(frozen=True, slots=True)
class TouchedDocument:
    """A printed document that the case contradicts after a change.

    `returned` says how far it has come back, null when nothing has. `fields` are those of the case that it says and
    that have changed. `reissue` is how that is mended (`POST /documents/{id}/reissue`): a typing error by the document
    in its next revision, a changed legal name by a supplement; both where nobody has said which of them it is.
    """

    document_id: str
    kind: Kind
    number: int
    revision: int
    returned: ReturnState | None
    fields: tuple[str, ...]
    reissue: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class PrintedDocuments:
    """The newest revisions of the documents of cases, beside what would be printed today."""

    database: Database
    papers: Papers

    def touched(
        self, actor: Actor, case_id: str, before: CaseState, after: CaseState, why: NameReason | None = None
    ) -> tuple[TouchedDocument, ...]:
        """The printed documents that the change contradicts, in stapling order; those that said something else before
        it, too, are left out. `why` is the reason of a changed legal name, None when nobody gave it.

        The content of each is made of the case before, of the case after and as it was printed, and compared. What
        is internal is in none of them and touches nothing.
        """
        if before.file == after.file and before.papers == after.papers:
            return ()
        with self.database.reading() as tx:
            documents = tx.documents.newest_printed(case_id)
            bundles = {each.bundle_id: tx.bundles.get(each.bundle_id) for each in documents}
            returned = {each.document_id: each.state for each in tx.scan_documents.known(each.id for each in documents)}
        found = []
        for document in documents:
            bundle = bundles[document.bundle_id]
            assert bundle is not None
            printed = load(bundle.snapshot_version, document.snapshot(bundle))
            cases = tuple(_again(document, printed, state) for state in (before, after))
            if cases[0] is not None and cases[1] is not None:
                fields = self._fields(document, bundle, printed, cases[0], cases[1])
                if fields:
                    ways = tuple(_ways(printed, cases[1], why))
                    found.append(_told(document, returned.get(document.id), fields, ways))
        return tuple(found)

    def _fields(
        self, document: DocumentRecord, bundle: BundleRecord, printed: Case, before: Case, after: Case
    ) -> tuple[str, ...]:
        if printable(before, document.kind) == printable(after, document.kind):
            return ()  # what is internal is in no content: most changes end here
        content: Callable[[Case], Document] = partial(
            self.papers.tree,
            self.papers.templates.version(document.template),
            language=second_language(bundle.languages),
            generated_on=office_day(bundle.created_at),
            revision=document.revision,
        )
        said = content_of(after, content)
        if said is None or said in (content_of(before, content), content_of(printed, content)):
            return ()
        return told_fields(before, after, said, content)


def _again(document: DocumentRecord, printed: Case, state: CaseState) -> Case | None:
    """The case file that the document would be made of again; None when the case has nothing of it any more, or not
    all to whom it refers."""
    try:
        return made_again(document.kind, document.number, printed, state.file, state.papers).case
    except (InvalidInput, KeyError):
        return None


def _ways(printed: Case, now: Case, why: NameReason | None) -> Iterator[Reason]:
    named = named_otherwise(now, printed)
    if named and why is not NameReason.TYPING_ERROR:
        yield Reason.NAME_CHANGE
    if not named or why in (None, NameReason.TYPING_ERROR):
        yield Reason.TYPING_ERROR


def _told(
    document: DocumentRecord, returned: ReturnState | None, fields: Sequence[str], ways: Sequence[Reason]
) -> TouchedDocument:
    return TouchedDocument(
        document_id=document.id,
        kind=document.kind,
        number=document.number,
        revision=document.revision,
        returned=returned,
        fields=tuple(fields),
        reissue=tuple(ways),
    )
