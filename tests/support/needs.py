"""What tests need of the system, and the Debian packages it comes from.

A test says it: `@pytest.mark.needs("libreoffice")`. `python -m tests.support.needs ARGUMENTS` prints the packages that
are missing for the tests these arguments of pytest choose, in one line; `./run test` has them installed first.
"""

from __future__ import annotations

import io
import shutil
import sys
from collections.abc import Iterable, Mapping, Sequence
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

import pytest

_Signs = tuple[str, ...]  # programs or patterns of paths: one of them is there when the package is installed

PACKAGES: Mapping[str, Mapping[str, _Signs]] = {
    "jemalloc": {"libjemalloc2": ("/usr/lib/*/libjemalloc.so.2", "/usr/lib*/libjemalloc.so.2")},
    "libreoffice": {"libreoffice-writer-nogui": ("soffice",)},
    "postgresql": {"postgresql": ("postgres", "/usr/lib/postgresql/*/bin/postgres")},
    "redis": {"redis-server": ("redis-server",)},
    "tesseract": {
        "tesseract-ocr": ("tesseract",),
        "tesseract-ocr-deu": ("/usr/share/tesseract-ocr/*/tessdata/deu.traineddata",),
        "tesseract-ocr-rus": ("/usr/share/tesseract-ocr/*/tessdata/rus.traineddata",),
    },
    "verapdf": {
        "default-jre-headless": ("java",),
        "libjaxb-java": ("/usr/share/java/jaxb-runtime.jar",),
        "libjaxb-api-java": ("/usr/share/java/jaxb-api.jar",),
    },
}


def missing(needs: Iterable[str]) -> list[str]:
    """The Debian packages that these needs lack on this machine."""
    packages = {package: signs for need in sorted(set(needs)) for package, signs in PACKAGES[need].items()}
    return [package for package, signs in packages.items() if not any(map(_is_there, signs))]


def needs_of(item: pytest.Item) -> set[str]:
    """What this test says it needs."""
    return {need for mark in item.iter_markers("needs") for need in mark.args}


def demand(needs: Iterable[str]) -> None:
    """Fail the test that runs, with the line to run, unless all it needs is there."""
    packages = " ".join(missing(needs))
    if packages:
        line = f"sudo sh -c 'apt-get update && apt-get install -y --no-install-recommends {packages}'"
        pytest.fail(f"This test needs programs that are not installed; run: {line}", pytrace=False)


def _is_there(sign: str) -> bool:
    if sign.startswith("/"):
        return any(Path("/").glob(sign.removeprefix("/")))
    return shutil.which(sign) is not None


class _Chosen:
    """A plugin that remembers what the tests need that would run."""

    def __init__(self) -> None:
        self.needs: set[str] = set()

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        self.needs = {need for item in session.items for need in needs_of(item)}


def _chosen_by(arguments: Sequence[str]) -> set[str]:
    chosen = _Chosen()
    with redirect_stdout(io.StringIO()), redirect_stderr(io.StringIO()):  # what is wrong, the run itself tells
        pytest.main([*arguments, "-n", "0", "--collect-only"], plugins=[chosen])
    return chosen.needs


if __name__ == "__main__":
    if missing(PACKAGES):
        print(" ".join(missing(_chosen_by(sys.argv[1:]))))
