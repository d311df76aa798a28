"""A process locks itself in, for good: limited means, no files, no network, no programs, no other processes.

Two locks of the kernel lie one upon the other, and neither needs a privilege: seccomp lets pass only the system calls
that computing, memory and open descriptors need; Landlock forbids every path and port. Where the kernel lacks one, the
other holds; `lock` tells which are in force. Imports next to nothing, so that a process starts quickly.
"""

from __future__ import annotations

import ctypes
import os
import resource
import signal
import struct
import sys
from collections.abc import Container
from typing import Any, NoReturn

SECCOMP, LANDLOCK = "seccomp", "landlock"

# linux/prctl.h, linux/seccomp.h, linux/filter.h, linux/audit.h, linux/landlock.h, linux/sched.h
_PR_SET_PDEATHSIG, _PR_SET_DUMPABLE, _PR_SET_SECCOMP, _PR_SET_NO_NEW_PRIVS = 1, 4, 22, 38
_MODE_FILTER = 2
_ALLOW, _ERRNO, _KILL = 0x7FFF0000, 0x00050000, 0x80000000
_EPERM, _ENOSYS = 1, 38
_LOAD, _EQUAL, _ANY_BIT, _RETURN = 0x20, 0x15, 0x45, 0x06
_NUMBER, _ARCHITECTURE, _ARGUMENTS = 0, 4, 16  # offsets in struct seccomp_data, little-endian
_PROT_EXEC, _CLONE_THREAD = 0x4, 0x10000
_CREATE_RULESET, _RESTRICT_SELF = 444, 446
_FILE_RIGHTS = {1: 13, 2: 14, 3: 15, 4: 15, 5: 16}  # how many rights each version of Landlock knows
_NETWORK_SINCE, _SCOPES_SINCE = 4, 6

# asm/unistd.h: system calls that compute, handle memory, or use a descriptor that is open already
_X86_64 = {
    "read": 0, "write": 1, "close": 3, "fstat": 5, "lseek": 8, "mmap": 9, "mprotect": 10, "munmap": 11, "brk": 12,
    "rt_sigaction": 13, "rt_sigprocmask": 14, "rt_sigreturn": 15, "pread64": 17, "readv": 19, "writev": 20,
    "sched_yield": 24, "mremap": 25, "madvise": 28, "nanosleep": 35, "getpid": 39, "clone": 56, "exit": 60,
    "gettimeofday": 96, "getrusage": 98, "sysinfo": 99, "sigaltstack": 131, "gettid": 186, "futex": 202,
    "sched_getaffinity": 204, "restart_syscall": 219, "clock_gettime": 228, "clock_nanosleep": 230, "exit_group": 231,
    "tgkill": 234, "set_robust_list": 273, "getrandom": 318, "membarrier": 324, "rseq": 334, "clone3": 435,
}  # fmt: skip
_AARCH64 = {
    "close": 57, "lseek": 62, "read": 63, "write": 64, "readv": 65, "writev": 66, "pread64": 67, "fstat": 80,
    "exit": 93, "exit_group": 94, "futex": 98, "set_robust_list": 99, "nanosleep": 101, "clock_gettime": 113,
    "clock_nanosleep": 115, "sched_getaffinity": 123, "sched_yield": 124, "restart_syscall": 128, "tgkill": 131,
    "sigaltstack": 132, "rt_sigaction": 134, "rt_sigprocmask": 135, "rt_sigreturn": 139, "getrusage": 165,
    "gettimeofday": 169, "getpid": 172, "gettid": 178, "sysinfo": 179, "brk": 214, "munmap": 215, "mremap": 216,
    "clone": 220, "mmap": 222, "mprotect": 226, "madvise": 233, "getrandom": 278, "membarrier": 283, "rseq": 293,
    "clone3": 435,
}  # fmt: skip
_MACHINES = {"x86_64": (0xC000003E, _X86_64), "aarch64": (0xC00000B7, _AARCH64)}


def die_with_parent() -> None:
    """Be killed when the parent dies, even while busy (Linux; elsewhere the closed pipe ends it)."""
    parent = os.getppid()
    _prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(1)


class LateImport(Exception):
    """A module is wanted that was not loaded before the process locked itself in: a fault of this program.

    No ImportError, so that nobody takes it for a module that is not there and goes on without.
    """


class _NoMoreModules:
    """Stands before all that would look for a module in the files, which cannot be read any more."""

    def find_spec(self, name: str, path: object = None, target: object = None) -> NoReturn:
        raise LateImport(name)


