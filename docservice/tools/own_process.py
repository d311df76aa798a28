"""The name of this process among all that ever ran, and whether the bearer of such a name has ended."""

from __future__ import annotations

import os
import socket
from pathlib import Path

_PROC = Path("/proc")


def identity() -> str:
    """This process' name: host, number, start, and the system that gave the number. No other process ever has it."""
    return f"{socket.gethostname()}/{os.getpid()}/{_started(os.getpid())}/{_numbered_by()}"


def surely_ended(name: str) -> bool:
    """Whether the process of that name has ended. False when that cannot be known from here, as for other machines."""
    host, _, rest = name.partition("/")
    number, _, rest = rest.partition("/")
    start, _, numbered_by = rest.partition("/")
    if host != socket.gethostname() or numbered_by != _numbered_by() or not (number.isdecimal() and start):
        return False
    return _started(int(number)) != start


def _started(pid: int) -> str:
    """When the process was started, in the clock ticks of the system; empty when there is none, or only its remains."""
    try:
        state, *fields = (_PROC / str(pid) / "stat").read_text("latin-1").rpartition(")")[2].split()
    except OSError:
        return ""
    return "" if state in ("Z", "X") else fields[18]


def _numbered_by() -> str:
    """What gave the numbers: they begin anew with each start of the system, and a container has its own."""
    try:
        boot = (_PROC / "sys/kernel/random/boot_id").read_text("ascii").strip()
        numbers = (_PROC / "self/ns/pid").stat().st_ino
    except OSError:
        return ""
    return f"{boot}/{numbers}"
