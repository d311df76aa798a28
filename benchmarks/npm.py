"""The peers that live on npm: installed when npm is there, never committed."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

PEERS = Path(__file__).with_name("peers")


def node_modules() -> Path | None:
    """Where the npm peers are installed, after installing them if need be; None when that cannot be done here."""
    modules = PEERS / "node_modules"
    npm = shutil.which("npm")
    if (modules / "carbone").is_dir() and shutil.which("node"):
        return modules
    if npm is None or shutil.which("node") is None:
        return None
    command = [npm, "install", "--no-package-lock", "--no-audit", "--no-fund", "--ignore-scripts", "--silent"]
    try:
        subprocess.run(command, cwd=PEERS, check=True, timeout=180, capture_output=True)
    except (subprocess.SubprocessError, OSError):
        return None
    return modules
