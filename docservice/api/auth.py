"""Bearer tokens (RFC 6750): who asks. Everything but the health checks and the schema needs one."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from docservice.api.problems import RequestError
from docservice.bootstrap import Services
from docservice.domain.actors import Actor

_scheme = HTTPBearer(auto_error=False, scheme_name="token", description="A token of `docservice token create`.")


async def services_of(request: Request) -> Services:
    """The parts of this installation. (Not `def`: what never waits needs no thread.)"""
    services: Services = request.app.state.services
    return services


Parts = Annotated[Services, Depends(services_of)]
"""All services, as a route takes them."""


def authenticate(
    services: Parts, credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(_scheme)]
) -> Actor:
    """Whoever's token came with the request; 401 without a valid one."""
    actor = services.accounts.authenticate(credentials.credentials) if credentials else None
    if actor is not None:
        return actor
    challenge = 'Bearer realm="docservice"' + (', error="invalid_token"' if credentials else "")
    raise RequestError.told("api.unauthenticated").with_headers({"WWW-Authenticate": challenge})


Caller = Annotated[Actor, Depends(authenticate)]
