"""The steps of a bundle as server-sent events (WHATWG HTML, "Server-sent events")."""

from __future__ import annotations

import json
import re
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass

import anyio
from fastapi.concurrency import run_in_threadpool

from docservice.api.problems import RequestError
from docservice.bundles.service import BundleService
from docservice.db.records import EventRecord

_MAX_STEP_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Pace:
    """How often a follower's bundle is looked at, and after how long without news it hears a sign of life.

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
            "Last-Event-ID is the id of an event of this bundle: a whole number.",
            "Last-Event-ID ist die Nummer eines Ereignisses dieses Bündels: eine ganze Zahl.",
        )
    return int(last_event_id)


async def follow(bundles: BundleService, bundle_id: str, after: int, pace: Pace) -> AsyncIterator[bytes]:
    """Every event after number `after`, as it happens; ends once the bundle is finished and all was told.

    Not a plain generator: a follower who waits must not hold a thread, of which there are few.
    """
    started = last_sign = time.monotonic()
    step = pace.look_seconds
    yield b"retry: 1000\n\n"
    while time.monotonic() - started < pace.longest_seconds:
        # the state is read before the events, so that an end seen here has its event among them
        final = (await run_in_threadpool(bundles.get, bundle_id)).final
        events = await run_in_threadpool(bundles.events, bundle_id, after)
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
