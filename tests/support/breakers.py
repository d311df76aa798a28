"""Typesetting engines that misbehave, to be handed in where the real one goes: as parts, nothing is patched.

Each command speaks the frames of `docservice.tools.process.serve` as far as its fault allows.
"""

from __future__ import annotations

import sys

_LOOP = "import sys, time, json, os; from docservice.tools.process import serve, die_with_parent\n"
_ANSWER = "serve(answer, sys.stdin.buffer, sys.stdout.buffer)"


def _engine(body: str) -> tuple[str, ...]:
    lines = "\n".join(f"    {line}" for line in body.splitlines())
    return (sys.executable, "-c", f"{_LOOP}die_with_parent()\ndef answer(header, body):\n{lines}\n{_ANSWER}")


HANGS = _engine("while True: time.sleep(1)")
SPINS = _engine("while True: pass")
EATS_MEMORY = _engine("kept = []\nwhile True: kept.append(bytearray(16 << 20)); time.sleep(0.005)")
CRASHES = _engine("os.abort()")
LEAVES = _engine("os._exit(3)")
REFUSES = _engine("return {'error': 'unknown variable at common/2026-01.typ:12'}, b''")
ECHOES = _engine("return {'pid': os.getpid(), **header}, body")
HANGS_ONCE = _engine(  # hangs on documents whose reference says so, answers all others
    "while header.get('hang'): time.sleep(1)\nreturn {'pid': os.getpid()}, body"
)
HANGS_WITH_CHILD = _engine("import subprocess\nsubprocess.Popen(['sleep', '987'])\nwhile True: time.sleep(1)")
MISSING = ("/nonexistent/engine",)
