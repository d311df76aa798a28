"""What is possible but seldom meant: told to the office until it confirms it, and never in the way of anything."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Notice:
    """One thing to look at: where it is, its stable code, a sentence each in German and English.

    No part of it ever holds a personal value.
    """

    path: str
    code: str
    de: str
    en: str

    def to_json(self) -> dict[str, str]:
        """As answers and `bundle.json` tell it."""
        return {"path": self.path, "code": self.code, "detail": self.en, "detail_de": self.de}
