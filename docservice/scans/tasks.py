"""The names of the room's tasks."""

from __future__ import annotations

OPEN_TASK = "scans.open"  # a file
READ_TASK = "scans.read"  # a part
SETTLE_TASK = "scans.settle"  # an upload
REREAD_TASK = "scans.reread"  # a page
RESCUE_TASK = "scans.rescue"  # a moment
SWEEP_TASK = "scans.sweep"  # a night
