"""A program for a mount namespace of its own: a scan office whose disk is full while files come in and are read."""

from __future__ import annotations

import hashlib
import json
import sys
import time
from collections.abc import Callable
from pathlib import Path

from docservice.domain.errors import DocserviceError
from docservice.domain.returned.return_verdict import SignaturePolicy
from tests.support.actors import SOMEBODY
from tests.support.plain_scans import plain_file
from tests.support.scan_office import ScanOffice, both_pages
from tests.support.small_disk import fill


def story(disk: Path, elsewhere: Path) -> dict[str, object]:
    """What is told while the disk is full, and how the upload has ended once there is room again."""
    office = ScanOffice(disk, policy=SignaturePolicy.AUTOMATIC)
    document_id = office.printed(office.case())
    files = [plain_file(elsewhere, "stack.pdf", [*both_pages(document_id), *({"letter": "x" * 3000},) * 12])]
    told: dict[str, object] = {}
    ballast = disk / "ballast"

    fill(ballast)
    told["receiving"] = _code(lambda: office.scans.receive(SOMEBODY, files, "operator"))
    ballast.unlink()
    upload_id = office.scans.receive(SOMEBODY, files, "operator").upload_id

    fill(ballast)
    told["working"] = _code(office.work)
    ballast.unlink()
    deadline = time.monotonic() + 60
    while not office.scans.get(SOMEBODY, upload_id).final and time.monotonic() < deadline:
        office.jobs.sweep()
        office.work()
        time.sleep(0.1)
    upload = office.scans.whole(SOMEBODY, upload_id)
    office.database.close()
    return {
        **told,
        "state": upload.state,
        "pages": len(upload.pages),
        "documents": [document.state for document in upload.documents],
        "verified": _verified(office, upload_id),
    }


def _code(act: Callable[[], object]) -> str | None:
    try:
        act()
    except DocserviceError as error:
        return error.code
    return None


def _verified(office: ScanOffice, upload_id: str) -> bool:
    with office.database.reading() as tx:
        pages = tx.scan_pages.of_upload(upload_id)
        keys = [file.blob_key for file in tx.scan_files.of_upload(upload_id)]
    keys += [str(page.picture_key) for page in pages]
    return all(
        hashlib.sha256(office.blobs.get(key)).hexdigest() == key.rpartition("/")[2].partition(".")[0] for key in keys
    )


if __name__ == "__main__":
    print(json.dumps(story(Path(sys.argv[1]), Path(sys.argv[2]))))
