"""What is possible but seldom meant: told to the office until it confirms it, and never in the way of anything."""

from __future__ import annotations

from dataclasses import dataclass

from docservice.domain.text.messages import say


@dataclass(frozen=True, slots=True)
class Notice:
    """One thing to look at: where it is, its stable code, one sentence each in English and German.

    No part of it ever holds a personal value. Answers and `bundle.json` tell it as it is.
    """

    path: str
    code: str
    detail: str
    detail_de: str

    @classmethod
    def told(cls, path: str, key: str, /, **values: object) -> Notice:
        """The notice with the code and the sentences of a key of the catalogues (see `messages`)."""
        said = say(key, **values)
        return cls(path, said.code, said.en, said.de)
