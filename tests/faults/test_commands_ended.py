"""A command that is ended from outside leaves nothing stuck: the next one goes on at once, doctor tells the rest."""

from __future__ import annotations

import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest

from docservice.demo.paper import SheetOf, pdf_of, scanned
from docservice.settings import PROJECT
from tests.support.command_line import docservice
from tests.support.programs import kill_group
from tests.support.wait import wait_until

CASE = str(PROJECT / "fixtures" / "cases" / "01-miller.json")


@pytest.fixture(scope="module")
def printed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a data folder and the print set of a bundle, which stands for its scan."""
    folder = tmp_path_factory.mktemp("printed")
    made = docservice(folder, "bundle", CASE, "--lang", "ru", "--out", str(folder), seconds=120)
    assert made.returncode == 0, made.stderr
    return folder


def rows(folder: Path, query: str) -> int:
    """The number a query of the command's database gives; 0 while there are no tables."""
    path = folder / "data" / "docservice.sqlite"
    try:
        connection = sqlite3.connect(path, timeout=5)
        try:
            return int(connection.execute(query).fetchone()[0])
        finally:
            connection.close()
    except sqlite3.OperationalError:
        return 0


def started(*arguments: str, stderr: Path = Path(os.devnull), **environment: str) -> subprocess.Popen[bytes]:
    """The command in a group of its own. It can be hung up even where the tests run under nohup, which it respects."""
    with stderr.open("wb") as told:
        return subprocess.Popen(
            [sys.executable, "-m", "docservice", *arguments],
            env=os.environ | environment,
            stdout=subprocess.DEVNULL,
            stderr=told,
            start_new_session=True,
            preexec_fn=partial(signal.signal, signal.SIGHUP, signal.SIG_DFL),
        )


def ended_when(folder: Path, reached: Callable[[], bool], number: int, *arguments: str) -> int:
    """Start the command, send the signal once `reached`, and give its exit status; none of its children is left."""
    process = started(*arguments, DOCSERVICE_DATA_DIR=str(folder / "data"))
    try:
        wait_until(lambda: reached() or process.poll() is not None, 90, "the step being reached", pause=0.005)
        assert process.poll() is None, "the command was over before the step was seen"
        children = list(_children(process.pid))
        process.send_signal(number)
        status = process.wait(30)
        wait_until(lambda: not any(map(_runs, children)), 10, "the children being gone")
        return status
    finally:
        kill_group(process)


def _children(pid: int) -> Iterator[int]:
    for task in Path(f"/proc/{pid}/task").iterdir():
        yield from map(int, (task / "children").read_text().split())


