"""Real file systems that are full or read-only, seen by one program alone (a mount namespace of its own)."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Sequence
from functools import cache
from pathlib import Path

import pytest


def on_full_disk(folder: Path, command: Sequence[str], *, free: str = "64k") -> list[str]:
    """`command` as one that sees at `folder` an empty disk with hardly any room ("64k")."""
    return _mounted(f"size={free}", folder, command)


def on_read_only_disk(folder: Path, command: Sequence[str]) -> list[str]:
    """`command` as one that sees at `folder` an empty disk that cannot be written, not even by root."""
    return _mounted("ro", folder, command)


def _mounted(options: str, folder: Path, command: Sequence[str]) -> list[str]:
    if not _can_mount():
        pytest.skip("mount namespaces are not allowed here")
    script = 'mount -t tmpfs -o "$1" none "$2" && shift 2 && exec "$@"'
    return [*_unshare(), "sh", "-c", script, "sh", options, str(folder), *command]


def _unshare() -> list[str]:
    return ["unshare", "--mount"] if os.getuid() == 0 else ["unshare", "--mount", "--map-root-user"]


@cache
def _can_mount() -> bool:
    mount = [*_unshare(), "mount", "-t", "tmpfs", "none", "/mnt"]
    return subprocess.run(mount, capture_output=True, timeout=10, check=False).returncode == 0
