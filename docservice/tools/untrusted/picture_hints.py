"""What was odd about a file or a page that is read nevertheless, or what of it is not read: one sentence each."""

from __future__ import annotations

from docservice.domain.text.messages import Sentence, catalogue, say

_ROOM = "hints."
HINTS = frozenset(key.removeprefix(_ROOM) for key in catalogue("en") if key.startswith(_ROOM))


def hint_sentence(code: str, page: int | None) -> Sentence:
    """The sentence for a code; `page` counts from 0, None is the file as a whole."""
    return say(f"hints.{code}", who=file_or_page(page))


def file_or_page(page: int | None) -> Sentence:
    """Whom a sentence about a file is of; `page` counts from 0, None is the file as a whole."""
    return say("pieces.the_file") if page is None else say("pieces.the_page", number=page + 1)