def _runs(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def killed_at_each(folder: Path, work: str, subject: str, *steps: str) -> None:
    """The command's work is killed at each step and then, by another process, done to its end."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.support.ended_work", work, subject, *steps],
        env=os.environ | {"DOCSERVICE_DATA_DIR": str(folder / "data")},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == [-signal.SIGKILL, 0] * len(steps)


def signed(folder: Path, kind: str) -> Path:
    """A scan of this document of the bundle in which everyone has signed."""
    made = json.loads((folder / "bundle.json").read_text())["documents"]
    document = next(each for each in made if each["kind"] == kind)
    sheets = [SheetOf(document, page) for page in range(1, document["pages"] + 1)]
    scan = folder / f"{kind}-signed.pdf"
    scan.write_bytes(pdf_of(scanned(sheets, {document["document_id"]: (folder / f"{kind}.pdf").read_bytes()}, 5)))
    return scan


@pytest.mark.extra
@pytest.mark.timeout(600)
def test_what_is_killed_at_any_step_is_done_by_whoever_comes_next(printed: Path, tmp_path: Path) -> None:
    """From the order of a bundle to the package in the archive: each thing once, and no job given up."""
    shutil.copytree(printed / "data", tmp_path / "data")
    count = partial(rows, tmp_path)
    steps = _around("bundles.render", "keep bundles/*.docx", "keep bundles/*.pdf", "keep bundles/*.print.pdf")
    killed_at_each(tmp_path, "bundle", CASE, *steps)
    assert count("SELECT count(*) FROM bundle WHERE state = 'ready'") == count("SELECT count(*) FROM bundle")
    assert count("SELECT count(*) FROM bundle") == 1 + len(steps)
    assert count("SELECT count(*) FROM document WHERE state = 'ready'") == 3 * (1 + len(steps))

    kept = "keep scans/originals/*", "keep scans/pages/*"
    steps = (*kept, *_around("scans.open"), *_around("scans.read"), *_around("scans.settle"))
    killed_at_each(tmp_path, "scan", str(signed(printed, "annex")), *steps)
    assert count("SELECT count(*) FROM scan_upload WHERE state = 'done'") == len(steps)
    assert count("SELECT count(*) FROM scan_part WHERE state = 'read'") == len(steps)
    assert count("SELECT count(*) FROM scan_upload") == count("SELECT count(*) FROM scan_file") == len(steps)
    pages = count("SELECT count(*) FROM scan_page WHERE verdict = 'matched'")
    assert count("SELECT count(*) FROM scan_page") == pages * len(steps)

    for kind in ("agreement", "help_plan"):
        assert docservice(tmp_path, "scan", str(signed(printed, kind)), seconds=120).returncode == 0
    questions = json.loads(docservice(tmp_path, "reviews", "--json").stdout)["reviews"]
    steps = _around("archive.package", "keep archive/*.zip")
    assert len(questions) == len(steps)
    killed_at_each(tmp_path, "decide", ",".join(each["review_id"] for each in questions), *steps)
    for table in ("attachment", "archive_object", "chain_entry"):
        assert count(f"SELECT count(*) FROM {table}") == len(steps)
    assert len(list((tmp_path / "data" / "vault" / "archive").rglob("*.zip"))) == len(steps)
    assert count("SELECT count(*) FROM job WHERE state IN ('running', 'dead')") == 0


def _around(task: str, *within: str) -> tuple[str, ...]:
    return f"before {task}", *within, f"after {task}"


@pytest.mark.timeout(120)
def test_a_scan_that_is_asked_to_end_gives_its_jobs_back(printed: Path, tmp_path: Path) -> None:
    shutil.copytree(printed / "data", tmp_path / "data")
    count = partial(rows, tmp_path)
    running = "SELECT count(*) FROM job WHERE state = 'running'"
    at_hand = f"{running} AND task = 'scans.read'"
    arguments = "scan", str(printed / "bundle.pdf")
    assert ended_when(tmp_path, lambda: count(at_hand) > 0, signal.SIGHUP, *arguments) == 128 + signal.SIGHUP
    assert (count(running), count("SELECT count(*) FROM scan_upload")) == (0, 1)


@pytest.mark.timeout(120)
def test_a_bundle_that_is_asked_to_end_leaves_no_half_files_and_doctor_tells_of_the_job(
    printed: Path, tmp_path: Path
) -> None:
    shutil.copytree(printed / "data", tmp_path / "data")
    running = partial(rows, tmp_path, "SELECT count(*) FROM job WHERE state = 'running'")
    out = tmp_path / "out"
    arguments = ("bundle", CASE, "--lang", "pl", "--out", str(out))
    assert ended_when(tmp_path, lambda: running() > 0, signal.SIGTERM, *arguments) == 128 + signal.SIGTERM
    assert (running(), list(out.iterdir())) == (0, [])
    with sqlite3.connect(tmp_path / "data" / "docservice.sqlite") as connection:  # it may have been done that moment
        connection.execute(
            "UPDATE job SET state = 'queued', run_after = '2026-01-02 03:04:05.000000' "
            "WHERE id = (SELECT id FROM job ORDER BY created_at DESC LIMIT 1)"
        )
    checks = json.loads(docservice(tmp_path, "doctor", "--json").stdout)["checks"]
    (told,) = [check for check in checks if check["check"] == "jobs"]
    assert not told["ok"]
    assert "1 wait and nobody works on them since 2026-01-02 04:04" in told["detail"]


@pytest.mark.timeout(120)
@pytest.mark.parametrize(("step", "number"), [("start API", signal.SIGHUP), ("order its bundle", signal.SIGKILL)])
def test_a_demo_that_is_ended_takes_its_programs_with_it_and_its_data_if_it_can(
    tmp_path: Path, step: str, number: int
) -> None:
    data, told = tmp_path / "temporary", tmp_path / "told"
    data.mkdir()
    process = started("demo", "--keep", str(tmp_path / "kept"), stderr=told, TMPDIR=str(data))
    try:
        wait_until(lambda: step in told.read_text() and list(data.glob("*/data/logs/api.log")), 90, "the step")
        time.sleep(0.2)  # at the first step the programs are between their start and their being ready
        children = list(_children(process.pid))
        assert children
        process.send_signal(number)
        assert process.wait(60) == (-number if number == signal.SIGKILL else 128 + number)
        wait_until(lambda: not any(map(_runs, children)), 10, "the programs being gone")
        if number != signal.SIGKILL:
            assert list(data.glob("docservice-demo-*/data")) == []
    finally:
        kill_group(process)
