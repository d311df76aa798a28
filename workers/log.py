"""How worker and relay write their log: one JSON object a line on standard error, codes and ids only."""

from __future__ import annotations

import sys

from docservice.tools.logs import configure


def configure_log() -> None:
    """Once per program, at its entrance."""
    configure(sys.stderr)
