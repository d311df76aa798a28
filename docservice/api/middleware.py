"""The outermost layer: request id, security headers, one log line, and an answer to what nobody foresaw."""

from __future__ import annotations

import time

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
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
_HEAD_ONLY = "head_only"


class RequestEnvelope:
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
        method = scope["method"]
        if method == "HEAD":
            _ask_for_head(scope)
        status = 0

        async def send_with_headers(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = MutableHeaders(scope=message)
                headers["X-Request-Id"] = request_id
                for name, value in _HEADERS.items():
                    headers.setdefault(name, value)
            elif method == "HEAD":
                message = {**message, "body": b""}
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
            self._write_line(scope, method, request_id, status, started, failure)

    def _write_line(
        self, scope: Scope, method: str, request_id: str, status: int, started: float, failure: dict[str, object]
    ) -> None:
        route = scope.get("route")
        write = self._log.error if failure else self._log.info
        write(
            "request",
            request_id=request_id,
            method=method,
            route=getattr(route, "path", None) or "unknown",  # the pattern, never the address itself
            status=status,
            ms=round((time.perf_counter() - started) * 1000, 1),
            **failure,
        )


def _ask_for_head(scope: Scope) -> None:
    """HEAD is answered as GET without the body (RFC 9110, 9.3.2); a range is defined for GET alone (14.2)."""
    scope["method"] = "GET"
    scope["headers"] = [pair for pair in scope["headers"] if pair[0] not in (b"range", b"if-range")]
    scope.setdefault("state", {})[_HEAD_ONLY] = True


def head_only(request: Request) -> bool:
    """Whether the body of the answer will not be sent, so that a long one need not be made."""
    return bool(getattr(request.state, _HEAD_ONLY, False))


class _BrokenOff(Exception):
    """Ends a connection whose answer failed midway; says nothing, since the server prints it."""
