"""The outermost layer: request id, security headers, one log line, and an answer to what nobody foresaw."""

from __future__ import annotations

import time

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from docservice.api.problems import internal_error
from docservice.domain.errors import place_of
from docservice.domain.sources import IdSource
from docservice.tools.logs import Logger

_HEADERS = {
    "Cache-Control": "no-store",  # every answer may hold personal data
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}


class Outermost:
    """Wraps the application; sees every request, also those no route answers."""

    def __init__(self, app: ASGIApp, log: Logger, ids: IdSource) -> None:
        self._app = app
        self._log = log
        self._ids = ids

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = time.perf_counter()
        request_id = self._ids.new()
        status = 0

        async def send_with_headers(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = MutableHeaders(scope=message)
                headers["X-Request-Id"] = request_id
                for name, value in _HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        failure: dict[str, object] = {}
        try:
            await self._app(scope, receive, send_with_headers)
        except Exception as error:  # noqa: BLE001 - whatever it is, the caller gets an answer
            # its class and place only: drivers and parsers put values into messages
            failure = {"error": type(error).__qualname__, "place": place_of(error)}
            if status:  # the answer has begun: only breaking off tells the caller that it is not whole
                raise _BrokenOff from None
            answer = internal_error(Headers(scope=scope).get("accept-language", ""))
            await answer(scope, receive, send_with_headers)
        finally:
            self._write_line(scope, request_id, status, started, failure)

    def _write_line(
        self, scope: Scope, request_id: str, status: int, started: float, failure: dict[str, object]
    ) -> None:
        route = scope.get("route")
        write = self._log.error if failure else self._log.info
        write(
            "request",
            request_id=request_id,
            method=scope["method"],
            route=getattr(route, "path", None) or "unknown",  # the pattern, never the address itself
            status=status,
            ms=round((time.perf_counter() - started) * 1000, 1),
            **failure,
        )


class _BrokenOff(Exception):
    """Ends a connection whose answer failed midway; says nothing, since the server prints it."""
