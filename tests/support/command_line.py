"""The command line as people and programs call it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path


def docservice(
    folder: Path, *arguments: str, seconds: float = 60, environment: dict[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run the command with its data in `folder`."""
    return subprocess.run(
        [sys.executable, "-m", "docservice", *arguments],
        capture_output=True,
        text=True,
        timeout=seconds,
        check=False,
        env=os.environ | {"DOCSERVICE_DATA_DIR": str(folder / "data"), "LANG": "C.UTF-8"} | (environment or {}),
    )


def refused(folder: Path, *arguments: str, **environment: str) -> str:
    """The error of a command that must be refused: status 2, nothing on standard output, no traceback."""
    result = docservice(folder, *arguments, environment=environment)
    assert result.returncode == 2, result.stderr
    assert result.stdout == ""
    assert "Traceback" not in result.stderr
    assert result.stderr.startswith("docservice: ")
    return result.stderr
