"""LibreOffice, to look at our Word files as somebody who opens them would."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from tests.support.programs import run, short_folder


def convert_to_pdf(files: Sequence[Path], out: Path, seconds: float = 90) -> list[Path]:
    """Convert `files` in one call with a profile of its own; the PDFs keep the names and stand in `out`."""
    with short_folder() as profile:
        private = f"-env:UserInstallation={profile.as_uri()}"
        command = ["soffice", private, "--headless", "--norestore", "--convert-to", "pdf", "--outdir", str(out)]
        run([*command, *map(str, files)], seconds=seconds)
    made = [out / f"{file.stem}.pdf" for file in files]
    missing = [path.name for path in made if not path.exists()]
    if missing:
        raise RuntimeError(f"LibreOffice did not convert: {', '.join(missing)}")
    return made
