"""The installation a command works on: settings from the environment, the data folder, the parts."""

from __future__ import annotations

import getpass
import os
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from docservice.domain.actors import Actor, ActorKind
from docservice.domain.errors import DocserviceError
from docservice.domain.text.messages import speaks_german
from docservice.settings import Settings

if TYPE_CHECKING:
    from docservice.bootstrap import Services


def read_settings() -> Settings:
    """The settings of this process' environment."""
    return Settings.from_environment(os.environ)


def in_german() -> bool:
    """Whether people at this terminal are told things in German."""
    return speaks_german(os.environ)


def operator() -> Actor:
    """In whose name a command works: the user of the operating system, the only one who is known here."""
    try:
        user = getpass.getuser()
    except (KeyError, OSError):  # a user id without a name
        user = str(os.getuid())
    name = f"{user}@{socket.gethostname()}"
    return Actor(f"user:{name}", name, ActorKind.PERSON)


def prepare_data_dir(settings: Settings) -> None:
    """Make sure that the data folder is there, for this user only, and can be written."""
    folder = settings.data_dir
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise _unusable(str(folder), error.strerror or "") from error
    if not os.access(folder, os.W_OK | os.X_OK) or not folder.is_dir():
        raise _unusable(str(folder), "not a folder that can be written")


@contextmanager
def opened(log_level: str = "error") -> Iterator[Services]:
    """All parts, on a database that has the newest tables; closed at the end.

    What is written in between is for this user only. What they log goes to standard error; a command says itself what
    its user has to know.
    """
    from docservice.bootstrap import build
    from docservice.tools.logs import configure

    configure(sys.stderr, log_level)
    settings = read_settings()
    prepare_data_dir(settings)
    usual = os.umask(0o077)
    try:
        services = build(settings)
        try:
            services.database.upgrade()
            services.jobs.sweep()  # what a command or a worker left that was ended from outside
            yield services
        finally:
            services.close()
    finally:
        os.umask(usual)


def _unusable(folder: str, why: str) -> DocserviceError:
    return DocserviceError.told("commands.data_dir_unusable", folder=folder, why=why)
