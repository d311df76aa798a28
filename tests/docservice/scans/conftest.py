"""Documents of one family, set once for the tests of reading."""

from __future__ import annotations

import pytest

from tests.support.scan_simulator import GeneratedDocument, documents


@pytest.fixture(scope="session")
def family() -> list[GeneratedDocument]:
    """Agreement, annex and help plan of a family, in German and other languages; dated."""
    return documents(3, ["01-miller"], undated=0.0)
