"""What several commands share: the second language they are given, and the files they leave."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from docservice.domain.errors import DocserviceError, Fault, InvalidInput
from docservice.domain.languages import GERMAN, LANGUAGES, SECOND, USUAL, Language
from docservice.domain.text.messages import say

SecondLanguage = Annotated[
    str,
    Parameter(help=f'The second language: {", ".join(SECOND[:-1])} or {SECOND[-1]}; "{GERMAN.code}" for German alone.'),
]


def known_language(code: str) -> Language | None:
    """The second language of `--lang`; None for "de", German alone. Refused before anything is kept."""
    if code in LANGUAGES:
        return None if code == GERMAN.code else LANGUAGES[code]
    known = ", ".join(LANGUAGES)
    raise InvalidInput([Fault.told("--lang", "commands.unknown_language", example=USUAL.code, known=known)])


def make_folder(folder: Path) -> None:
    """Make sure that a folder for results is there and can be written; a new one is closed to strangers."""
    try:
        folder.mkdir(mode=0o750, parents=True, exist_ok=True)
    except OSError as error:
        raise _unwritable(folder, error.strerror) from error
    if not os.access(folder, os.W_OK | os.X_OK):
        raise _unwritable(folder, "no write permission")


def write_file(path: Path, data: bytes) -> None:
    """The file appears whole or not at all, and only its owner and group may read it: it holds data of families."""
    fresh = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with open(fresh, "wb", opener=lambda name, flags: os.open(name, flags, 0o640)) as file:
            file.write(data)
        fresh.replace(path)
    except OSError as error:
        fresh.unlink(missing_ok=True)
        raise _unwritable(path, error.strerror) from error


def _unwritable(path: Path, why: str | None) -> DocserviceError:
    reason = why or say("pieces.not_writable")
    return DocserviceError.told("commands.out_unusable", path=path, why=reason)
