"""Archived objects handed out: whole, in ranges, with their hash."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from docservice.archive.verify import State, verify_package
from docservice.archive.views import Erasure
from tests.support.actors import SOMEBODY
from tests.support.archive_office import ArchiveOffice
from tests.support.live_api import LiveApi, live_api
from tests.support.problem_documents import check_problem


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("archive")


@pytest.fixture(scope="module")
def archive_id(folder: Path) -> str:
    """A document that came back and was archived; then Kim accepted a better scan of it."""
    office = ArchiveOffice(folder)
    try:
        attachment_id = office.returned(dpi=80)
        office.archive.package(SOMEBODY, attachment_id)
        with office.database.transaction() as tx:
            first = tx.attachments.get(attachment_id)
            assert first is not None
            tx.attachments.add(replace(first, id=office.ids.new(), version=2, accepted_by="Kim"))
            tx.attachments.supersede(attachment_id, office.clock.now())
    finally:
        office.close()
    return attachment_id


@pytest.fixture(scope="module")
def api(folder: Path, archive_id: str) -> Iterator[LiveApi]:
    with live_api(folder) as live:
        yield live


def test_a_package_is_handed_out_and_proves_itself(api: LiveApi, archive_id: str, tmp_path: Path) -> None:
    told = api.client.get(f"/api/v1/archive/{archive_id}").json
    assert (told["archive_id"], told["entry"]["seq"]) == (archive_id, 1)
    attachments = api.client.get(f"/api/v1/cases/{told['case_id']}/attachments").json["attachments"]
    older, newer = sorted(attachments, key=lambda attachment: attachment["version"])
    assert (older["archive"], newer["archive"]) == (f"/api/v1/archive/{archive_id}", None)
    assert told["superseded_at"] == older["superseded_at"] is not None
    counts = {"attachment_id": newer["attachment_id"], "revision": 1, "accepted_by": "Kim"}
    assert told["superseded_by"] == older["superseded_by"] == counts
    whole = api.client.get(told["package"])
    digest = hashlib.sha256(whole.body)
    assert (digest.hexdigest(), len(whole.body)) == (told["sha256"], told["bytes"])
    assert whole.headers["digest"] == f"sha-256={base64.b64encode(digest.digest()).decode()}"
    assert whole.headers["content-type"] == "application/zip"
    assert whole.headers["content-disposition"] == f'attachment; filename="archive-{archive_id}.zip"'
    path = tmp_path / "package.zip"
    path.write_bytes(whole.body)
    assert verify_package(path).state is State.INTACT

    part = api.client.request("GET", told["package"], headers={"Range": "bytes=100-199"})
    assert (part.status, part.body) == (206, whole.body[100:200])
    assert api.client.request("GET", told["package"], headers={"If-None-Match": whole.headers["etag"]}).status == 304
    assert api.stranger.request("GET", told["package"]).status == 401


def test_what_is_not_archived_is_not_found(api: LiveApi) -> None:
    for path in (f"archive/{'0' * 20}", f"archive/{'0' * 20}/package"):
        check_problem(api.client.request("GET", f"/api/v1/{path}"), 404, "archive_unknown")
    check_problem(api.client.request("GET", f"/api/v1/cases/{'0' * 20}/attachments"), 404, "not_found")


def test_an_erased_package_is_gone_and_told_so(api: LiveApi, folder: Path) -> None:
    office = ArchiveOffice(folder)
    try:
        erased = office.archive.package(SOMEBODY, office.returned(dpi=72)).archive_id
        office.archive.erase(SOMEBODY, erased, Erasure.ORDERED)
    finally:
        office.close()
    for address in (f"/api/v1/archive/{erased}", f"/api/v1/archive/{erased}/package"):
        answer = api.client.request("GET", address)
        check_problem(answer, 410, "archive_erased")
