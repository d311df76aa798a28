"""What people look at is read by a fixed number of statements, however much there is to see."""

from __future__ import annotations

from pathlib import Path

import pytest

from docservice.db.unit_of_work import Database
from tests.support.actors import SOMEBODY
from tests.support.large_upload import large_upload
from tests.support.scan_office import ScanOffice
from tests.support.statements import counted


@pytest.fixture
def office(database: Database, tmp_path: Path) -> ScanOffice:
    return ScanOffice(tmp_path, database)


@pytest.mark.parametrize("documents", [3, 200])
def test_an_upload_is_seen_by_a_dozen_statements(office: ScanOffice, documents: int) -> None:
    upload_id = large_upload(office.database, documents)
    with counted() as statements:
        view = office.scans.get(SOMEBODY, upload_id)
    assert len(view.documents) == documents
    assert view.progress.pages_read == 2 * documents
    assert len(view.reviews) == documents // 2
    assert len(statements) <= 12


@pytest.mark.parametrize("limit", [2, 60])
def test_the_reviews_of_a_day_are_listed_by_a_dozen_statements(office: ScanOffice, limit: int) -> None:
    large_upload(office.database, 150)
    with counted() as statements:
        page = office.reviews.list(SOMEBODY, limit)
    assert len(page.reviews) == limit
    assert all(len(review.zones) == 3 for review in page.reviews)
    assert len(statements) <= 12