def lock(memory_bytes: int, cpu_seconds: int, kinds: Container[str] = (LANDLOCK, SECCOMP)) -> tuple[str, ...]:
    """Lock this process in, with the locks of `kinds` that the kernel has; returns those that are in force.

    From here on it may use what memory and descriptors it has, up to the limits, and write nothing but pipes. A
    forbidden system call fails with EPERM or EACCES. Modules have to be loaded before: a later import is a LateImport.
    """
    sys.meta_path.insert(0, _NoMoreModules())
    for kind, most in (
        (resource.RLIMIT_AS, memory_bytes),
        (resource.RLIMIT_CPU, cpu_seconds),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_FSIZE, 0),
    ):
        resource.setrlimit(kind, (most, most))
    _prctl(_PR_SET_DUMPABLE, 0)
    if not _prctl(_PR_SET_NO_NEW_PRIVS, 1):
        return ()
    return tuple(kind for kind, put_on in ((LANDLOCK, _landlock), (SECCOMP, _seccomp)) if kind in kinds and put_on())


def _landlock() -> bool:
    libc = _libc()
    version = libc.syscall(_CREATE_RULESET, None, ctypes.c_size_t(0), 1)
    if version < 1:
        return False
    rights = (1 << _FILE_RIGHTS.get(version, 16)) - 1
    network = 0b11 if version >= _NETWORK_SINCE else 0
    scopes = 0b11 if version >= _SCOPES_SINCE else 0
    size = 24 if scopes else 16 if network else 8
    rules = struct.pack("<QQQ", rights, network, scopes)[:size]
    ruleset = libc.syscall(_CREATE_RULESET, rules, ctypes.c_size_t(size), 0)
    if ruleset < 0:
        return False
    locked = libc.syscall(_RESTRICT_SELF, ruleset, 0) == 0
    os.close(ruleset)
    return bool(locked)


def _seccomp() -> bool:
    machine = _MACHINES.get(os.uname().machine)
    if machine is None:
        return False
    code = _program(*machine)
    buffer = ctypes.create_string_buffer(code, len(code))
    filter_program = _FilterProgram(len(code) // 8, ctypes.addressof(buffer))
    return _prctl(_PR_SET_SECCOMP, _MODE_FILTER, ctypes.byref(filter_program))


class _FilterProgram(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("instructions", ctypes.c_void_p))


def _program(architecture: int, calls: dict[str, int]) -> bytes:
    """The filter: each instruction is a code, two jumps (if true, if false) and a value."""
    conditional = ("mmap", "mprotect", "clone", "clone3", "tgkill")
    steps = [
        (_LOAD, 0, 0, _ARCHITECTURE),
        (_EQUAL, 1, 0, architecture),
        (_RETURN, 0, 0, _KILL),
        (_LOAD, 0, 0, _NUMBER),
        *_if_argument(calls["mmap"], 2, _ANY_BIT, _PROT_EXEC, _ERRNO | _EPERM, _ALLOW),  # no new code
        *_if_argument(calls["mprotect"], 2, _ANY_BIT, _PROT_EXEC, _ERRNO | _EPERM, _ALLOW),
        *_if_argument(calls["clone"], 0, _ANY_BIT, _CLONE_THREAD, _ALLOW, _ERRNO | _EPERM),  # threads alone
        *_if_argument(calls["tgkill"], 0, _EQUAL, os.getpid(), _ALLOW, _ERRNO | _EPERM),  # abort()
        (_EQUAL, 0, 1, calls["clone3"]),
        (_RETURN, 0, 0, _ERRNO | _ENOSYS),  # its flags cannot be seen: the C library takes clone instead
    ]
    for name, number in calls.items():
        if name not in conditional:
            steps += [(_EQUAL, 0, 1, number), (_RETURN, 0, 0, _ALLOW)]
    steps.append((_RETURN, 0, 0, _ERRNO | _EPERM))
    return b"".join(struct.pack("<HBBI", *step) for step in steps)


def _if_argument(
    call: int, argument: int, test: int, value: int, then: int, otherwise: int
) -> tuple[tuple[int, int, int, int], ...]:
    return (
        (_EQUAL, 0, 4, call),
        (_LOAD, 0, 0, _ARGUMENTS + 8 * argument),
        (test, 0, 1, value),
        (_RETURN, 0, 0, then),
        (_RETURN, 0, 0, otherwise),
    )


def _prctl(option: int, value: int, pointer: Any = None) -> bool:
    try:
        return bool(_libc().prctl(option, ctypes.c_ulong(value), pointer or ctypes.c_ulong(0), 0, 0) == 0)
    except AttributeError:  # not Linux
        return False


def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None)


if __name__ == "__main__":
    print(*lock(1 << 30, 10))
