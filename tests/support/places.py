"""Names that folders have, each with signs that mean something somewhere: in an address, a shell, a list of paths."""

from __future__ import annotations

NAMES = (
    "mit Leerzeichen",
    " vorn und hinten ",
    "Amt #50",
    "Fälle?neu",
    "a&b=c;d",
    "x%20y",
    "100%",
    "%2e%2e",
    "$HOME `id` $(id)",
    """\"doppelt\" und 'einfach'""",
    "rück\\wärts",
    "-rf",
    "zwei\nZeilen",
    "a:b@c",
    "[1] *",
    "{x}|~!^,",
    "Fa\u0308lle",  # decomposed, as some systems write it
    "Дело №7 ملف",
    "sehr lang " * 20,
)
