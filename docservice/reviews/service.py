"""What a person is asked, and what they answer; which rooms ask, and what follows, is handed in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from docservice.db.columns.types import JsonObject
from docservice.db.events import EventName
from docservice.db.reviews import ReviewRecord
from docservice.db.unit_of_work import Database, Transaction
from docservice.domain.actors import Actor
from docservice.domain.cursors import next_cursor, position_of
from docservice.domain.errors import Conflict, Fault, InvalidInput, no_such
from docservice.domain.returned.scans import ReviewState
from docservice.domain.sources import Clock
from docservice.reviews.decisions import Decision
from docservice.reviews.effects import Effect
from docservice.reviews.views import ReviewPage, ReviewView


@dataclass(frozen=True, slots=True)
class ReviewService:
    """List, look, decide. Rooms ask by `Questions`; only reviews of a kind that has an effect are known here."""

    database: Database
    clock: Clock
    effects: Mapping[str, Effect]  # by kind

    def list(self, actor: Actor, limit: int, cursor: str | None = None, kind: str | None = None) -> ReviewPage:
        """Open reviews, oldest first, of all kinds or of one. InvalidInput for a kind that there is not, or a cursor
        that was not given out here."""
        if kind is not None and kind not in self.effects:
            kinds = sorted(self.effects)
            raise InvalidInput(
                [Fault.told("kind", "reviews.unknown_kind", example=next(iter(kinds), None), kinds=", ".join(kinds))]
            )
        kinds = [known for known in self.effects if kind in (None, known)]
        with self.database.reading() as tx:
            found = tx.reviews.list_open(limit + 1, position_of(cursor), kinds=kinds)
            views = self._show(tx, found[:limit])
        return ReviewPage(views, next_cursor(found, limit))

    def get(self, actor: Actor, review_id: str) -> ReviewView:
        """One review, closed or not; NotFound."""
        with self.database.reading() as tx:
            return self._show(tx, [self._known(tx.reviews.get(review_id))])[0]

    def decide(self, actor: Actor, review_id: str, decision: Decision) -> ReviewView:
        """Record what a person says, and let it take effect. The same decision again changes nothing; another one
        corrects it where the effect of its kind allows.

        Raises InvalidInput with every fault of the decision, Conflict when it was decided otherwise or settled itself.
        """
        with self.database.transaction() as tx:
            review = self._lock(tx, review_id)
            effect = self.effects[review.kind]
            wanted = effect.check(tx, review, decision)
            if review.state is ReviewState.WITHDRAWN:
                raise Conflict.told("reviews.withdrawn")
            if review.state is ReviewState.OPEN:
                self._decide(tx, actor, review, wanted)
                effect.apply(tx, actor, review, wanted)
            elif review.decision != wanted:
                effect.correct(tx, actor, review, wanted)
                self._correct(tx, actor, review, wanted)
                effect.apply(tx, actor, review, wanted)
        return self.get(actor, review_id)

    def _decide(self, tx: Transaction, actor: Actor, review: ReviewRecord, decision: JsonObject) -> None:
        now = self.clock.now()
        tx.reviews.decide(review.id, decision, actor, now)
        data: JsonObject = {"decision": decision}
        tx.events.add(actor, EventName.REVIEW_DECIDED, review.id, now, data, case_id=review.case_id)

    def _correct(self, tx: Transaction, actor: Actor, review: ReviewRecord, decision: JsonObject) -> None:
        """Keep the answer that this one takes the place of: what it was, whose, and of when."""
        now = self.clock.now()
        before = {"decision": review.decision, "by": review.closed_by, "at": review.last_change.isoformat()}
        tx.reviews.correct(review.id, decision, actor, now)
        data: JsonObject = {"decision": decision, "before": before}
        tx.events.add(actor, EventName.REVIEW_CORRECTED, review.id, now, data, case_id=review.case_id)

    def _lock(self, tx: Transaction, review_id: str) -> ReviewRecord:
        """Upload or document first, as everywhere: two transactions that wait for each other would never end."""
        review = self._known(tx.reviews.get(review_id))
        if review.upload_id is not None:
            tx.uploads.lock(review.upload_id)
        if review.document_id is not None:
            tx.documents.lock(review.document_id)
        return self._known(tx.reviews.lock(review_id))

    def _known(self, review: ReviewRecord | None) -> ReviewRecord:
        if review is None or review.kind not in self.effects:
            raise no_such("review")
        return review

    def _show(self, tx: Transaction, reviews: Sequence[ReviewRecord]) -> tuple[ReviewView, ...]:
        """The views in the given order, those that are shown in one way by one call."""
        views = {view.review_id: view for view in self._show_together(tx, reviews)}
        return tuple(views[review.id] for review in reviews)

    def _show_together(self, tx: Transaction, reviews: Sequence[ReviewRecord]) -> Iterator[ReviewView]:
        ways = [self.effects[review.kind].show for review in reviews]
        for show in dict.fromkeys(ways):
            yield from show(tx, [review for review, way in zip(reviews, ways, strict=True) if way == show])
