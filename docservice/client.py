"""A small client of the JSON API, standard library only: what the demo and the tests' journeys speak through."""

from __future__ import annotations

import http.client
import json
import time
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

from docservice.domain.errors import DocserviceError

_JSON = "application/json"
_LONGEST_FOLLOW_SECONDS = 120.0


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer of the API: status, headers (names in lower case) and bytes."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        """The body as JSON."""
        return json.loads(self.body)


@dataclass(frozen=True, slots=True)
class Event:
    """One server-sent event."""

    id: str
    name: str
    data: Any


class ApiClient:
    """Speaks to one service in the name of one token; a new connection per call, so it may be shared by threads."""

    def __init__(self, url: str, token: str | None, *, timeout_seconds: float = 30.0) -> None:
        parts = urlsplit(url)
        self._host = parts.hostname or "127.0.0.1"
        self._port = parts.port or 80
        self._token = token
        self._timeout = timeout_seconds

    def request(self, method: str, path: str, body: object = None, headers: Mapping[str, str] | None = None) -> Answer:
        """Send a request; `body` goes as JSON, bytes as they are. Any status is an answer, not an error."""
        connection, response = self._open(method, path, body, headers or {})
        with connection:
            return Answer(response.status, _headers(response), response.read())

    def get(self, path: str) -> Answer:
        """GET that must succeed; DocserviceError with the problem's code and detail otherwise."""
        return _succeeded(self.request("GET", path))

    def post(self, path: str, body: object, headers: Mapping[str, str] | None = None) -> Answer:
        """POST that must succeed; DocserviceError with the problem's code and detail otherwise."""
        return _succeeded(self.request("POST", path, body, headers))

    def events(self, path: str, last_event_id: str = "") -> Iterator[Event]:
        """The events of a stream until it ends; picks up the thread by itself when the connection breaks."""
        deadline = time.monotonic() + _LONGEST_FOLLOW_SECONDS
        while time.monotonic() < deadline:
            headers = {"Accept": "text/event-stream"}
            if last_event_id:
                headers["Last-Event-ID"] = last_event_id
            try:
                connection, response = self._open("GET", path, None, headers)
                with connection:
                    if response.status >= HTTPStatus.BAD_REQUEST:
                        _succeeded(Answer(response.status, _headers(response), response.read()))
                    for event in _events(response):
                        last_event_id = event.id
                        yield event
                    return
            except (OSError, http.client.HTTPException):
                time.sleep(0.2)
        raise DocserviceError("follow_timeout", "The bundle did not finish in time; look at its state.")

    def _open(
        self, method: str, path: str, body: object, headers: Mapping[str, str]
    ) -> tuple[closing[http.client.HTTPConnection], http.client.HTTPResponse]:
        sent = dict(headers)
        data = body if isinstance(body, bytes) else None
        if body is not None and data is None:
            data = json.dumps(body, ensure_ascii=False).encode("utf-8")
        if data is not None:
            sent.setdefault("Content-Type", _JSON)
        if self._token:
            sent.setdefault("Authorization", f"Bearer {self._token}")
        connection = http.client.HTTPConnection(self._host, self._port, timeout=self._timeout)
        try:
            connection.request(method, path, data, sent)
            return closing(connection), connection.getresponse()
        except BaseException:
            connection.close()
            raise


def _headers(response: http.client.HTTPResponse) -> dict[str, str]:
    return {name.lower(): value for name, value in response.getheaders()}


def _succeeded(answer: Answer) -> Answer:
    if answer.status < HTTPStatus.BAD_REQUEST:
        return answer
    try:
        problem = answer.json
        code, detail = str(problem["code"]), str(problem["en"]["detail"])
        detail_de = str(problem["de"]["detail"])
    except (ValueError, KeyError, TypeError):
        code, detail = "unexpected_answer", f"The service answered with status {answer.status}."
        detail_de = f"Der Dienst antwortete mit Status {answer.status}."
    raise DocserviceError(code, detail, detail_de=detail_de)


def _events(response: http.client.HTTPResponse) -> Iterator[Event]:
    fields: dict[str, str] = {}
    for raw in response:
        line = raw.decode("utf-8").rstrip("\r\n")
        if line:
            name, _, value = line.partition(":")
            fields[name] = value.removeprefix(" ")
        else:
            if "data" in fields:
                yield Event(fields.get("id", ""), fields.get("event", "message"), json.loads(fields["data"]))
            fields = {}
