"""A frame is told whole, however little the pipe takes at a time."""

from __future__ import annotations

import json
import sys

from docservice.tools.child.frames import FRAME
from docservice.tools.process import run

_TELLS = "from docservice.tools.child.frames import tell; tell({'page': 3}, memoryview(bytes(5_000_000))); tell({})"


def test_frames_are_told_whole_one_after_the_other() -> None:
    told = run([sys.executable, "-c", _TELLS], seconds=20).stdout
    header, body = FRAME.unpack_from(told)
    assert json.loads(told[FRAME.size : FRAME.size + header]) == {"page": 3}
    rest = told[FRAME.size + header :]
    assert rest[:body] == bytes(5_000_000)
    assert rest[body:] == FRAME.pack(2, 0) + b"{}"
