"""What both databases promise: the same records, the same compare-and-set, the same moments."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import create_engine
from sqlalchemy.exc import DBAPIError, IntegrityError

from docservice.db.accounts import IdempotencyRecord, TokenRecord
from docservice.db.cases import CaseRecord
from docservice.db.events import EventName, SubjectKind
from docservice.db.migrations import schema
from docservice.db.unit_of_work import Database, Transaction
from docservice.domain.errors import DocserviceError, Outage
from docservice.domain.sources import RandomIds
from docservice.domain.states import BundleState, DocumentState
from tests.support.actors import SOMEBODY
from tests.support.documents_to_do import a_bundle, a_case, a_document
from tests.support.services import postgres_server
from tests.support.tiny_worker import FILES

NOON = datetime(2026, 12, 3, 12, 0, 0, 123456, tzinfo=UTC)
new_id: Callable[[], str] = RandomIds().new


def add_bundle(tx: Transaction, documents: int = 0) -> str:
    """A bundle with its case and documents "<id>-1" and on; its id."""
    case, bundle_id = a_case(new_id()), new_id()
    tx.cases.add(case)
    tx.bundles.add(a_bundle(bundle_id, case.id))
    tx.documents.add_all(
        a_document(f"{bundle_id}-{number}", bundle_id, case.id, number) for number in range(1, documents + 1)
    )
    return bundle_id


def test_the_migrations_lead_to_exactly_the_tables_of_the_code(database: Database, database_url: str) -> None:
    engine = create_engine(database_url)
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), schema.metadata) == []
    engine.dispose()
    assert database.version() == schema.HEAD


@pytest.mark.needs("postgresql")
def test_a_database_that_refuses_the_user_is_told_apart_from_one_that_is_away() -> None:
    with postgres_server() as url:
        stranger = Database(url.replace("docservice@", "stranger@"))
        with pytest.raises(Outage) as refused:
            stranger.version()
        stranger.close()
    gone = Database(url)
    with pytest.raises(Outage) as away:
        gone.version()
    gone.close()
    assert (refused.value.code, away.value.code) == ("database_refused", "database_unavailable")


def test_many_processes_may_upgrade_at_once(database_url: str) -> None:
    databases = [Database(database_url) for _ in range(4)]
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(Database.upgrade, databases))
    assert {database.version() for database in databases} == {schema.HEAD}


def test_a_case_comes_back_as_it_went_in_and_moves_on_by_revision(database: Database) -> None:
    case = replace(a_case(new_id()), created_at=NOON.astimezone(timezone(timedelta(hours=1))))
    with database.transaction() as tx:
        tx.cases.add(case)
    changed = replace(case, revision=2, data={"persons": []}, updated_at=NOON)
    with database.transaction() as tx:
        assert tx.cases.replace(changed, expected_revision=1)
        assert not tx.cases.replace(changed, expected_revision=1)
    with database.reading() as tx:
        stored = tx.cases.get(case.id)
        assert tx.cases.get("unknown") is None
    assert stored == changed
    assert stored is not None
    assert stored.created_at == NOON
    assert stored.created_at.utcoffset() == timedelta(0)


def test_of_two_changes_of_one_revision_one_wins(database: Database) -> None:
    case = a_case(new_id())
    with database.transaction() as tx:
        tx.cases.add(case)

    def change(number: int) -> bool:
        with database.transaction() as tx:
            return tx.cases.replace(replace(case, revision=2, data={"by": number}), expected_revision=1)

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(change, range(8))) == 1


def test_a_bundle_is_finished_once(database: Database) -> None:
    with database.transaction() as tx:
        bundle_id = add_bundle(tx)
        assert tx.bundles.start(bundle_id)
        assert tx.bundles.start(bundle_id)  # again, after a process died
        assert bundle_id in {bundle.id for bundle in tx.bundles.list_unfinished()}
    with database.transaction() as tx:
        ready = BundleState.READY
        assert tx.bundles.finish(bundle_id, ready, NOON, print_set_key="p", print_set_sha256="1" * 64)
        assert not tx.bundles.finish(bundle_id, BundleState.FAILED, NOON)
        assert not tx.bundles.start(bundle_id)
        assert not tx.bundles.requeue(bundle_id, "job")
        bundle = tx.bundles.get(bundle_id)
        assert bundle is not None
        assert (bundle.state, bundle.finished_at, bundle.print_set_key) == (ready, NOON, "p")
        assert bundle.languages == ("de", "ru")
        assert bundle_id not in {bundle.id for bundle in tx.bundles.list_unfinished()}


def test_a_failed_bundle_may_wait_again(database: Database) -> None:
    with database.transaction() as tx:
        bundle_id = add_bundle(tx)
        assert tx.bundles.finish(bundle_id, BundleState.FAILED, NOON)
        assert tx.bundles.requeue(bundle_id, "second")
        bundle = tx.bundles.get(bundle_id)
        assert bundle is not None
        assert (bundle.state, bundle.job_id, bundle.finished_at) == (BundleState.QUEUED, "second", None)


def test_a_document_is_completed_only_while_it_is_rendered_and_then_never_changes(database: Database) -> None:
    with database.transaction() as tx:
        document_id = f"{add_bundle(tx, documents=1)}-1"
        assert not tx.documents.complete(document_id, FILES, NOON)
        assert tx.documents.start(document_id) == 1
        assert tx.documents.start(document_id) == 2
        assert tx.documents.complete(document_id, FILES, NOON)
        ready = tx.documents.get(document_id)
        assert not tx.documents.complete(document_id, replace(FILES, pages=9), NOON)
        assert not tx.documents.fail(document_id, "x", "x", "x", NOON)
        assert tx.documents.start(document_id) is None
        assert tx.documents.get(document_id) == ready
    assert ready is not None
    assert (ready.state, ready.pages, ready.attempts) == (DocumentState.READY, 1, 2)


def test_failed_documents_wait_again_and_their_ready_neighbours_stay(database: Database) -> None:
    with database.transaction() as tx:
        bundle_id = add_bundle(tx, documents=3)
        tx.documents.start(f"{bundle_id}-1")
        tx.documents.complete(f"{bundle_id}-1", FILES, NOON)
        assert tx.documents.fail(f"{bundle_id}-2", "typeset_failed", "Line 3", "Zeile 3", NOON)
        assert not tx.documents.fail(f"{bundle_id}-2", "other", "x", "x", NOON)
        failed = tx.documents.of_bundle(bundle_id)[1]
        assert (failed.error_code, failed.error_detail_de) == ("typeset_failed", "Zeile 3")
        assert tx.documents.requeue_failed(bundle_id) == 1
        states = [document.state for document in tx.documents.of_bundle(bundle_id)]
    assert states == [DocumentState.READY, DocumentState.QUEUED, DocumentState.QUEUED]


def test_events_are_followed_from_any_number_on(database: Database) -> None:
    with database.transaction() as tx:
        bundle_id, other = add_bundle(tx), add_bundle(tx)
        first = tx.events.add(SOMEBODY, EventName.BUNDLE_QUEUED, bundle_id, NOON, case_id=bundle_id)
        tx.events.add(SOMEBODY, EventName.BUNDLE_QUEUED, other, NOON)
        tx.events.add(SOMEBODY, EventName.CASE_CHANGED, bundle_id, NOON)
        second = tx.events.add(SOMEBODY, EventName.DOCUMENT_READY, bundle_id, NOON, {"pages": 3})
        assert [event.seq for event in tx.events.after(SubjectKind.BUNDLE, bundle_id)] == [first, second]
        (last,) = tx.events.after(SubjectKind.BUNDLE, bundle_id, first)
        assert (last.name, last.data, last.actor_id) == ("document.ready", {"pages": 3}, SOMEBODY.id)
        assert [event.seq for event in tx.events.after(SubjectKind.BUNDLE, bundle_id, limit=1)] == [first]
        assert [event.seq for event in tx.events.of_case(bundle_id)] == [first]


def test_tokens_are_found_by_secret_and_revoked_once(database: Database) -> None:
    token = TokenRecord(new_id(), "desk", new_id(), "office", NOON)
    with database.transaction() as tx:
        tx.tokens.add(token)
        assert tx.tokens.by_secret(token.secret_sha256) == token
        assert tx.tokens.revoke(token.id, NOON)
        assert not tx.tokens.revoke(token.id, NOON)
        assert tx.tokens.by_secret(token.secret_sha256) == replace(token, revoked_at=NOON)
        assert token.id in {each.id for each in tx.tokens.list_all()}


def test_of_many_requests_with_one_key_one_is_first_and_the_others_see_it(database: Database) -> None:
    key = new_id()

    def ask(number: int) -> tuple[bool, IdempotencyRecord | None]:
        with database.transaction() as tx:
            mine = tx.idempotency.add(IdempotencyRecord("POST /x", key, "0" * 64, str(number), NOON))
            return mine, tx.idempotency.get("POST /x", key)

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(ask, range(8)))
    assert sum(mine for mine, _ in answers) == 1
    assert len({record for _, record in answers}) == 1


def test_a_transaction_happens_whole_or_not_at_all(database: Database) -> None:
    case = a_case(new_id())
    with pytest.raises(RuntimeError), database.transaction() as tx:
        _add_and_fail(tx, case)
    with database.reading() as tx:
        assert tx.cases.get(case.id) is None


def test_reading_can_change_nothing_and_sees_one_state(database: Database) -> None:
    case = a_case(new_id())
    with pytest.raises((DocserviceError, DBAPIError)), database.reading() as tx:
        tx.cases.add(case)
    with database.reading() as tx:
        assert tx.cases.get(case.id) is None
        with database.transaction() as writing:
            writing.cases.add(case)
        assert tx.cases.get(case.id) is None
    with database.reading() as tx:
        assert tx.cases.get(case.id) == case


def test_who_finds_all_connections_taken_is_told_to_come_again(database_url: str) -> None:
    database = Database(database_url, pool_size=3, pool_seconds=0.1)
    with ExitStack() as taken:
        for _ in range(3):
            taken.enter_context(database.reading())
        with pytest.raises(DocserviceError) as told, database.reading():
            pass
    assert (told.value.code, told.value.retryable) == ("database_unavailable", True)
    with database.reading() as tx:
        assert tx.cases.get(new_id()) is None
    database.close()


def test_a_document_needs_its_bundle(database: Database) -> None:
    case = a_case(new_id())
    with database.transaction() as tx:
        tx.cases.add(case)
    with pytest.raises(IntegrityError), database.transaction() as tx:
        tx.documents.add_all([a_document(new_id(), "no such bundle", case.id, 1)])


def test_no_error_shows_a_value_of_a_case(database: Database) -> None:
    case = replace(a_case(new_id()), data={"name": "Wilhelmine Canary"})
    with pytest.raises(IntegrityError) as told, database.transaction() as tx:
        _add_twice(tx, case)
    assert "Canary" not in str(told.value)


def test_a_time_without_offset_is_refused(database: Database) -> None:
    naive = NOON.replace(tzinfo=None)
    with pytest.raises(Exception, match="without an offset"), database.transaction() as tx:
        tx.cases.add(replace(a_case(new_id()), created_at=naive))


def _add_and_fail(tx: Transaction, case: CaseRecord) -> None:
    tx.cases.add(case)
    raise RuntimeError


def _add_twice(tx: Transaction, case: CaseRecord) -> None:
    tx.cases.add(case)
    tx.cases.add(case)
