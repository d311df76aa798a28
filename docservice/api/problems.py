"""Errors as `application/problem+json` (RFC 9457), in German and English. The only place with HTTP status codes."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict
from http import HTTPStatus
from typing import Any, Self

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from starlette.exceptions import HTTPException
from starlette.routing import Match

from docservice.domain.errors import Conflict, DocserviceError, Fault, InvalidInput, NotFound
from docservice.domain.text.messages import Sentence, say

CREATED = HTTPStatus.CREATED.value
ACCEPTED = HTTPStatus.ACCEPTED.value
NO_CONTENT = HTTPStatus.NO_CONTENT.value
OK = HTTPStatus.OK.value
PARTIAL = HTTPStatus.PARTIAL_CONTENT.value
NOT_MODIFIED = HTTPStatus.NOT_MODIFIED.value
UNAVAILABLE = HTTPStatus.SERVICE_UNAVAILABLE.value

MEDIA_TYPE = "application/problem+json"

# Codes whose status does not follow from the class of the error.
_BY_CODE: dict[str, HTTPStatus] = {
    "malformed_json": HTTPStatus.BAD_REQUEST,
    "malformed_multipart": HTTPStatus.BAD_REQUEST,
    "upload_broken_off": HTTPStatus.BAD_REQUEST,
    "invalid_header": HTTPStatus.BAD_REQUEST,
    "unauthenticated": HTTPStatus.UNAUTHORIZED,
    "unknown_route": HTTPStatus.NOT_FOUND,
    "blob_missing": HTTPStatus.INTERNAL_SERVER_ERROR,  # bytes the database promises are gone: our fault
    "method_not_allowed": HTTPStatus.METHOD_NOT_ALLOWED,
    "stale_revision": HTTPStatus.PRECONDITION_FAILED,
    "unknown_revision": HTTPStatus.PRECONDITION_FAILED,
    "weak_etag": HTTPStatus.PRECONDITION_FAILED,
    "etag_mismatch": HTTPStatus.PRECONDITION_FAILED,
    "body_too_large": HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    "too_many_files": HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    "archive_erased": HTTPStatus.GONE,
    "unsupported_media_type": HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    "range_not_satisfiable": HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE,
    "precondition_required": HTTPStatus.PRECONDITION_REQUIRED,
}

_PARAMETERS: Mapping[str, str] = {
    "missing": "pieces.parameter_missing",
    "int_parsing": "pieces.parameter_no_number",
    "greater_than_equal": "pieces.parameter_too_small",
    "less_than_equal": "pieces.parameter_too_large",
}
"""What is said in German of a parameter; in English the framework says it itself, and more exactly."""


class RequestError(DocserviceError):
    """A fault of the HTTP request itself (header, media type, size); `headers` go with the answer."""

    def __init__(
        self,
        code: str,
        detail: str,
        detail_de: str | None = None,
        headers: Mapping[str, str] | None = None,
        *,
        retryable: bool = False,
    ) -> None:
        super().__init__(code, detail, detail_de=detail_de, retryable=retryable)
        self.headers = dict(headers or {})

    def with_headers(self, headers: Mapping[str, str] | None) -> Self:
        """The error, with these headers in its answer, too."""
        self.headers |= headers or {}
        return self


def install(app: FastAPI) -> None:
    """Answer every error of the application as a problem document."""
    app.add_exception_handler(DocserviceError, _on_domain_error)
    app.add_exception_handler(RequestValidationError, _on_invalid_parameter)
    app.add_exception_handler(HTTPException, _on_http_error)


def internal_error(languages: str) -> Response:
    """The answer to an unforeseen failure: nothing of the failure itself, which may hold personal values."""
    error = DocserviceError.told("api.internal_error")
    return problem(error, languages)


def problem(error: DocserviceError, languages: str) -> JSONResponse:
    """The problem document of an error; `languages` is the request's Accept-Language value."""
    status = _status(error)
    german = prefers_german(languages)
    title = say(f"pieces.status_{status}")
    content: dict[str, Any] = {
        "type": f"urn:docservice:problem:{error.code}",
        "title": title.de if german else title.en,
        "status": status,
        "detail": error.detail_de if german else error.detail,
        "code": error.code,
        "de": {"title": title.de, "detail": error.detail_de},
        "en": {"title": title.en, "detail": error.detail},
    }
    if isinstance(error, InvalidInput):
        content["faults"] = [asdict(fault) for fault in error.faults]
    headers = {"Content-Language": "de" if german else "en", "Vary": "Accept-Language"}
    headers.update(getattr(error, "headers", {}))
    if status == HTTPStatus.SERVICE_UNAVAILABLE:
        headers.setdefault("Retry-After", "2")
    return JSONResponse(content, status_code=status, headers=headers, media_type=MEDIA_TYPE)


