"""Every list is read in parts, by a fixed number of statements, and each thing in it is told once, whatever comes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from docservice.bootstrap import build
from docservice.db.archive import ArchiveRecord
from docservice.db.returns import AttachmentRecord
from docservice.db.unit_of_work import Database, Transaction
from docservice.db.uploads import UploadRecord
from docservice.domain.sources import RandomIds
from docservice.domain.states import BundleState, UploadState
from tests.support.documents_to_do import a_bundle, a_case, a_document
from tests.support.live_api import LiveApi, live_api, settings_in
from tests.support.problem_documents import check_problem
from tests.support.statements import counted

NOON = datetime(2026, 12, 3, 12, 0, tzinfo=UTC)
ROWS, PART, MOST_QUERIES = 250, 40, 10
new_id = RandomIds().new


@dataclass(frozen=True, slots=True)
class Things:
    """What the rows of a list belong to, and how one more is made."""

    case_id: str
    bundle_id: str
    document_id: str
    upload_id: str

    @classmethod
    def new(cls, database: Database) -> Things:
        case, upload = a_case(new_id()), an_upload(NOON)
        bundle = a_bundle(new_id(), case.id)
        document = a_document(new_id(), bundle.id, case.id, 1)
        with database.transaction() as tx:
            tx.cases.add(case)
            tx.bundles.add(bundle)
            tx.documents.add_all([document])
            tx.uploads.add(upload)
        return cls(case.id, bundle.id, document.id, upload.id)

    def case(self, tx: Transaction, number: int) -> str:
        case = replace(a_case(new_id()), case_number=f"{self.case_id[:12]}/{number}", created_at=moment(number))
        tx.cases.add(case)
        return case.id

    def bundle(self, tx: Transaction, number: int) -> str:
        bundle = replace(a_bundle(new_id(), self.case_id), state=BundleState.PARTLY_FAILED, created_at=moment(number))
        tx.bundles.add(bundle)
        tx.documents.add_all([a_document(new_id(), bundle.id, self.case_id, 1)])
        return bundle.id

    def upload(self, tx: Transaction, number: int) -> str:
        upload = an_upload(moment(number))
        tx.uploads.add(upload)
        return upload.id

    def attachment(self, tx: Transaction, number: int) -> str:
        attachment_id = new_id()
        tx.attachments.add(
            AttachmentRecord(
                attachment_id, self.case_id, self.document_id, number + 1, self.upload_id, {}, (), "person", None,
                moment(number),
            )
        )  # fmt: skip
        return attachment_id

    def archived(self, tx: Transaction, number: int) -> str:
        attachment_id = self.attachment(tx, number)
        assert tx.archive.add(
            ArchiveRecord(
                attachment_id, attachment_id, self.document_id, self.case_id, "key", "0" * 64, 1, "0" * 64, number + 1,
                moment(number),
            )
        )  # fmt: skip
        return attachment_id


def an_upload(at: datetime) -> UploadRecord:
    return UploadRecord(new_id(), new_id(), "operator", None, 1, 1, at, state=UploadState.FAILED, error_code="gave_up")


def moment(number: int) -> datetime:
    """Of some of them it is the same."""
    return NOON + timedelta(seconds=number // 3)


LISTS: dict[str, tuple[Callable[[Things, Transaction, int], str], str, str, str]] = {
    "cases": (Things.case, "cases?q={number}", "cases", "case_id"),
    "bundles": (Things.bundle, "bundles?case_id={case}&state=partly_failed", "bundles", "bundle_id"),
    "scans": (Things.upload, "scans?state=failed", "scans", "upload_id"),
    "attachments": (Things.attachment, "cases/{case}/attachments?", "attachments", "attachment_id"),
    "archive": (Things.archived, "archive?case_id={case}", "objects", "archive_id"),
}
OLDEST_FIRST = ("attachments",)


@pytest.fixture(scope="module")
def api(database_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveApi]:
    folder = tmp_path_factory.mktemp("lists")
    services = build(replace(settings_in(folder), database_url=database_url))
    with live_api(folder, services) as api:
        yield api


@pytest.mark.parametrize("name", LISTS)
def test_each_is_told_once_while_others_come(api: LiveApi, database: Database, name: str) -> None:
    add, path, key, id_name = LISTS[name]
    things = Things.new(database)
    with database.transaction() as tx:
        there = {add(things, tx, number) for number in range(ROWS)}
    told: list[dict[str, Any]] = []
    parts = 0
    address: str | None = "/api/v1/" + path.format(case=things.case_id, number=things.case_id[:12].lower())
    address = f"{address}&limit={PART}"
    while address is not None:
        with counted() as statements:
            answer = api.client.get(address)
        assert sum(statement.startswith("SELECT") for statement in statements) <= MOST_QUERIES
        part = answer.json[key]
        assert len(part) <= PART
        told += part
        parts += 1
        address = linked(answer.headers)
        assert answer.json.get("next", address) == address
        with database.transaction() as tx:
            added = [add(things, tx, ROWS + 3 * parts + number) for number in range(3 if parts < 5 else 0)]
        assert not set(added) & {each[id_name] for each in told}
    ids = [each[id_name] for each in told]
    assert len(ids) == len(set(ids))
    assert there <= set(ids)
    moments = [each["created_at"] for each in told]
    assert moments == sorted(moments, reverse=name not in OLDEST_FIRST)


def test_a_short_list_of_attachments_is_whole_and_says_nothing_else(api: LiveApi, database: Database) -> None:
    things = Things.new(database)
    with database.transaction() as tx:
        there = [things.attachment(tx, number) for number in range(0, 600, 3)]
    answer = api.client.get(f"/api/v1/cases/{things.case_id}/attachments")
    assert ([each["attachment_id"] for each in answer.json["attachments"]], list(answer.json)) == (
        there,
        ["attachments"],
    )
    assert "link" not in answer.headers


def test_a_list_is_of_what_was_asked_for(api: LiveApi, database: Database) -> None:
    things, others = Things.new(database), Things.new(database)
    with database.transaction() as tx:
        mine, not_mine = things.bundle(tx, 9000), others.bundle(tx, 9001)
    listed = api.client.get(f"/api/v1/bundles?case_id={things.case_id}&state=partly_failed").json["bundles"]
    assert [each["bundle_id"] for each in listed] == [mine]
    assert listed[0]["progress"] == {"done": 0, "total": 1, "percent": 0}
    assert not_mine in [each["bundle_id"] for each in api.client.get("/api/v1/bundles?limit=200").json["bundles"]]
    assert api.client.get(f"/api/v1/bundles?case_id={new_id()}").json == {"bundles": [], "next": None}
    assert api.client.get("/api/v1/cases?q=No-such-number").json == {"cases": [], "next": None}


@pytest.mark.parametrize("path", ["cases", "bundles", "scans", "archive", "cases/{case}/attachments", "reviews"])
def test_a_made_up_cursor_is_refused_with_a_sentence(api: LiveApi, database: Database, path: str) -> None:
    address = "/api/v1/" + path.format(case=Things.new(database).case_id)
    for cursor in ("x", "MjAyNg", "%00", "a" * 200):
        refused = api.client.request("GET", f"{address}?cursor={cursor}")
        check_problem(refused, 422, "invalid_input")
        (fault,) = refused.json["faults"]
        assert (fault["path"], fault["code"]) == ("cursor", "unknown_cursor")
    for query in ("limit=0", "limit=201", "cursor="):
        check_problem(api.client.request("GET", f"{address}?{query}"), 422, "invalid_input")


@pytest.mark.parametrize(
    "query", ["cases?q=%00", "cases?q=", "bundles?case_id=x", "bundles?state=none", "scans?state=x"]
)
def test_what_nothing_can_be_asked_for_by_is_refused(api: LiveApi, query: str) -> None:
    check_problem(api.client.request("GET", f"/api/v1/{query}"), 422, "invalid_input")


def linked(headers: Any) -> str | None:
    """The address in the Link header."""
    link = headers.get("link")
    if link is None:
        return None
    address, _, relation = str(link).partition(">")
    assert relation == '; rel="next"'
    return address.removeprefix("<")
