"""The JSON API as one ASGI application, built from the parts of an installation."""

from __future__ import annotations

from collections.abc import Mapping

from fastapi import APIRouter, Depends, FastAPI

from docservice.api import problems, schema
from docservice.api.auth import authenticate
from docservice.api.events import Pace
from docservice.api.middleware import RequestEnvelope
from docservice.api.probes import Probe
from docservice.api.routes import (
    archive,
    bundles,
    cases,
    documents,
    health,
    partners,
    persons,
    records,
    reports,
    reviews,
    scans,
)
from docservice.bootstrap import Services
from docservice.cases.intake import case_schema
from docservice.cases.record.schemas import record_schemas
from docservice.tools.logs import Logger

ROOT = "/api/v1"
_ABOUT = (
    "Bilingual integration agreements, annexes and help plans from case data, and their signed scans. Errors are "
    "`application/problem+json` in German and English; every operation but the health checks needs a bearer token."
)


def create_app(services: Services, probes: Mapping[str, Probe], log: Logger, pace: Pace | None = None) -> FastAPI:
    """The application; `probes` are what `/health/ready` asks, `pace` is that of the event streams."""
    app = FastAPI(
        title="docservice",
        version="1",
        description=_ABOUT,
        openapi_url=f"{ROOT}/openapi.json",
        docs_url=None,  # would load scripts from elsewhere
        redoc_url=None,
        redirect_slashes=False,
        # spans and logs of the framework would carry addresses and the messages of exceptions
        telemetry={"tracing": False, "metrics": False, "logs": False, "auto_configure": False},
        generate_unique_id_function=lambda route: route.name,
    )
    app.state.services = services
    app.state.probes = dict(probes)
    app.state.pace = pace or Pace()
    protected = APIRouter(dependencies=[Depends(authenticate)])
    for room in (cases, records, partners, persons, bundles, documents, scans, reviews, archive, reports):
        protected.include_router(room.router)
    app.include_router(protected, prefix=ROOT)
    app.include_router(health.router, prefix=ROOT)
    problems.install(app)
    schema.install(app, case_schema(schema.REFERENCE), record_schemas(schema.REFERENCE))
    app.add_middleware(RequestEnvelope, log=log, ids=services.ids)
    return app
