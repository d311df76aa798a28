"""What any room that asks relies on, on both databases: the reviews need not know it, and scans even less."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import pytest

from docservice.db.columns.types import JsonObject
from docservice.db.reviews import ReviewRecord
from docservice.db.unit_of_work import Database, Transaction
from docservice.domain.actors import Actor
from docservice.domain.errors import Conflict, DocserviceError, InvalidInput, NotFound
from docservice.domain.returned.scans import ReviewState
from docservice.domain.sources import RandomIds, SystemClock
from docservice.jobs.service import JobService
from docservice.jobs.tasks import BATCH, TaskName
from docservice.reviews.decisions import Decision, choose
from docservice.reviews.effects import Effect, by_kind
from docservice.reviews.questions import Questions
from docservice.reviews.service import ReviewService
from docservice.reviews.views import ReviewView, review_view
from tests.support.actors import SOMEBODY, person

EXPIRES, REVOKED = "seal_expires", "seal_revoked"
RENEW = TaskName("seals.renew", BATCH)
CHOICES = ("renew", "let_it_end")
CLOCK, IDS = SystemClock(), RandomIds()


@dataclass
class Seals:
    """A room that asks whether a seal is renewed, and writes a job for it."""

    jobs: JobService
    shown: list[int] = field(default_factory=list)  # how many reviews, call by call
    fails: bool = False

    def effects(self) -> tuple[Effect, ...]:
        return (
            Effect(EXPIRES, self.show, self.check, self.apply, self.take_back),
            Effect(REVOKED, self.show, self.check, self.apply),
        )

    def show(self, tx: Transaction, reviews: Sequence[ReviewRecord]) -> list[ReviewView]:
        self.shown.append(len(reviews))
        words = ("The seal ends soon. Shall it be renewed?", "Das Siegel läuft bald ab. Soll es erneuert werden?")
        return [review_view(review, words, CHOICES, file="seal.p7s") for review in reviews]

    def check(self, tx: Transaction, review: ReviewRecord, decision: Decision) -> JsonObject:
        return choose(decision, CHOICES)

    def apply(self, tx: Transaction, actor: Actor, review: ReviewRecord, decision: JsonObject) -> None:
        if decision["choice"] == "renew":
            self.jobs.enqueue(tx, RENEW, review.id)
        if self.fails:
            raise DocserviceError("no_key", "The key is not there.")

    def take_back(self, tx: Transaction, actor: Actor, review: ReviewRecord, decision: JsonObject) -> None:
        if tx.jobs.unfinished([review.id]):
            raise Conflict("renewed", "It is being renewed.")


@pytest.fixture
def seals(database: Database) -> Seals:
    return Seals(JobService(database, CLOCK.now, IDS.new))


@pytest.fixture
def reviews(database: Database, seals: Seals) -> ReviewService:
    return ReviewService(database, CLOCK, by_kind(seals.effects()))


def asked(database: Database, kind: str = EXPIRES) -> str:
    """The id of a new question."""
    subject = f"{kind}:{IDS.new()}"
    with database.transaction() as tx:
        assert Questions(CLOCK, IDS).open(tx, SOMEBODY, kind, subject, "soon")
        assert not Questions(CLOCK, IDS).open(tx, SOMEBODY, kind, subject, "soon")
        (review,) = tx.reviews.of_subject(subject)
    return review.id


def jobs_for(database: Database, review_id: str) -> list[str]:
    with database.reading() as tx:
        return [job.task for job in tx.jobs.unfinished([review_id])]


def test_a_question_of_another_room_is_asked_shown_and_answered(
    database: Database, seals: Seals, reviews: ReviewService
) -> None:
    review_id = asked(database)
    view = reviews.get(SOMEBODY, review_id)
    assert (view.kind, view.reason, view.choices, view.file) == (EXPIRES, "soon", CHOICES, "seal.p7s")
    assert view.detail_de == "Das Siegel läuft bald ab. Soll es erneuert werden?"
    assert review_id in {each.review_id for each in reviews.list(SOMEBODY, 1000).reviews}
    decided = reviews.decide(person("Kim"), review_id, Decision("renew"))
    assert (decided.state, decided.decision, decided.closed_by) == (ReviewState.DECIDED, {"choice": "renew"}, "Kim")
    assert jobs_for(database, review_id) == ["seals.renew"]
    assert reviews.decide(person("Robin"), review_id, Decision("renew")) == decided
    assert jobs_for(database, review_id) == ["seals.renew"]
    assert review_id not in {each.review_id for each in reviews.list(SOMEBODY, 1000).reviews}


def test_what_the_room_does_not_offer_is_refused(database: Database, reviews: ReviewService) -> None:
    review_id = asked(database)
    with pytest.raises(InvalidInput) as refused:
        reviews.decide(person("Kim"), review_id, Decision("accept"))
    assert [fault.code for fault in refused.value.faults] == ["not_a_choice"]
    assert reviews.get(SOMEBODY, review_id).state is ReviewState.OPEN


def test_an_answer_whose_effect_fails_was_never_given(database: Database, seals: Seals, reviews: ReviewService) -> None:
    review_id = asked(database)
    seals.fails = True
    with pytest.raises(DocserviceError, match="The key is not there"):
        reviews.decide(person("Kim"), review_id, Decision("renew"))
    assert reviews.get(SOMEBODY, review_id).state is ReviewState.OPEN
    assert jobs_for(database, review_id) == []


def test_another_answer_is_taken_where_the_effect_can_be_taken_back(
    database: Database, seals: Seals, reviews: ReviewService
) -> None:
    review_id = asked(database)
    reviews.decide(person("Kim"), review_id, Decision("let_it_end"))
    assert reviews.decide(person("Robin"), review_id, Decision("renew")).closed_by == "Robin"
    with pytest.raises(Conflict, match="It is being renewed"):
        reviews.decide(person("Kim"), review_id, Decision("let_it_end"))
    for_good = asked(database, REVOKED)
    reviews.decide(person("Kim"), for_good, Decision("let_it_end"))
    with pytest.raises(Conflict) as refused:
        reviews.decide(person("Robin"), for_good, Decision("renew"))
    assert refused.value.code == "already_decided"


def test_a_question_that_settled_itself_takes_no_answer(database: Database, reviews: ReviewService) -> None:
    review_id = asked(database)
    with database.transaction() as tx:
        review = tx.reviews.get(review_id)
        assert review is not None
        assert Questions(CLOCK, IDS).withdraw(tx, SOMEBODY, review)
        assert not Questions(CLOCK, IDS).withdraw(tx, SOMEBODY, review)
    with pytest.raises(Conflict) as refused:
        reviews.decide(person("Kim"), review_id, Decision("renew"))
    assert refused.value.code == "withdrawn"


def test_questions_of_several_kinds_are_shown_in_order_and_together(
    database: Database, seals: Seals, reviews: ReviewService
) -> None:
    for review in reviews.list(SOMEBODY, 1000).reviews:  # of the tests before
        reviews.decide(person("Kim"), review.review_id, Decision("let_it_end"))
    seals.shown.clear()
    ids = [asked(database, kind) for kind in (EXPIRES, REVOKED, EXPIRES)]
    assert [view.review_id for view in reviews.list(SOMEBODY, 9).reviews] == ids
    assert seals.shown == [3]
    assert [view.review_id for view in reviews.list(SOMEBODY, 9, kind=EXPIRES).reviews] == [ids[0], ids[2]]
    with pytest.raises(InvalidInput) as refused:
        reviews.list(SOMEBODY, 9, kind="unheard_of")
    assert [(fault.path, fault.code) for fault in refused.value.faults] == [("kind", "unknown_kind")]
    assert f"{EXPIRES}, {REVOKED}" in refused.value.faults[0].en
    first = reviews.list(SOMEBODY, 2)
    assert [view.review_id for view in reviews.list(SOMEBODY, 2, first.next_cursor).reviews] == ids[2:]


def test_questions_that_nobody_here_asks_are_left_alone(database: Database, reviews: ReviewService) -> None:
    """As after a later release was put back: its questions wait until it is there again."""
    review_id = asked(database, "of_a_later_release")
    assert review_id not in {view.review_id for view in reviews.list(SOMEBODY, 1000).reviews}
    with pytest.raises(NotFound):
        reviews.get(SOMEBODY, review_id)
    with pytest.raises(NotFound):
        reviews.decide(person("Kim"), review_id, Decision("renew"))


def test_two_rooms_cannot_claim_one_kind(seals: Seals) -> None:
    with pytest.raises(ValueError, match="two effects of one kind"):
        by_kind([*seals.effects(), *seals.effects()])
