"""The directory of partners: list, look, add, change. Measures of a help plan may name one."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

from docservice.cases.intake import parse_record, record_to_json, refuse_oversize
from docservice.cases.partners.views import FORM, KindView, PartnerView, kind_views
from docservice.cases.patch import merge_patch
from docservice.db.events import EventName
from docservice.db.idempotency import Idempotency, known_subject, subject_of_key
from docservice.db.record.partners import PartnerRecord
from docservice.db.unit_of_work import Database
from docservice.domain.actors import Actor
from docservice.domain.cursors import ListPart, next_cursor, position_of
from docservice.domain.errors import Conflict, Fault, InvalidInput, NotFound
from docservice.domain.record.partners import Partner, PartnerKind
from docservice.domain.sources import Clock, IdSource


@dataclass(frozen=True, slots=True)
class PartnerService:
    """Keeps the directory; it begins with the kinds and no partner."""

    database: Database
    clock: Clock
    ids: IdSource

    def kinds(self, actor: Actor) -> tuple[KindView, ...]:
        """The kinds of partners, by the names they had and have."""
        return kind_views()

    def partners(
        self,
        actor: Actor,
        limit: int,
        cursor: str | None = None,
        *,
        kind: PartnerKind | None = None,
        on: date | None = None,
    ) -> ListPart[PartnerView]:
        """Partners in the order in which they were added; those of a kind, those valid on a day. InvalidInput for a
        cursor that was not given out here."""
        after = position_of(cursor)
        with self.database.reading() as tx:
            found = tx.partners.some(limit + 1, after, kind=kind, on=on)
        return ListPart(tuple(map(PartnerView.of, found[:limit])), next_cursor(found, limit))

    def get(self, actor: Actor, partner_id: str) -> PartnerView:
        """One partner; NotFound."""
        return PartnerView.of(self._known(partner_id))

    def add(self, actor: Actor, payload: object, idempotency: Idempotency | None = None) -> PartnerView:
        """Another partner; InvalidInput with every fault. The same idempotency key and body again give the first one;
        Conflict when the key was used for another body."""
        if idempotency is not None:
            with self.database.reading() as tx:
                earlier = known_subject(tx, idempotency)
            if earlier is not None:
                return self.get(actor, earlier)
        partner, now = _checked(payload), self.clock.now()
        record = PartnerRecord(
            id=self.ids.new(),
            kind=partner.kind,
            valid_from=partner.valid_from,
            valid_to=partner.valid_to,
            form=FORM,
            data=record_to_json(partner),
            created_at=now,
            updated_at=now,
        )
        with self.database.transaction() as tx:
            if (first := subject_of_key(tx, idempotency, record.id, now)) != record.id:
                return PartnerView.of(_found(tx.partners.get(first)))
            tx.partners.add(record)
            tx.events.add(actor, EventName.PARTNER_ADDED, record.id, now, {"kind": record.kind.value})
        return PartnerView.of(record)

    def change(self, actor: Actor, partner_id: str, patch: object, expected_revision: int) -> PartnerView:
        """Change a partner by a JSON merge patch (RFC 7396). NotFound; Conflict "stale_revision"; InvalidInput with
        every fault it would have. What has named it keeps the words of its day."""
        refuse_oversize(patch)
        present = self._known(partner_id)
        if present.revision != expected_revision:
            raise _stale()
        partner, now = _checked(merge_patch(PartnerView.of(present).partner, patch)), self.clock.now()
        changed = replace(
            present,
            kind=partner.kind,
            valid_from=partner.valid_from,
            valid_to=partner.valid_to,
            form=FORM,
            data=record_to_json(partner),
            updated_at=now,
            revision=present.revision + 1,
        )
        with self.database.transaction() as tx:
            if not tx.partners.replace(changed, expected_revision=expected_revision):
                raise _stale()
            tx.events.add(actor, EventName.PARTNER_CHANGED, partner_id, now, {"revision": changed.revision})
        return PartnerView.of(changed)

    def _known(self, partner_id: str) -> PartnerRecord:
        with self.database.reading() as tx:
            return _found(tx.partners.get(partner_id))


def _checked(payload: object) -> Partner:
    partner = parse_record(Partner, payload)
    if partner.valid_from and partner.valid_to and partner.valid_to < partner.valid_from:
        raise InvalidInput([Fault.told("valid_to", "record.ends_before_it_begins", example="2027-12-31")])
    return partner


def _found(record: PartnerRecord | None) -> PartnerRecord:
    if record is None:
        raise NotFound.told("cases.not_found.partner")
    return record


def _stale() -> Conflict:
    return Conflict.told("cases.stale_revision.partner")
