"""The API on a port: uvicorn in a thread of its own, with a bounded end."""

from __future__ import annotations

import socket
import threading
from typing import Self

import uvicorn
from fastapi import FastAPI

from docservice.domain.errors import DocserviceError

_SHUTDOWN_SECONDS = 3  # event streams may be open for ever; their readers resume elsewhere
_START_SECONDS = 15.0


class ApiServer:
    """Serves `app` between `start` and `stop`, or as a context manager. Port 0 means any free one."""

    def __init__(self, app: FastAPI, host: str, port: int) -> None:
        self._socket = _listen(host, port)
        self._host = host
        self._server = uvicorn.Server(
            uvicorn.Config(
                app,
                access_log=False,  # the application writes its own line, without addresses
                log_config=None,
                log_level="critical",
                server_header=False,
                date_header=True,
                lifespan="off",
                timeout_graceful_shutdown=_SHUTDOWN_SECONDS,
                h11_max_incomplete_event_size=32 * 1024,
            )
        )
        self._thread = threading.Thread(target=self._run, name="api", daemon=True)

    @property
    def url(self) -> str:
        """Where it answers, without a slash at the end."""
        host = f"[{self._host}]" if ":" in self._host else self._host
        return f"http://{host}:{self._socket.getsockname()[1]}"

    def start(self) -> None:
        """Answers once this returns: the port is bound, and connections wait until the loop runs."""
        self._thread.start()

    def run(self) -> None:
        """Serve in this thread, the main one, until SIGINT or SIGTERM; requests at hand are finished (3 s at most)."""
        self._run()

    def stop(self) -> None:
        """Finish the requests at hand (3 s at most) and free the port."""
        self._server.should_exit = True
        self._thread.join(_SHUTDOWN_SECONDS + _START_SECONDS)
        self._socket.close()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _run(self) -> None:
        self._server.run(sockets=[self._socket])


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
        listening.listen(2048)
    except OSError as error:
        listening.close()
        raise DocserviceError.told("api.port_unavailable", host=host, port=port, why=error.strerror) from error
    return listening
