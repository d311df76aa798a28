"""Multipart bodies with files (RFC 7578): read piece by piece, so that no more than a piece is ever in memory."""

from __future__ import annotations

import logging
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import anyio
from fastapi import Request
from fastapi.concurrency import run_in_threadpool
from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header
from starlette.requests import ClientDisconnect

from docservice.api.auth import Parts
from docservice.api.bodies import refuse_encoded
from docservice.api.problems import RequestError
from docservice.domain.errors import DocserviceError, Fault, InvalidInput
from docservice.scans.intake.reception import ReceivedFile, Reception, shown_text

MULTIPART = "multipart/form-data"
FILE_FIELDS = ("files", "file")
TEXT_FIELDS = {"device": 200}  # and how many characters each may have
IDLE_SECONDS = 60.0
_PIECE_BYTES = 1 << 20  # each costs a change of threads
_DRAIN_SECONDS = 5.0
_LONGEST_HEADER = 4096
_PLAIN_ENCODINGS = (b"7bit", b"8bit", b"binary")


@dataclass(frozen=True, slots=True)
class Upload:
    """What a multipart body brought. The files can be opened until the request has been answered."""

    files: tuple[ReceivedFile, ...]
    texts: dict[str, str]


async def read_upload(request: Request, services: Parts) -> AsyncIterator[Upload]:
    """A body with one or several files in `files` and the texts of TEXT_FIELDS; a dependency.

    Refused with 400 (no multipart, broken off), 413 (too much), 415, or 422 with all faults of the fields at once.
    """
    boundary = _boundary(request)
    with services.incoming.reception() as reception:
        form = _Form(reception, boundary)
        try:
            await run_in_threadpool(reception.expect, _announced(request))
            async for piece in pieces(request):
                await run_in_threadpool(form.write, piece)
            upload = form.finish()
        except DocserviceError:
            await _drain(request)
            raise
        yield upload


async def pieces(request: Request, idle_seconds: float = IDLE_SECONDS) -> AsyncIterator[bytes]:
    """The body in pieces of about a mebibyte. RequestError when its sender goes away or falls silent for so long."""
    gathered = bytearray()
    stream = aiter(request.stream())
    while True:
        try:
            with anyio.fail_after(idle_seconds):
                chunk = await anext(stream)
        except StopAsyncIteration:
            break
        except (ClientDisconnect, TimeoutError):
            raise _broken_off() from None
        gathered += chunk
        if len(gathered) >= _PIECE_BYTES:
            yield bytes(gathered)
            gathered.clear()
    yield bytes(gathered)


@dataclass
class _Part:
    """One part of the body: which field it is, whether it is a file, and the value it has if it is none."""

    name: str = ""
    is_file: bool = False
    ignored: bool = False
    value: bytearray = field(default_factory=bytearray)


