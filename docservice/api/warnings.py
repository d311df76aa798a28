"""What an answer tells besides what was asked: possible, but seldom meant."""

from __future__ import annotations

from collections.abc import Iterable

from pydantic import BaseModel

from docservice.domain.notices import Notice


class WarningAnswer(BaseModel):
    """One thing to look at: where, a stable code, one sentence each in English and German."""

    path: str
    code: str
    detail: str
    detail_de: str


def warnings_of(notices: Iterable[Notice]) -> list[WarningAnswer]:
    """The notices as the API tells them."""
    return [
        WarningAnswer(path=notice.path, code=notice.code, detail=notice.en, detail_de=notice.de) for notice in notices
    ]
