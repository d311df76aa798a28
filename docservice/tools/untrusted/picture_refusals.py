"""Why a file or a page is not read: one sentence for each reason."""

from __future__ import annotations

from docservice.domain.text.messages import Sentence, say
from docservice.tools.child.decoded import BILEVEL
from docservice.tools.untrusted.picture_hints import file_or_page


def refusal(code: str, page: int | None, found: float, limit: float, kind: str) -> Sentence:
    """The sentence for a code; `page` counts from 0, None is the file as a whole."""
    return say(
        f"pictures.{code}",
        who=file_or_page(page),
        found=_number(code, found),
        limit=_number(code, limit),
        more=_number(code, limit * BILEVEL),
        kind=say(f"pieces.file_kind_{kind.replace(' ', '_').lower()}"),
    )


def _number(code: str, value: float) -> Sentence:
    scale = {"file_too_large": 1 << 20, "too_many_pixels": 1_000_000}.get(code, 1)
    number = f"{value / scale:.1f}".removesuffix(".0")
    return Sentence("number", number.replace(".", ","), number)
