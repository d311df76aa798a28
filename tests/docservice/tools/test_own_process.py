"""The end of a process of this machine is known at once, and of no other."""

from __future__ import annotations

import subprocess
import sys

import pytest

from docservice.tools.own_process import identity, surely_ended
from tests.support.wait import wait_until


def test_a_process_has_ended_when_it_has_and_not_before() -> None:
    program = "from docservice.tools.own_process import identity; print(identity(), flush=True); input()"
    process = subprocess.Popen([sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert process.stdout is not None
    name = process.stdout.readline().decode().strip()
    assert not surely_ended(name)
    process.kill()
    wait_until(lambda: surely_ended(name), 10, "its death being known before it is buried", pause=0.01)
    process.communicate(timeout=10)
    assert surely_ended(name)


@pytest.mark.parametrize("part", [0, 3, 4])
def test_of_another_machine_or_container_nothing_is_known(part: int) -> None:
    host, pid, _, *numbered_by = identity().split("/")
    name = [host, pid, "1", *numbered_by]
    assert surely_ended("/".join(name)), "the number was given to another process since"
    name[part] += "x"
    assert not surely_ended("/".join(name))
    assert not surely_ended(f"{host}:{pid}")
