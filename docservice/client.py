"""A small client of the JSON API, standard library only: what the demo and the tests' journeys speak through."""

from __future__ import annotations

import http.client
import json
import secrets
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing, suppress
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from docservice.domain.errors import DocserviceError

_JSON = "application/json"
_LONGEST_FOLLOW_SECONDS = 120.0
_PIECE_BYTES = 1 << 18


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

    def listed(self, path: str, name: str) -> list[Any]:
        """All entries of a list, from answer to answer; must succeed like `get`."""
        found: list[Any] = []
        following: str | None = path
        while following is not None:
            answer = self.get(following).json
            found += answer[name]
            following = answer["next"]
        return found

    def post(self, path: str, body: object, headers: Mapping[str, str] | None = None) -> Answer:
        """POST that must succeed; DocserviceError with the problem's code and detail otherwise."""
        return _succeeded(self.request("POST", path, body, headers))

    def upload(self, path: str, files: Mapping[str, bytes | Path], fields: Mapping[str, str] | None = None) -> Answer:
        """POST files by name as multipart/form-data, streamed; must succeed like `post`. Names are kept as they are."""
        boundary = secrets.token_hex(16)
        parts: list[bytes | Path] = []
        for name, text in (fields or {}).items():
            parts.append(_part(boundary, f'name="{name}"') + text.encode() + b"\r\n")
        for name, content in files.items():
            quoted = name.translate({ord('"'): "%22", ord("\r"): "%0D", ord("\n"): "%0A"})
            head = _part(boundary, f'name="files"; filename="{quoted}"', "application/octet-stream")
            parts += [head, content, b"\r\n"]
        parts.append(f"--{boundary}--\r\n".encode())
        length = sum(part.stat().st_size if isinstance(part, Path) else len(part) for part in parts)
        headers = {"Content-Type": f"multipart/form-data; boundary={boundary}", "Content-Length": str(length)}
        connection, response = self._open("POST", path, _pieces(parts), headers)
        with connection:
            return _succeeded(Answer(response.status, _headers(response), response.read()))

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
        raise DocserviceError.told("client.follow_timeout")

    def _open(
        self, method: str, path: str, body: object, headers: Mapping[str, str]
    ) -> tuple[closing[http.client.HTTPConnection], http.client.HTTPResponse]:
        sent = dict(headers)
        data = body if isinstance(body, (bytes, Iterator)) else None
        if body is not None and data is None:
            data = json.dumps(body, ensure_ascii=False).encode("utf-8")
        if data is not None:
            sent.setdefault("Content-Type", _JSON)
        if self._token:
            sent.setdefault("Authorization", f"Bearer {self._token}")
        connection = http.client.HTTPConnection(self._host, self._port, timeout=self._timeout)
        try:
            with suppress(BrokenPipeError, ConnectionResetError):  # refused midway: the answer may be there already
                connection.request(method, path, data, sent)
            return closing(connection), connection.getresponse()
        except BaseException:
            connection.close()
            raise


def _part(boundary: str, disposition: str, media_type: str = "") -> bytes:
    kind = f"Content-Type: {media_type}\r\n" if media_type else ""
    return f"--{boundary}\r\nContent-Disposition: form-data; {disposition}\r\n{kind}\r\n".encode()


def _pieces(parts: Iterable[bytes | Path]) -> Iterator[bytes]:
    for part in parts:
        if isinstance(part, bytes):
            yield part
        else:
            with part.open("rb") as file:
                while piece := file.read(_PIECE_BYTES):
                    yield piece


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
        raise DocserviceError.told("client.unexpected_answer", status=answer.status) from None
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
