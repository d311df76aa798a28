"""Which documents an order comes to: those it names, or the usual ones, each with the papers of the record it is of."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from docservice.bundles.orders import BundleOrder, WantedDocument
from docservice.cases.intake import case_to_json
from docservice.cases.record.composing import Choice, composed, newest, with_plan_before
from docservice.db.columns.types import JsonObject
from docservice.db.record.entries import EntryRecord
from docservice.domain.cases import Case
from docservice.domain.errors import Fault, InvalidInput
from docservice.domain.kinds import KINDS, Kind


@dataclass(frozen=True, slots=True)
class OrderedDocument:
    """One document to be made: of which kind, which of them, and of which case file."""

    kind: Kind
    number: int
    case: Case

    def own(self, file: Case, snapshot: Mapping[str, object]) -> JsonObject | None:
        """The parts in which its case file differs from that of its bundle, kept as `snapshot`; None when it does
        not."""
        if self.case == file:
            return None
        return {name: part for name, part in case_to_json(self.case).items() if part != snapshot.get(name)} or None


def ordered_documents(
    order: BundleOrder, file: Case, papers: Sequence[EntryRecord], usual: Callable[[Case], Sequence[Kind]]
) -> Sequence[OrderedDocument]:
    """The documents of an order, in stapling order; `papers` are the newest editions of the record.

    An order that names none gets the usual kinds of the case file. InvalidInput names everything the case does not
    have.
    """
    if order.documents is None:
        return [OrderedDocument(kind, _newest_number(kind, file, papers), file) for kind in usual(file)]
    if faults := list(_not_by_itself(order.documents)):
        raise InvalidInput(faults)
    documents, faults = list[OrderedDocument](), list[Fault]()
    for position, wanted in enumerate(order.documents):
        try:
            documents.append(_of_record(wanted, file, papers, f"documents[{position}].number"))
        except InvalidInput as refused:
            faults.extend(refused.faults)
    if faults:
        raise InvalidInput(faults)
    if faults := list(_twice(documents)):
        raise InvalidInput(faults)
    return sorted(documents, key=lambda document: (list(Kind).index(document.kind), document.number))


def made_again(kind: Kind, number: int, printed: Case, file: Case, papers: Sequence[EntryRecord]) -> OrderedDocument:
    """A document that was `printed`, of the case as it stands now: a supplement is about the same agreement and names.
    InvalidInput when the case has no such document any more."""
    if KINDS[kind].supplements:
        return OrderedDocument(kind, number, replace(file, agreement=printed.agreement, supplement=printed.supplement))
    return _of_record(WantedDocument(kind, number), file, papers, "document")


def _of_record(wanted: WantedDocument, file: Case, papers: Sequence[EntryRecord], path: str) -> OrderedDocument:
    """The document; InvalidInput, at that path, when the case has no such one."""
    kind, number, case = KINDS[wanted.kind], _newest_number(wanted.kind, file, papers), file
    if wanted.number not in (None, number):
        if kind.paper is None:  # there is one of it in a case
            raise InvalidInput([Fault.told(path, "bundles.no_such_document", example="1")])
        try:
            number, case = wanted.number, composed(file, papers, Choice(**{kind.paper.value: wanted.number}))
        except KeyError:
            raise InvalidInput([Fault.told(path, "bundles.no_such_document", example="1")]) from None
    return OrderedDocument(wanted.kind, number, _beside_the_one_before(case, papers, path) if kind.compares else case)


def _beside_the_one_before(case: Case, papers: Sequence[EntryRecord], path: str) -> Case:
    both = with_plan_before(case, papers)
    if both is None:
        raise InvalidInput([Fault.told(path, "bundles.nothing_before", example="2")])
    return both


def _newest_number(kind: Kind, file: Case, papers: Sequence[EntryRecord]) -> int:
    """The number of the paper that the case file shows."""
    paper = newest([each for each in papers if each.subject is KINDS[kind].paper])
    return KINDS[kind].number(file) if paper is None else paper.number


def _not_by_itself(documents: Sequence[WantedDocument]) -> Iterator[Fault]:
    for position, wanted in enumerate(documents):
        if KINDS[wanted.kind].supplements:
            yield Fault.told(f"documents[{position}].kind", "bundles.made_by_reissue")


def _twice(documents: Sequence[OrderedDocument]) -> Iterator[Fault]:
    """One without a number may be the same as one with it."""
    named = [(document.kind, document.number) for document in documents]
    for position, each in enumerate(named):
        if each in named[:position]:
            yield Fault.told(f"documents[{position}]", "bundles.named_twice")


def day_of(case: Case, today: date) -> date:
    """The day that chooses the wording: that of the agreement, or today where it is left blank."""
    return case.agreement.date or today
