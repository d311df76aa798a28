"""`docservice demo`: the main job from nothing, once."""

from __future__ import annotations

from pathlib import Path


def demo(*, keep: Path | None = None) -> int:
    """Start everything in a private folder, make the bundle of an invented family through the API, show what was made.

    Parameters
    ----------
    keep
        Put the files here instead of a new folder for temporary files.
    """
    from docservice.demo import run

    return run(keep)
