"""A process that has locked itself in can compute and speak, and do nothing else."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from socket import AF_INET, SOCK_STREAM, socket

import pytest

from docservice.tools.child.sandbox import LANDLOCK, SECCOMP
from docservice.tools.untrusted.pictures import PictureFiles

PROGRAM = """
import ctypes, mmap, os, socket, subprocess, sys, threading
from docservice.tools.child import sandbox
secret, folder, port, kinds, user = sys.argv[1:6]
descriptor = os.open("/dev/null", os.O_RDONLY)
libc = ctypes.CDLL(None, use_errno=True)
host = socket.socket()
unix = socket.socket(socket.AF_UNIX)
parent = os.getppid()
if int(user):
    os.setuid(int(user))

def fork():
    child = os.fork()
    if child == 0:
        os._exit(0)

def system():
    if libc.system(b"true") != 0:
        raise PermissionError

def new_code():
    libc.mmap.restype = ctypes.c_void_p
    if libc.mmap(None, 4096, 7, 0x22, -1, 0) == ctypes.c_void_p(-1).value:
        raise PermissionError

def traced():
    if libc.ptrace(16, parent, 0, 0) != 0:  # PTRACE_ATTACH
        raise PermissionError

tries = {
    "read a secret": lambda: open(secret).read(),
    "read passwd": lambda: open("/etc/passwd").read(),
    "list": lambda: os.listdir(folder),
    "write": lambda: open(folder + "/new", "w").write("x"),
    "remove": lambda: os.unlink(secret),
    "rename": lambda: os.rename(secret, secret + "2"),
    "connect": lambda: host.connect(("127.0.0.1", int(port))),
    "listen": lambda: (host.bind(("127.0.0.1", 0)), host.listen()),
    "open a socket": lambda: socket.socket(),
    "open another socket": lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM),
    "start a program": lambda: os.execv("/bin/true", ["true"]),
    "start a shell": system,
    "fork": fork,
    "kill": lambda: os.kill(parent, 0),
    "trace": traced,
    "make new code": new_code,
    "look at other processes": lambda: open(f"/proc/{parent}/environ").read(),
    "keep bytes in memory files": lambda: os.memfd_create("x"),
    "raise a limit": lambda: __import__("resource").setrlimit(4, (1 << 20, 1 << 20)),
}
import resource
def compute():
    return sum(bytearray(10 << 20)), ctypes.create_string_buffer(10 << 20), os.read(descriptor, 1)
print("in force:", *sandbox.lock(1 << 30, 10, tuple(kinds.split("+"))), flush=True)
compute()
print("computed", flush=True)
for name, attempt in tries.items():
    try:
        attempt()
        print("done:", name, flush=True)
    except OSError as error:
        print("denied:", name, flush=True)
    except ValueError:
        print("denied:", name, flush=True)
"""
FILES = {"read a secret", "read passwd", "list", "write", "remove", "rename", "start a program"}
NETWORK = {"connect", "listen"}
OTHERS = {
    "open a socket",
    "open another socket",
    "start a shell",
    "fork",
    "kill",
    "trace",
    "make new code",
    "look at other processes",
    "keep bytes in memory files",
    "raise a limit",
}


@pytest.fixture
def port() -> Iterator[int]:
    """A port on which this machine answers."""
    with socket(AF_INET, SOCK_STREAM) as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        yield int(server.getsockname()[1])


def tried(tmp_path: Path, port: int, kinds: str, user: int = 0) -> dict[str, set[str]]:
    """What a locked process says that it could do, by outcome."""
    secret = tmp_path / "secret"
    secret.write_text("a case")
    command = [sys.executable, "-c", PROGRAM, str(secret), str(tmp_path), str(port), kinds, str(user)]
    said = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
    assert secret.read_text() == "a case"
    assert [path.name for path in tmp_path.iterdir()] == ["secret"]
    outcomes: dict[str, set[str]] = {"in force": set(), "done": set(), "denied": set(), "computed": set()}
    for line in said.stdout.splitlines():
        outcome, _, what = line.partition(": ")
        outcomes[outcome] |= set(what.split()) if outcome == "in force" else {what}
    assert outcomes["computed"] == {""}, said.stderr
    return outcomes


@pytest.mark.parametrize("user", [0, 65_534], ids=["as it is", "as nobody"])
def test_a_locked_process_reaches_no_file_no_network_no_program_and_no_process(
    tmp_path: Path, port: int, user: int
) -> None:
    if user and os.getuid() != 0:
        pytest.skip("only root can become another user")
    outcomes = tried(tmp_path, port, f"{LANDLOCK}+{SECCOMP}", user)
    assert SECCOMP in outcomes["in force"]
    assert outcomes["done"] == set()
    assert outcomes["denied"] == FILES | NETWORK | OTHERS


def test_seccomp_alone_denies_everything(tmp_path: Path, port: int) -> None:
    outcomes = tried(tmp_path, port, SECCOMP)
    assert outcomes["in force"] == {SECCOMP}
    assert outcomes["denied"] == FILES | NETWORK | OTHERS


def test_landlock_alone_denies_files_programs_and_connections(tmp_path: Path, port: int) -> None:
    outcomes = tried(tmp_path, port, LANDLOCK)
    if not outcomes["in force"]:
        pytest.skip("this kernel has no Landlock")
    assert outcomes["denied"] >= FILES


def test_without_any_lock_the_same_things_can_be_done(tmp_path: Path, port: int) -> None:
    """The attempts are real ones: they fail for no other reason than the locks."""
    (tmp_path / "of its own").mkdir()
    secret = tmp_path / "of its own" / "secret"
    secret.write_text("a case")
    command = [sys.executable, "-c", PROGRAM, str(secret), str(secret.parent), str(port), "none", "0"]
    said = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False).stdout
    for what in ("read a secret", "read passwd", "list", "connect", "open a socket"):
        assert f"done: {what}\n" in said


def test_what_is_in_force_can_be_asked() -> None:
    locks = PictureFiles().locks()
    assert set(locks) <= {LANDLOCK, SECCOMP}
    assert SECCOMP in locks
