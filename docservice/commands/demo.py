"""`docservice demo`: the main job from nothing, once."""

from __future__ import annotations

from pathlib import Path


def demo(*, keep: Path | None = None) -> int:
    """Start everything in a private folder, make a bundle, sign and scan it, archive it, and show what happened.

    Parameters
    ----------
    keep
        Put the files here instead of a new folder for temporary files.
    """
    from docservice.demo.walk import run

    return run(keep)
