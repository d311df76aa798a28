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

from docservice.settings import PROJECT
from tests.support.command_line import docservice
from tests.support.programs import kill_group
from tests.support.wait import wait_until

CASE = str(PROJECT / "fixtures" / "cases" / "01-miller.json")
STANDSTILL_SECONDS = 120  # what a command waited before it gave up, when nobody took its lease back


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


def started(*arguments: str, **environment: str) -> subprocess.Popen[bytes]:
    """The command in a group of its own. It can be hung up even where the tests run under nohup, which it respects."""
    return subprocess.Popen(
        [sys.executable, "-m", "docservice", *arguments],
        env=os.environ | environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
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


@pytest.mark.timeout(240)
def test_a_scan_that_is_ended_at_every_step_goes_on_where_it_stopped(printed: Path, tmp_path: Path) -> None:
    shutil.copytree(printed / "data", tmp_path / "data")
    stack = str(printed / "bundle.pdf")
    at_hand = "SELECT count(*) FROM job WHERE state = 'running' AND task LIKE '%{}%'"
    count = partial(rows, tmp_path)
    for number, reached in (
        (signal.SIGKILL, lambda: count("SELECT count(*) FROM scan_upload") > 0),
        (signal.SIGTERM, lambda: count(at_hand.format("read")) > 0),
        (signal.SIGKILL, lambda: count(at_hand.format("read")) > 0),
        (signal.SIGHUP, lambda: count("SELECT count(*) FROM scan_part WHERE state = 'read'") > 0),
    ):
        status = ended_when(tmp_path, reached, number, "scan", stack)
        assert status == (-number if number == signal.SIGKILL else 128 + number)
        if number != signal.SIGKILL:
            assert count("SELECT count(*) FROM job WHERE state = 'running'") == 0
    told = docservice(tmp_path, "scan", stack, "--json", seconds=STANDSTILL_SECONDS - 1)
    assert told.returncode == 0, told.stderr
    upload = json.loads(told.stdout)
    assert upload["state"] == "done"
    assert {page["verdict"] for page in upload["pages"]} <= {"matched", "duplicate", "blank"}
    assert upload["progress"]["pages_read"] == upload["progress"]["pages"] == len(upload["pages"])
    assert count("SELECT count(*) FROM scan_upload") == 1
    assert count("SELECT count(*) FROM job WHERE state IN ('running', 'dead')") == 0


@pytest.mark.timeout(120)
def test_a_bundle_that_is_ended_leaves_no_half_files_and_doctor_tells_of_the_job(printed: Path, tmp_path: Path) -> None:
    shutil.copytree(printed / "data", tmp_path / "data")
    running = partial(rows, tmp_path, "SELECT count(*) FROM job WHERE state = 'running'")
    out = tmp_path / "out"
    arguments = ("bundle", CASE, "--lang", "pl", "--out", str(out))
    assert ended_when(tmp_path, lambda: running() > 0, signal.SIGTERM, *arguments) == 128 + signal.SIGTERM
    assert (running(), list(out.iterdir())) == (0, [])
    assert ended_when(tmp_path, lambda: running() > 0, signal.SIGKILL, *arguments) == -signal.SIGKILL
    assert running() == 1
    checks = _doctor(tmp_path)
    assert running() == 0, "every command takes back what an ended one had at hand"
    waiting = rows(tmp_path, "SELECT count(*) FROM job WHERE state = 'queued'")
    assert waiting  # the killed one; the first may have been done in the moment of its signal
    assert checks["jobs"] == {"check": "jobs", "ok": True, "detail": f"{waiting} wait"}
    with sqlite3.connect(tmp_path / "data" / "docservice.sqlite") as connection:
        connection.execute("UPDATE job SET run_after = '2026-01-02 03:04:05.000000' WHERE state = 'queued'")
    told = _doctor(tmp_path)["jobs"]
    assert not told["ok"]
    assert f"{waiting} wait and nobody works on them since 2026-01-02 04:04" in str(told["detail"])


def _doctor(folder: Path) -> dict[str, dict[str, object]]:
    checks = json.loads(docservice(folder, "doctor", "--json").stdout)["checks"]
    return {check["check"]: {name: check[name] for name in ("check", "ok", "detail")} for check in checks}


@pytest.mark.timeout(120)
def test_a_demo_that_is_ended_takes_its_programs_and_its_data_with_it(tmp_path: Path) -> None:
    data = tmp_path / "temporary"
    data.mkdir()
    process = started("demo", "--keep", str(tmp_path / "kept"), TMPDIR=str(data))
    try:
        wait_until(lambda: list(data.glob("*/data/logs/api.log")), 60, "the programs being started")
        time.sleep(0.2)  # the programs are between their start and their being ready
        children = list(_children(process.pid))
        assert children
        process.send_signal(signal.SIGHUP)
        assert process.wait(60) == 128 + signal.SIGHUP
        wait_until(lambda: not any(map(_runs, children)), 10, "the programs being gone")
        assert list(data.glob("docservice-demo-*/data")) == []
    finally:
        kill_group(process)