def prefers_german(languages: str) -> bool:
    """Whether an Accept-Language value ranks German before English; German is the office's default."""
    ranks = {"de": 0.0, "en": 0.0, "*": 0.0}
    for part in languages.split(","):
        tag, _, parameters = part.strip().partition(";")
        quality = re.fullmatch(r"\s*q=(0(?:\.\d{0,3})?|1(?:\.0{0,3})?)\s*", parameters)
        primary = tag.strip().lower().partition("-")[0]
        if primary in ranks:
            ranks[primary] = max(ranks[primary], float(quality[1]) if quality else 1.0)
    return ranks["de"] >= ranks["en"]


def _status(error: DocserviceError) -> int:
    if error.code in _BY_CODE:
        return _BY_CODE[error.code].value
    if isinstance(error, InvalidInput):
        return HTTPStatus.UNPROCESSABLE_ENTITY.value
    if isinstance(error, NotFound):
        return HTTPStatus.NOT_FOUND.value
    if isinstance(error, Conflict):
        return HTTPStatus.CONFLICT.value
    if error.retryable:
        return HTTPStatus.SERVICE_UNAVAILABLE.value
    return HTTPStatus.INTERNAL_SERVER_ERROR.value


def _on_domain_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, DocserviceError)
    return problem(error, request.headers.get("accept-language", ""))


def _on_invalid_parameter(request: Request, error: Exception) -> Response:
    """Query and header parameters; bodies never come here (`bodies.py` reads them)."""
    assert isinstance(error, RequestValidationError)
    faults = []
    for item in error.errors():
        expected = item.get("ctx", {}).get("expected")
        said = say(_PARAMETERS.get(item["type"], "pieces.parameter_other"))
        if expected:
            said = say("pieces.parameter_choice", expected=_choices(expected))
        faults.append(
            Fault(
                path=".".join(str(step) for step in item["loc"]),
                code=item["type"],
                de=said.de,
                en=f"{item['msg']}.",
                example=expected.split("'")[1] if expected and "'" in expected else None,
            )
        )
    return problem(InvalidInput(faults), request.headers.get("accept-language", ""))


def _choices(expected: str) -> Sentence:
    return Sentence("choices", expected.replace(" or ", " oder "), expected)


def _on_http_error(request: Request, error: Exception) -> Response:
    """What the router itself refuses."""
    assert isinstance(error, HTTPException)
    if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
        found = RequestError.told("api.method_not_allowed").with_headers({"Allow": ", ".join(_methods_here(request))})
    elif error.status_code == HTTPStatus.NOT_FOUND:
        found = RequestError.told("api.unknown_route")
    else:
        found = RequestError.told("api.malformed_json").with_headers(error.headers)
    return problem(found, request.headers.get("accept-language", ""))


def _methods_here(request: Request) -> list[str]:
    """All methods of the address asked for; the router itself names those of the first route only."""
    routes = request.app.routes
    return [
        name
        for method, names in (("GET", ("GET", "HEAD")), ("POST", ("POST",)), ("PATCH", ("PATCH",)))
        if any(route.matches({**request.scope, "method": method})[0] is Match.FULL for route in routes)
        for name in names
    ]