class _Form:
    """Takes the body apart as it comes and hands the files on."""

    def __init__(self, reception: Reception, boundary: bytes) -> None:
        self._reception = reception
        self._faults: list[Fault] = []
        self._texts: dict[str, bytes] = {}
        self._ended = False
        self._part = _Part()
        self._headers: dict[bytes, bytes] = {}
        self._header, self._value = bytearray(), bytearray()
        callbacks: Any = {
            "on_part_begin": self._begin,
            "on_header_field": lambda data, start, end: self._header.extend(data[start:end]),
            "on_header_value": lambda data, start, end: self._value.extend(data[start:end]),
            "on_header_end": self._end_header,
            "on_headers_finished": self._open,
            "on_part_data": self._data,
            "on_part_end": self._end,
            "on_end": self._end_all,
        }
        try:
            self._parser = MultipartParser(boundary, callbacks, max_header_size=_LONGEST_HEADER)
        except FormParserError:
            raise _malformed() from None
        self._parser.logger = logging.Logger(__name__, logging.CRITICAL)  # it would quote what does not belong in a log

    def write(self, piece: bytes) -> None:
        """The next bytes of the body."""
        try:
            self._parser.write(piece)
        except FormParserError:
            raise _malformed() from None

    def finish(self) -> Upload:
        """What came, once all of it came."""
        if not self._ended:
            raise _broken_off()
        texts = {name: text for name, value in self._texts.items() if (text := self._text(name, value))}
        if not self._reception.files:
            self._add(Fault.told("files", "api.missing.file", example='files=@"stack.pdf"'))
        if self._faults:
            raise InvalidInput(self._faults)
        return Upload(self._reception.files, texts)

    def _begin(self) -> None:
        self._part, self._headers = _Part(), {}

    def _end_header(self) -> None:
        self._headers[bytes(self._header).lower()] = bytes(self._value)
        self._header.clear()
        self._value.clear()

    def _open(self) -> None:
        disposition, options = parse_options_header(self._headers.get(b"content-disposition"))
        if disposition != b"form-data" or b"name" not in options:
            raise _malformed()
        if self._headers.get(b"content-transfer-encoding", b"binary").strip().lower() not in _PLAIN_ENCODINGS:
            raise _malformed()
        filename = options.get(b"filename")
        self._part = _Part(options[b"name"].decode("utf-8", "replace"), filename is not None)
        self._part.ignored = filename == b""  # what a browser sends for a file field that was left empty
        if fault := self._misplaced(self._part):
            self._part.ignored = True
            self._add(fault)
        elif filename:
            self._reception.begin(filename.decode("utf-8", "replace"))

    def _misplaced(self, part: _Part) -> Fault | None:
        """What is wrong with the place of a part; never tells the name it was given, which may say anything."""
        if part.is_file and part.name not in FILE_FIELDS:
            return Fault.told("files", "api.unknown_field.files")
        if not part.is_file and part.name in FILE_FIELDS:
            return Fault.told("files", "api.not_a_file")
        if not part.is_file and part.name not in TEXT_FIELDS:
            return Fault.told("", "api.unknown_field.known", known=", ".join(("files", *TEXT_FIELDS)))
        if part.name in self._texts:
            return Fault.told(part.name, "api.repeated")
        return None

    def _data(self, data: bytes, start: int, end: int) -> None:
        if self._part.ignored:
            return
        if self._part.is_file:
            self._reception.write(memoryview(data)[start:end])
        elif len(self._part.value) <= 4 * TEXT_FIELDS[self._part.name]:  # bytes of a character in UTF-8
            self._part.value += data[start:end]

    def _end(self) -> None:
        if self._part.ignored:
            return
        if self._part.is_file:
            self._reception.end()
        else:
            self._texts[self._part.name] = bytes(self._part.value)

    def _end_all(self) -> None:
        self._ended = True

    def _text(self, name: str, value: bytes) -> str:
        most = TEXT_FIELDS[name]
        try:
            text = value.decode("utf-8")
        except UnicodeDecodeError:
            text = ""
            if len(value) <= 4 * most:
                self._add(Fault.told(name, "api.not_utf8", example="Hall, scanner 2"))
        if len(text) > most or len(value) > 4 * most:
            self._add(Fault.told(name, "api.too_long", most=most))
        return shown_text(text)

    def _add(self, fault: Fault) -> None:
        if fault not in self._faults:
            self._faults.append(fault)


def _boundary(request: Request) -> bytes:
    refuse_encoded(request)
    media_type, options = parse_options_header(request.headers.get("content-type"))
    if media_type != MULTIPART.encode() or not options.get(b"boundary"):
        raise RequestError.told("api.unsupported_media_type.boundary", wanted=MULTIPART).with_headers(
            {"Accept": MULTIPART}
        )
    return options[b"boundary"]


def _announced(request: Request) -> int:
    length = request.headers.get("content-length", "0")
    return int(length) if length.isascii() and length.isdigit() else 0


async def _drain(request: Request) -> None:
    """Read on for a while, so that simple clients, which send all before they read, get to see the answer.

    A client that waits to be asked for the body (Expect: 100-continue) is not asked.
    """
    if "100-continue" in request.headers.get("expect", "").lower():
        return
    deadline = time.monotonic() + _DRAIN_SECONDS
    with anyio.move_on_after(_DRAIN_SECONDS):
        try:
            async for _ in request.stream():
                if time.monotonic() > deadline:
                    return
        except (ClientDisconnect, RuntimeError):  # gone, or read to its end already
            return


def _malformed() -> RequestError:
    return RequestError.told("api.malformed_multipart")


def _broken_off() -> RequestError:
    return RequestError.told("api.upload_broken_off")
