"""`docservice bench`: the side-by-side benchmarks of benchmarks/."""

from __future__ import annotations

import runpy
import sys
from typing import Annotated

from cyclopts import Parameter

from docservice.domain.errors import DocserviceError
from docservice.settings import PROJECT


def bench(*arguments: Annotated[str, Parameter(allow_leading_hyphen=True)]) -> int:
    """Measure this service against its peers in one run and print the ratios.

    Parameters
    ----------
    arguments
        Passed on; --json FILE writes the figures.
    """
    folder = PROJECT / "benchmarks"
    if not (folder / "__main__.py").is_file():
        raise DocserviceError.told("commands.no_benchmarks")
    sys.path.insert(0, str(PROJECT))
    sys.argv = ["benchmarks", *arguments]
    runpy.run_module("benchmarks", run_name="__main__", alter_sys=True)
    return 0
