"""The frames that a child process tells: two lengths (big-endian, 4 bytes each), a JSON header, and bytes.

Imports next to nothing, so that a child starts quickly.
"""

from __future__ import annotations

import json
import os
import struct
from collections.abc import Mapping
from typing import Any

FRAME = struct.Struct(">II")
_STDOUT = 1


def tell(header: Mapping[str, Any], body: bytes | memoryview = b"") -> None:
    """Write one frame to the standard output, whole."""
    encoded = json.dumps(header).encode()
    for part in (FRAME.pack(len(encoded), len(body)) + encoded, body):
        rest = memoryview(part)
        while rest:
            rest = rest[os.write(_STDOUT, rest) :]
