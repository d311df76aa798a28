"""The present code goes on with what every earlier release left behind, on both databases."""

from __future__ import annotations

import hashlib
import json
import zipfile
from collections.abc import Iterator
from contextlib import nullcontext
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import create_engine, select, text

from docservice.archive.verify import State, verify_package
from docservice.bootstrap import Services, build
from docservice.db.migrations import schema
from docservice.domain.actors import Actor, ActorKind
from docservice.domain.errors import InvalidInput
from docservice.domain.kinds import Kind
from docservice.domain.states import BundleState
from docservice.settings import Settings
from tests.support.actors import SOMEBODY
from tests.support.release_fixture import accept, hand_in, work
from tests.support.releases import RELEASES, put_back
from tests.support.services import postgres_server
from tests.support.sources import StatedClock

OF_THEIR_DAY = {"2026-11-23": {"represented_adult", "placeholder"}, "2026-11-28": set()}
"""What a release accepted and today's intake does not."""
SECRET = "dst_" + "a" * 43
LATER = datetime(2026, 12, 15, 9, 0, tzinfo=UTC)


@pytest.fixture(params=RELEASES, ids=lambda release: release.stem)
def release(request: pytest.FixtureRequest) -> Path:
    path: Path = request.param
    return path


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.needs("postgresql"))])
def services(request: pytest.FixtureRequest, release: Path, tmp_path: Path) -> Iterator[Services]:
    """The present code on the installation, upgraded."""
    settings = Settings.from_environment({"DOCSERVICE_DATA_DIR": str(tmp_path)})
    with postgres_server() if request.param == "postgresql" else nullcontext(None) as url:
        put_back(release, tmp_path, url)
        settings = replace(settings, database_url=url or settings.database_url)
        give_token(settings.database_url)
        services = build(settings, clock=StatedClock(LATER))
        services.database.upgrade()
        yield services
        services.close()


def give_token(database_url: str) -> None:
    """A token, as the releases made it."""
    engine = create_engine(database_url)
    with engine.begin() as connection:
        columns = "id, name, secret_sha256, role, created_at"
        values = ("token", "desk", hashlib.sha256(SECRET.encode()).hexdigest(), "office", "2026-11-23 08:00:00")
        connection.execute(text(f"INSERT INTO access_token ({columns}) VALUES {values}"))
    engine.dispose()


def ids(services: Services, table: str) -> list[str]:
    engine = create_engine(services.settings.database_url)
    with engine.connect() as connection:
        found = [str(row[0]) for row in connection.execute(select(schema.metadata.tables[table].c.id))]
    engine.dispose()
    return found


def faults_of_a_change(services: Services, case_id: str) -> set[str]:
    """What today's intake says of a case when somebody changes a note in it; the change is made if that is nothing."""
    try:
        services.cases.change(SOMEBODY, case_id, {"notes": "gelesen"}, expected_revision=1)
    except InvalidInput as refused:
        return {fault.code for fault in refused.faults}
    return set()


def test_all_that_was_accepted_is_read_rendered_settled_archived_and_verified(
    services: Services, release: Path, tmp_path: Path
) -> None:
    for case_id in ids(services, "case_record"):
        read = services.cases.get(SOMEBODY, case_id)
        assert read.case["agreement"]["parties"]
        faults = faults_of_a_change(services, case_id)
        assert faults == (OF_THEIR_DAY[release.stem] if len(read.case["persons"]) > 1 else set())

    kept = handed_out(services, release)
    before = ids(services, "archive_object")
    accept(services)  # and does what waited: the bundle that was ordered
    bundles = [services.bundles.get(SOMEBODY, bundle_id) for bundle_id in ids(services, "bundle")]
    assert [bundle.state for bundle in bundles] == [BundleState.READY] * 2
    ordered = next(each for each in bundles if (made := each.documents[0].sha256) and made.docx not in kept)
    hand_in(services, next(document for document in ordered.documents if document.kind is Kind.AGREEMENT))
    accept(services)

    assert services.archive.move_packages() == 1
    register = list(services.archive.chain_entries(SOMEBODY))
    assert len(before) == 1
    assert len(register) == 3
    for archive_id in ids(services, "archive_object"):
        package = tmp_path / f"{archive_id}.zip"
        package.write_bytes(bytes_of(services, services.archive.package_file(SOMEBODY, archive_id).key))
        assert verify_package(package, register).state is State.INTACT
    assert handed_out(services, release) >= kept
    with services.database.reading() as tx:
        for bundle in filter(None, map(tx.bundles.get, ids(services, "bundle"))):
            snapshot = json.dumps(bundle.snapshot, sort_keys=True, ensure_ascii=False)
            assert hashlib.sha256(snapshot.encode()).hexdigest() == bundle.snapshot_sha256
    work(services)


def test_a_token_of_before_opens_until_it_is_revoked(services: Services) -> None:
    assert services.accounts.authenticate(SECRET) == Actor("token", "desk", ActorKind.PROGRAM)
    services.accounts.revoke(SOMEBODY, "desk")
    assert services.accounts.authenticate(SECRET) is None


def bytes_of(services: Services, key: str) -> bytes:
    store = services.archive.packages if key.startswith("archive/") else services.blobs
    return b"".join(store.stream(key))


def handed_out(services: Services, release: Path) -> set[str]:
    """The hashes of what is handed out of finished bundles and the archive; files of the release are its very bytes."""
    files = [services.archive.package_file(SOMEBODY, archive_id) for archive_id in ids(services, "archive_object")]
    for bundle in (services.bundles.get(SOMEBODY, bundle_id) for bundle_id in ids(services, "bundle")):
        if bundle.state is BundleState.READY:
            files.append(services.bundles.print_set(SOMEBODY, bundle.bundle_id))
            files += [
                services.bundles.content(SOMEBODY, each.document_id, form)
                for each in bundle.documents
                for form in ("pdf", "docx")
            ]
    with zipfile.ZipFile(release) as packed:
        for file in files:
            data = bytes_of(services, file.key)
            assert hashlib.sha256(data).hexdigest() == file.sha256
            if f"blobs/{file.key}" in packed.namelist():
                assert packed.read(f"blobs/{file.key}") == data
    return {file.sha256 for file in files}
