"""Handing in returned scans, and looking at what became of them. What stands on the scans is told, not read."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from docservice.bootstrap import build
from docservice.client import Answer
from tests.support.content import library
from tests.support.live_api import LiveApi, live_api, settings_in, whole_scan
from tests.support.plain_scans import Page, PlainFiles, PlainReader
from tests.support.problem_documents import check_problem
from tests.support.scan_office import ScanOffice, both_pages
from tests.support.wait import wait_until

SCANS = "/api/v1/scans"
BOUNDARY = "x-boundary-x"
MULTIPART = {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("scans")


@pytest.fixture(scope="module")
def api(folder: Path) -> Iterator[LiveApi]:
    settings = replace(settings_in(folder), scan_mebibytes=4, scan_files=3)
    services = build(settings, templates=library(), picture_files=PlainFiles(), page_reader=PlainReader())
    with live_api(folder, services) as live:
        yield live


@pytest.fixture
def document_id(api: LiveApi, folder: Path) -> str:
    """A printed agreement of two pages."""
    office = ScanOffice(folder, api.services.database)
    return office.printed(office.case())


def stack(*pages: Page) -> bytes:
    return json.dumps(pages).encode()


def handed_in(api: LiveApi, files: dict[str, bytes | Path], device: str | None = None) -> dict[str, Any]:
    """What the API says once the upload is read."""
    accepted = api.client.upload(SCANS, files, {"device": device} if device else None)
    api.run_jobs()
    return whole_scan(api.client, accepted.headers["location"])


def body(*parts: tuple[str, bytes]) -> bytes:
    """A multipart body of parts, each a disposition after "form-data; " and its content."""
    heads = ((f"--{BOUNDARY}\r\nContent-Disposition: form-data; {head}\r\n\r\n".encode(), data) for head, data in parts)
    return b"".join(head + data + b"\r\n" for head, data in heads) + f"--{BOUNDARY}--\r\n".encode()


def posted(api: LiveApi, *parts: tuple[str, bytes]) -> Answer:
    return api.client.request("POST", SCANS, body(*parts), MULTIPART)


FILE = ('name="files"; filename="stack.pdf"', b'[{"blank": true}]')


def test_a_scan_is_handed_in_read_and_shown_in_the_promised_form(api: LiveApi, document_id: str) -> None:
    pages: list[Page] = [
        {"document": document_id, "page": 2, "rotation": 180, "signed": ["party-1", "city-1"]},
        {"blank": True},
    ]
    accepted = api.client.upload(SCANS, {"stack.pdf": stack(*pages)}, {"device": "Hall 2"})
    address = accepted.headers["location"]
    assert accepted.status == 202
    assert accepted.json["scan"] == address == f"{SCANS}/{accepted.json['upload_id']}"
    assert [file["file"] for file in accepted.json["files"]] == ["stack.pdf"]
    waiting = api.client.get(address).json
    assert (waiting["state"], waiting["progress"]) == ("reading", {"pages_read": 0, "pages": None})

    api.run_jobs()
    events = [event.name for event in api.client.events(accepted.json["events"])]
    assert (events[0], events[-1]) == ("upload.received", "upload.done")
    told = whole_scan(api.client, address)
    assert (told["state"], told["progress"]) == ("done", {"pages_read": 2, "pages": 2})
    first, second = told["pages"]
    wanted = {"file": "stack.pdf", "index": 0, "verdict": "matched", "document_id": document_id, "page": 2}
    assert first | wanted | {"rotation": 180} == first
    assert {(zone["zone_id"], zone["verdict"], zone["score"]) for zone in first["zones"]} == {
        ("party-1", "signed", 0.98),
        ("city-1", "signed", 0.98),
    }
    assert (second["index"], second["verdict"]) == (1, "blank")
    (document,) = told["documents"]
    found = {"document_id": document_id, "pages": 2, "present": [2], "missing": [1], "duplicates": []}
    assert document | found | {"state": "incomplete"} == document
    assert told["rejected_files"] == []

    picture = api.client.request("GET", first["picture"])
    crop = api.client.request("GET", next(zone["crop"] for zone in first["zones"]))
    for answer in (picture, crop):
        assert (answer.status, answer.headers["cache-control"]) == (200, "private, no-store")
        assert answer.headers["content-type"].startswith("image/")
    for address in (first["picture"], f"{first['picture'].removesuffix('picture')}zones/party-1/crop"):
        assert api.stranger.request("GET", address).status == 401


def test_the_same_bytes_again_are_the_first_upload_also_at_once(api: LiveApi, document_id: str) -> None:
    data = stack(*both_pages(document_id))
    found: list[str] = []

    def hand_in(name: str) -> None:
        found.append(api.client.upload(SCANS, {name: data}).json["upload_id"])

    threads = [threading.Thread(target=hand_in, args=(f"stack-{number}.pdf",)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert len(found) == 6
    assert len(set(found)) == 1
    api.run_jobs()
    again = handed_in(api, {"later.pdf": data})
    assert (again["upload_id"], [page["file"] for page in again["pages"]]) == (
        found[0],
        [again["pages"][0]["file"]] * 2,
    )
    assert again["documents"][0]["duplicates"] == []


def test_a_file_that_cannot_be_read_is_told_and_its_neighbours_are_read(api: LiveApi, document_id: str) -> None:
    locked = json.dumps({"refused": "encrypted"}).encode()
    told = handed_in(api, {"locked.pdf": locked, "good.pdf": stack(*both_pages(document_id))})
    (rejected,) = told["rejected_files"]
    assert (rejected["file"], rejected["code"]) == ("locked.pdf", "encrypted")
    assert rejected["detail"]
    assert rejected["detail_de"]
    assert [page["verdict"] for page in told["pages"]] == ["matched", "matched"]
    assert (told["state"], len(told["reviews"])) == ("done", 2)


def test_names_are_for_people_only(api: LiveApi, folder: Path) -> None:
    """No path, nothing unseen, told apart; and nowhere on the disk."""
    given = ("..\\..\\Wilhelmine\u202e.pdf", "/etc/Wilhelmine.pdf", "Wilhelmine\x07.pdf")
    parts = [(f'name="files"; filename="{name}"', stack({"letter": name})) for name in given]
    accepted = posted(api, *parts)
    assert [file["file"] for file in accepted.json["files"]] == [
        "Wilhelmine.pdf",
        "Wilhelmine (2).pdf",
        "Wilhelmine (3).pdf",
    ]
    api.run_jobs()
    assert not [path for path in folder.rglob("*") if "Wilhelmine" in path.name]
    assert "Wilhelmine" not in api.log.getvalue()


@pytest.mark.parametrize(
    ("content", "headers", "status", "code"),
    [
        (b"{}", {"Content-Type": "application/json"}, 415, "unsupported_media_type"),
        (b"", {"Content-Type": "application/pdf"}, 415, "unsupported_media_type"),
        (b"", {"Content-Type": "multipart/form-data"}, 415, "unsupported_media_type"),
        (b"", MULTIPART, 400, "upload_broken_off"),
        (b"no multipart at all, whatever the header says", MULTIPART, 400, "malformed_multipart"),
        (body(FILE)[:-6], MULTIPART, 400, "upload_broken_off"),
        (body(('filename="stack.pdf"', b"x")), MULTIPART, 400, "malformed_multipart"),
        (b"", {"Content-Type": f"multipart/form-data; boundary={'b' * 300}"}, 400, "malformed_multipart"),
        (body(), MULTIPART, 422, "invalid_input"),
        (body(*[FILE] * 4), MULTIPART, 413, "too_many_files"),
        (body(('name="files"; filename="a"', bytes(5 << 20))), MULTIPART, 413, "body_too_large"),
        (body(*[('name="files"; filename="a"', bytes(3 << 20))] * 2), MULTIPART, 413, "body_too_large"),
    ],
)
def test_each_wrong_upload_has_its_own_answer(
    api: LiveApi, folder: Path, content: bytes, headers: dict[str, str], status: int, code: str
) -> None:
    check_problem(api.client.request("POST", SCANS, content, headers), status, code)
    assert not any((folder / "incoming").glob("*"))


def test_all_faults_of_the_fields_come_at_once_without_their_values(api: LiveApi) -> None:
    answer = posted(
        api,
        ('name="device"', b"x" * 201),
        ('name="device"', b"Canary"),
        ('name="Canary"', b"Canary"),
        ('name="file"', b"no file name"),
        ('name="photo"; filename="Canary.jpg"', b"Canary"),
        ('name="files"; filename=""', b""),
    )
    check_problem(answer, 422, "invalid_input")
    faults = [(fault["path"], fault["code"]) for fault in answer.json["faults"]]
    assert sorted(faults) == [
        ("", "unknown_field"),
        ("device", "repeated"),
        ("device", "too_long"),
        ("files", "missing"),
        ("files", "not_a_file"),
        ("files", "unknown_field"),
    ]
    assert b"Canary" not in answer.body
    assert posted(api, FILE, ('name="device"', b"\xff\xfe")).json["faults"][0]["code"] == "not_utf8"


def test_an_announced_size_is_refused_before_it_is_sent(api: LiveApi) -> None:
    told = raw_answer(api, [f"Content-Length: {1 << 40}", "Expect: 100-continue"])
    assert b" 413 " in told
    assert b"100 Continue" not in told


def test_an_upload_that_breaks_off_leaves_nothing(api: LiveApi, folder: Path) -> None:
    lines = len(api.log_lines)
    with connection(api) as sent:
        sent.sendall(request(api, ["Content-Length: 4000000"]) + body(FILE)[:-30] + bytes(2_000_000))
        wait_until(lambda: open_files(folder / "incoming"), 10, "the file being written")
    wait_until(lambda: not open_files(folder / "incoming"), 10, "the file being let go")
    assert not any((folder / "incoming").glob("*"))
    # The line of the request before may still have been on its way.
    told = [("/scans", 400)]
    wait_until(lambda: [(line["route"], line["status"]) for line in api.log_lines[lines:]][-1:] == told, 10, "its line")


def test_only_who_may_is_listened_to(api: LiveApi) -> None:
    assert api.stranger.request("POST", SCANS, body(FILE), MULTIPART).status == 401


@pytest.mark.parametrize(
    "path",
    [
        f"{SCANS}/{'0' * 20}",
        f"{SCANS}/{'0' * 20}/events",
        f"{SCANS}/x",
        f"/api/v1/scan-pages/{'0' * 20}/picture",
        f"/api/v1/scan-pages/{'0' * 20}/zones/party-1/crop",
        f"/api/v1/scan-pages/{'0' * 20}/zones/..%2f..%2fkeys/crop",
    ],
)
def test_what_is_not_there_is_not_found(api: LiveApi, path: str) -> None:
    assert api.client.request("GET", path).status == 404


def test_only_a_failed_upload_is_tried_again(api: LiveApi, document_id: str) -> None:
    told = handed_in(api, {"stack.pdf": stack(*both_pages(document_id))})
    check_problem(api.client.request("POST", f"{SCANS}/{told['upload_id']}/retry"), 409, "not_failed")


def request(api: LiveApi, headers: Sequence[str]) -> bytes:
    """The head of an upload."""
    lines = [
        f"POST {SCANS} HTTP/1.1",
        "Host: localhost",
        f"Authorization: Bearer {api.token}",
        f"Content-Type: {MULTIPART['Content-Type']}",
        *headers,
    ]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


def connection(api: LiveApi) -> socket.socket:
    parts = urlsplit(api.url)
    return socket.create_connection((str(parts.hostname), int(parts.port or 0)), timeout=10)


def raw_answer(api: LiveApi, headers: Sequence[str]) -> bytes:
    """The first bytes that come back when nothing but the head is sent."""
    with connection(api) as sent:
        sent.sendall(request(api, headers))
        return sent.recv(4096)


def open_files(folder: Path) -> list[str]:
    """The nameless files that this process has open there."""
    links = []
    for entry in Path("/proc/self/fd").iterdir():
        try:
            links.append(str(entry.readlink()))
        except OSError:
            continue
    return [link for link in links if link.startswith(str(folder))]


def test_pages_come_in_the_order_of_the_files_some_at_a_time(api: LiveApi, document_id: str) -> None:
    files: dict[str, bytes | Path] = {
        "first.pdf": stack(*both_pages(document_id), {"blank": True}),
        "second.pdf": stack({"blank": True}, {"letter": "of somebody"}),
    }
    upload_id = handed_in(api, files)["upload_id"]
    address: str | None = f"{SCANS}/{upload_id}/pages?limit=2"
    seen, answers = [], 0
    while address is not None:
        answer = api.client.get(address)
        address, answers = answer.json["next"], answers + 1
        assert answer.headers.get("link") == (address and f'<{address}>; rel="next"')
        seen += [(page["file"], page["index"]) for page in answer.json["pages"]]
    assert answers == 3
    assert seen == [("first.pdf", 0), ("first.pdf", 1), ("first.pdf", 2), ("second.pdf", 0), ("second.pdf", 1)]
    assert "pages" not in api.client.get(f"{SCANS}/{upload_id}").json


def test_a_place_in_the_list_of_pages_that_was_not_given_out_is_refused(api: LiveApi, document_id: str) -> None:
    upload_id = handed_in(api, {"scan.pdf": stack(*both_pages(document_id))})["upload_id"]
    for cursor in ("x", "1-2", "1-2-3-4", "1-2-9999999999"):
        refused = api.client.request("GET", f"{SCANS}/{upload_id}/pages?cursor={cursor}")
        assert (refused.status, [fault["path"] for fault in refused.json["faults"]]) == (422, ["cursor"])
    assert api.client.request("GET", f"{SCANS}/{'0' * 20}/pages").status == 404
