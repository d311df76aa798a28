"""Whether the service lives, and whether all it needs can be reached. The only addresses that need no token."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Literal

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel

from docservice.api.probes import Probe, failed
from docservice.api.problems import OK, UNAVAILABLE

router = APIRouter(prefix="/health", tags=["operations"])


class Live(BaseModel):
    """The only thing a living process says of itself."""

    status: Literal["ok"] = "ok"


class Readiness(BaseModel):
    """Each part the service needs, by name: "ok" or "unreachable"."""

    status: Literal["ok", "unavailable"]
    parts: dict[str, Literal["ok", "unreachable"]]


@router.get("/live")
async def live() -> Live:
    """The process answers. Looks at nothing else, so that a restart is never ordered for a fault elsewhere."""
    return Live()


@router.get("/ready", response_model=Readiness, responses={UNAVAILABLE: {"model": Readiness}})
def ready(request: Request) -> JSONResponse:
    """Database, blobs and broker can be reached (200), or which one cannot (503)."""
    probes: dict[str, Probe] = request.app.state.probes
    with ThreadPoolExecutor(max_workers=len(probes)) as pool:
        bad = dict(zip(probes, pool.map(failed, probes.values()), strict=True))
    answer = Readiness(
        status="unavailable" if any(bad.values()) else "ok",
        parts={name: "unreachable" if failure else "ok" for name, failure in bad.items()},
    )
    return JSONResponse(
        answer.model_dump(),
        status_code=UNAVAILABLE if any(bad.values()) else OK,
        headers={"Retry-After": "2"} if any(bad.values()) else None,
    )
