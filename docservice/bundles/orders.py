"""What can be ordered, and every fault an order can have."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from docservice.domain.errors import Fault
from docservice.domain.languages import GERMAN, LANGUAGES

COPIES = ("city", "family")  # Exemplar der Stadt, Exemplar der Familie


@dataclass(frozen=True, slots=True)
class BundleOrder:
    """What the caseworker asks for. `languages` starts with "de"; `copies` are printed in this order."""

    languages: tuple[str, ...]
    copies: tuple[str, ...] = COPIES
    duplex: bool = True
    cover: bool = False
    queue: str = "interactive"

    def options(self) -> dict[str, object]:
        """What is kept with the bundle besides its languages."""
        return {"copies": list(self.copies), "duplex": self.duplex, "cover": self.cover, "queue": self.queue}


def order_faults(order: BundleOrder) -> Sequence[Fault]:
    """Every fault of the order that can be seen without a template."""
    faults: list[Fault] = []
    if not order.languages or order.languages[0] != GERMAN.code or len(order.languages) > 2:
        faults.append(
            Fault(
                "languages",
                "german_first",
                "Die Sprachen beginnen mit de; höchstens eine zweite Sprache kann folgen.",
                "The languages start with de; at most one second language may follow.",
                '["de", "ru"]',
            )
        )
    for position, code in enumerate(order.languages):
        if code not in LANGUAGES or (position > 0 and code == GERMAN.code):
            faults.append(
                Fault(
                    f"languages[{position}]",
                    "unknown_language",
                    f"Als zweite Sprache gibt es {', '.join(code for code in LANGUAGES if code != 'de')}.",
                    f"The second language is one of {', '.join(code for code in LANGUAGES if code != 'de')}.",
                    "ru",
                )
            )
    if not order.copies or not set(order.copies) <= set(COPIES) or len(set(order.copies)) < len(order.copies):
        faults.append(
            Fault(
                "copies",
                "unknown_copy",
                "Exemplare sind city und family, jedes höchstens einmal und mindestens eines.",
                "Copies are city and family, each at most once and at least one of them.",
                '["city", "family"]',
            )
        )
    return faults
