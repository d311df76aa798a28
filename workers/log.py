"""How worker and relay write their log: one JSON object a line on standard error, codes and ids only."""

from __future__ import annotations

import sys

from celery import signals

from docservice.tools.logs import configure, take_over_libraries


def configure_log() -> None:
    """Once per program, at its entrance."""
    configure(sys.stderr)
    take_over_libraries()
    signals.setup_logging.connect(_nothing_more, weak=False)  # or Celery would add handlers of its own


def _nothing_more(**_: object) -> None:
    """All is set up."""
