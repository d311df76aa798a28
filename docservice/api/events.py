"""The steps of a bundle or an upload as server-sent events (WHATWG HTML, "Server-sent events")."""

from __future__ import annotations

import json
import re
import time
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Protocol

import anyio
from fastapi import Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import Response, StreamingResponse

from docservice.api.middleware import head_only
from docservice.api.problems import NO_CONTENT, RequestError
from docservice.db.events import EventRecord
from docservice.domain.actors import Actor

MEDIA_TYPE = "text/event-stream"
_AT_ONCE = {"X-Accel-Buffering": "no"}  # nginx would keep all events until the stream has ended
_MAX_STEP_SECONDS = 1.0


class Followed(Protocol):
    """A room whose work can be followed, by the id of a bundle or an upload."""

    def ended(self, actor: Actor, subject_id: str, /) -> bool:
        """Whether nothing more happens to it by itself; NotFound."""

    def events(self, actor: Actor, subject_id: str, /, after: int = 0) -> Sequence[EventRecord]:
        """What happened to it after event number `after`, in order."""


@dataclass(frozen=True, slots=True)
class Pace:
    """How often what is followed is looked at, and after how long without news it hears a sign of life.

    A stream ends after `longest_seconds` at the latest; a browser then goes on from the last event by itself.
    """

    look_seconds: float = 0.05
    heartbeat_seconds: float = 15.0
    longest_seconds: float = 600.0


def stream(
    request: Request, room: Followed, caller: Actor, subject_id: str, last_event_id: str | None, pace: Pace
) -> Response:
    """What happens to a bundle or an upload after the event that `last_event_id` names; all of it without one.

    204 when nothing will: that alone makes a browser stop connecting anew (WHATWG HTML, 9.2.3).
    """
    after = _event_number(last_event_id)
    if room.ended(caller, subject_id) and not room.events(caller, subject_id, after):
        return Response(status_code=NO_CONTENT)
    if head_only(request):
        # of a stream no length is known
        return StreamingResponse(iter(()), media_type=MEDIA_TYPE, headers=_AT_ONCE)
    told = follow(partial(room.ended, caller, subject_id), partial(room.events, caller, subject_id), after, pace)
    return StreamingResponse(told, media_type=MEDIA_TYPE, headers=_AT_ONCE)


async def follow(
    ended: Callable[[], bool], events_after: Callable[[int], Sequence[EventRecord]], after: int, pace: Pace
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


def _wire(event: EventRecord) -> bytes:
    data = json.dumps({"at": event.at.isoformat(), **event.data}, ensure_ascii=False)
    return f"id: {event.seq}\nevent: {event.name}\ndata: {data}\n\n".encode()


def _event_number(last_event_id: str | None) -> int:
    """The number in a Last-Event-ID header; 0, the beginning, without one."""
    if last_event_id is None or last_event_id == "":
        return 0
    if not re.fullmatch(r"[0-9]{1,15}", last_event_id):
        raise RequestError.told("api.invalid_header.event_number")
    return int(last_event_id)
