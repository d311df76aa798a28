"""The case file that documents are made of: the file of a case with the papers that were chosen from its record.

It is the only way from the record to a document, and it takes nothing but papers: assessments, contacts, breaches,
periods and what else is internal are no part of a case file.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from docservice.cases.record.forms import read_entry
from docservice.db.record.entries import EntryRecord
from docservice.domain.cases import AgreementTerms, Annex, Case, HelpPlan
from docservice.domain.record.subjects import GONE, Subject

View = TypeVar("View")


@dataclass(frozen=True, slots=True)
class Choice:
    """Which papers of a record, by their numbers; None: the newest (of an annex, of the chosen agreement)."""

    agreement: int | None = None
    annex: int | None = None
    help_plan: int | None = None


@dataclass(frozen=True, slots=True)
class CaseState:
    """A case at one moment: what its file says, and the newest editions of its papers."""

    file: Case
    papers: Sequence[EntryRecord]


@dataclass(frozen=True, slots=True)
class Changed(Generic[View]):
    """What was changed, as it is from then on, and the case before and after."""

    view: View
    before: CaseState
    after: CaseState


def composed(file: Case, papers: Sequence[EntryRecord], choice: Choice) -> Case:
    """The file with the chosen papers in the place of its own. KeyError, with the subject, when a number is unknown.

    `papers` are the newest editions of the case. An annex brings its agreement with it, unless that is chosen too; an
    agreement without an annex has an empty one of the next number.
    """
    annex = _chosen(papers, Subject.ANNEX, choice.annex) if choice.annex is not None else None
    number = choice.agreement or (annex.agreement_number if annex is not None else None)
    agreement = _chosen(papers, Subject.AGREEMENT, number)
    if annex is None and agreement is not None:
        annex = newest(
            [each for each in papers if each.subject is Subject.ANNEX and each.agreement_number == agreement.number]
        )
    plan = _chosen(papers, Subject.HELP_PLAN, choice.help_plan)
    terms, steps, goals = (None if each is None else read_entry(each) for each in (agreement, annex, plan))
    return dataclasses.replace(
        file,
        agreement=terms if isinstance(terms, AgreementTerms) else file.agreement,
        annex=steps if isinstance(steps, Annex) else Annex(number=following_number(papers, Subject.ANNEX)),
        help_plan=goals if isinstance(goals, HelpPlan) else file.help_plan,
    )


def paper_before(record: EntryRecord, papers: Sequence[EntryRecord]) -> EntryRecord | None:
    """The annex of the same agreement, or the version of the plan, that a paper follows: the last one before it that
    was neither refused nor a misprint."""
    earlier = [
        each
        for each in papers
        if each.subject is record.subject
        and each.number < record.number
        and each.agreement_number == record.agreement_number
        and each.state not in GONE
    ]
    return max(earlier, key=lambda each: each.number, default=None)


def with_plan_before(case: Case, papers: Sequence[EntryRecord]) -> Case | None:
    """The case file with the version of the plan that its own one follows; None when it follows none."""
    plans = [each for each in papers if each.subject is Subject.HELP_PLAN]
    own = next((each for each in plans if each.number == case.help_plan.version), None)
    before = None if own is None else paper_before(own, plans)
    plan = None if before is None else read_entry(before)
    return dataclasses.replace(case, plan_before=plan) if isinstance(plan, HelpPlan) else None


def following_number(entries: Sequence[EntryRecord], subject: Subject) -> int:
    """The number of the next entry of a subject."""
    return max((each.number for each in entries if each.subject is subject), default=0) + 1


def _chosen(papers: Sequence[EntryRecord], subject: Subject, number: int | None) -> EntryRecord | None:
    of_subject = [each for each in papers if each.subject is subject]
    if number is None:
        return newest(of_subject)
    found = next((each for each in of_subject if each.number == number), None)
    if found is None:
        raise KeyError(subject)
    return found


def newest(papers: Sequence[EntryRecord]) -> EntryRecord | None:
    """The one with the highest number that was neither refused nor a misprint; of none but such ones, the last."""
    standing = [each for each in papers if each.state not in GONE] or list(papers)
    return max(standing, key=lambda each: each.number, default=None)
