"""Case records: hand in, read, change. Every case that is kept has passed the intake as a whole."""

from __future__ import annotations

import dataclasses

from docservice.cases.intake import case_to_json, parse_case, refuse_oversize
from docservice.cases.partners.naming import names_partners, plan_day, with_partners
from docservice.cases.patch import merge_patch
from docservice.cases.record.composing import CaseState, Changed
from docservice.cases.record.filing import file_case
from docservice.cases.record.keeping import Keeper
from docservice.cases.snapshots import CURRENT, load
from docservice.cases.views import CaseView
from docservice.db.cases import CaseRecord
from docservice.db.events import EventName
from docservice.db.idempotency import Idempotency, known_subject, subject_of_key
from docservice.db.unit_of_work import Database
from docservice.domain.actors import Actor
from docservice.domain.cases import Case, HelpPlan
from docservice.domain.errors import Conflict, no_such
from docservice.domain.record.periods import NameReason
from docservice.domain.record.subjects import PAPERS
from docservice.domain.sources import Clock, IdSource, office_day


class CaseService:
    """Keeps case records; each change makes the next revision, and nobody overwrites what they have not seen."""

    def __init__(self, database: Database, clock: Clock, ids: IdSource) -> None:
        self._database = database
        self._clock = clock
        self._ids = ids

    def create(self, actor: Actor, payload: object, idempotency: Idempotency | None = None) -> CaseView:
        """Keep a new case as revision 1; InvalidInput with all its faults.

        The same idempotency key and body again give the first case as it stands, also at the same moment; Conflict
        when the key was used for another body.
        """
        if idempotency is not None:
            with self._database.reading() as tx:
                earlier = known_subject(tx, idempotency)
            if earlier is not None:
                return self.get(actor, earlier)
        case = self._checked(payload)
        now = self._clock.now()
        record = CaseRecord(
            id=self._ids.new(),
            revision=1,
            case_number=case.case_number,
            snapshot_version=CURRENT,
            data=case_to_json(case),
            created_at=now,
            updated_at=now,
        )
        with self._database.transaction() as tx:
            if (first := subject_of_key(tx, idempotency, record.id, now)) != record.id:
                return CaseView.of(_found(tx.cases.get(first)))
            tx.cases.add(record)
            tx.events.add(actor, EventName.CASE_CREATED, record.id, now, {"revision": 1}, case_id=record.id)
            file_case(Keeper(tx, self._ids.new, actor, record.id, now), case)
        return CaseView.of(record)

    def get(self, actor: Actor, case_id: str) -> CaseView:
        """The case as it stands; NotFound."""
        return CaseView.of(self._record(case_id))

    def change(
        self,
        actor: Actor,
        case_id: str,
        patch: object,
        expected_revision: int,
        why: NameReason | None = None,
        *,
        kept: bool = True,
    ) -> Changed[CaseView]:
        """Change a case by a JSON merge patch (RFC 7396) and check it anew as a whole; `why` is the reason of a legal
        name that changes. With `kept` False nothing is changed, and the answer is what it would be.

        NotFound; Conflict "stale_revision" when the case is not at `expected_revision` (any more); InvalidInput with
        all faults of the case as it would be. A case that is refused stays as it was.
        """
        refuse_oversize(patch)
        present = self._record(case_id)
        if present.revision != expected_revision:
            raise Conflict.told("cases.stale_revision.case")
        file = load(present.snapshot_version, present.data)
        case = self._checked(merge_patch(case_to_json(file), patch), file.help_plan)
        changed = dataclasses.replace(
            present,
            revision=present.revision + 1,
            case_number=case.case_number,
            snapshot_version=CURRENT,
            data=case_to_json(case),
            updated_at=self._clock.now(),
        )
        with self._database.transaction(kept=kept) as tx:
            before = tx.entries.of_case(case_id, PAPERS)
            if not tx.cases.replace(changed, expected_revision=expected_revision):
                raise Conflict.told("cases.stale_revision.case")
            about = {"revision": changed.revision}
            tx.events.add(actor, EventName.CASE_CHANGED, case_id, changed.updated_at, about, case_id=case_id)
            file_case(Keeper(tx, self._ids.new, actor, case_id, changed.updated_at), case, why, before=file)
            after = tx.entries.of_case(case_id, PAPERS)
        return Changed(CaseView.of(changed), CaseState(file, before), CaseState(case, after))

    def _record(self, case_id: str) -> CaseRecord:
        with self._database.reading() as tx:
            return _found(tx.cases.get(case_id))

    def _checked(self, payload: object, before: HelpPlan | None = None) -> Case:
        """The case, in which measures call the partners they name as the directory does."""
        today = office_day(self._clock.now())
        case = parse_case(payload, today=today)
        if not names_partners(case.help_plan):
            return case
        day = plan_day(case.help_plan, case.agreement, today)
        with self._database.reading() as tx:
            plan = with_partners(tx, case.help_plan, day, before, "help_plan.")
        return dataclasses.replace(case, help_plan=plan)


def _found(record: CaseRecord | None) -> CaseRecord:
    if record is None:
        raise no_such("case")
    return record
