"""One running API for the tests of this folder that only talk to it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.live_api import LiveApi, live_api


@pytest.fixture(scope="module")
def api(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveApi]:
    """The real API on a loopback port; jobs wait until a test runs them."""
    with live_api(tmp_path_factory.mktemp("api")) as live:
        yield live
