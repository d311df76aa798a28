"""What every problem document has to look like."""

from __future__ import annotations

from docservice.client import Answer


def check_problem(answer: Answer, status: int, code: str) -> None:
    """The answer is the problem document of this status and code, in both languages, with the security headers."""
    assert (answer.status, answer.json["code"], answer.json["status"]) == (status, code, status)
    assert answer.headers["content-type"] == "application/problem+json"
    for language in ("de", "en"):
        assert answer.json[language]["title"]
        assert answer.json[language]["detail"]
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["x-request-id"]
