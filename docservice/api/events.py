"""The steps of a bundle or an upload as server-sent events (WHATWG HTML, "Server-sent events")."""

from __future__ import annotations

import json
import re
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

import anyio
from fastapi import Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import Response, StreamingResponse

from docservice.api.middleware import head_only
from docservice.api.problems import NO_CONTENT, RequestError

MEDIA_TYPE = "text/event-stream"
_MAX_STEP_SECONDS = 1.0


class Event(Protocol):
    """One step, in an order that `seq` gives."""

    @property
    def seq(self) -> int: ...
    @property
    def at(self) -> datetime: ...
    @property
    def name(self) -> str: ...
    @property
    def data(self) -> Mapping[str, object]: ...


@dataclass(frozen=True, slots=True)
class Pace:
    """How often what is followed is looked at, and after how long without news it hears a sign of life.

    A stream ends after `longest_seconds` at the latest; a browser then goes on from the last event by itself.
    """

    look_seconds: float = 0.05
    heartbeat_seconds: float = 15.0
    longest_seconds: float = 600.0


def event_number(last_event_id: str | None) -> int:
    """The number in a Last-Event-ID header; 0, the beginning, without one."""
    if last_event_id is None or last_event_id == "":
        return 0
    if not re.fullmatch(r"[0-9]{1,15}", last_event_id):
        raise RequestError(
            "invalid_header",
            "Last-Event-ID is the id of an event of this stream: a whole number.",
            "Last-Event-ID ist die Nummer eines Ereignisses dieser Folge: eine ganze Zahl.",
        )
    return int(last_event_id)


def answer(
    request: Request, ended: Callable[[], bool], events_after: Callable[[int], Sequence[Event]], after: int, pace: Pace
) -> Response:
    """The stream of what happens after event number `after`.

    204 when nothing will: that alone makes a browser stop connecting anew (WHATWG HTML, 9.2.3).
    """
    if ended() and not events_after(after):
        return Response(status_code=NO_CONTENT)
    if head_only(request):
        return StreamingResponse(iter(()), media_type=MEDIA_TYPE)  # of a stream no length is known
    return StreamingResponse(follow(ended, events_after, after, pace), media_type=MEDIA_TYPE)


async def follow(
    ended: Callable[[], bool], events_after: Callable[[int], Sequence[Event]], after: int, pace: Pace
) -> AsyncIterator[bytes]:
    """Every event after number `after`, as it happens; ends once the work is finished and all was told.

    Not a plain generator: a follower who waits must not hold a thread, of which there are few.
    """
    started = last_sign = time.monotonic()
    step = pace.look_seconds
    yield b"retry: 1000\n\n"
    while time.monotonic() - started < pace.longest_seconds:
        # the state is read before the events, so that an end seen here has its event among them
        final = await run_in_threadpool(ended)
        events = await run_in_threadpool(events_after, after)
        for event in events:
            after = event.seq
            yield _wire(event)
        if final:
            return
        if events:
            step, last_sign = pace.look_seconds, time.monotonic()
        elif time.monotonic() - last_sign >= pace.heartbeat_seconds:
            last_sign = time.monotonic()
            yield b": still here\n\n"
        else:
            step = min(step * 1.2, _MAX_STEP_SECONDS, pace.heartbeat_seconds)
        await anyio.sleep(step)


def _wire(event: Event) -> bytes:
    data = json.dumps({"at": event.at.isoformat(), **event.data}, ensure_ascii=False)
    return f"id: {event.seq}\nevent: {event.name}\ndata: {data}\n\n".encode()
