"""Stored bytes as they are handed out."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class StoredFile:
    """Where stored bytes are and how to hand them out; the file name holds nothing personal."""

    key: str
    sha256: str
    media_type: str
    filename: str
