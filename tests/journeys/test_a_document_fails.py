"""One document cannot be made: its neighbours are, the caseworker sees which one failed and why, and tries again."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from docservice.bootstrap import build
from docservice.settings import PROJECT
from docservice.tools.process import Limits
from docservice.tools.typst import LaidOut, SupervisedTypst
from tests.support.breakers import EATS_MEMORY, HANGS, REFUSES
from tests.support.content import library
from tests.support.live_api import live_api, settings_in

TEMPLATES = PROJECT / "templates"
NARROW = Limits(seconds=1.0, memory_bytes=400 << 20)


class TwoEngines:
    """A typesetter that gives annexes to an engine with a fault, until that is mended, and all else to the real one."""

    def __init__(self, broken: tuple[str, ...]) -> None:
        self._sound = SupervisedTypst(TEMPLATES / "pdf", TEMPLATES / "fonts")
        self._broken = SupervisedTypst(TEMPLATES / "pdf", TEMPLATES / "fonts", NARROW, broken)
        self.mended = False

    def lay_out(self, layout: Path, data: Mapping[str, Any]) -> LaidOut:
        return self._engine(layout).lay_out(layout, data)

    def typeset(self, layout: Path, data: Mapping[str, Any]) -> bytes:
        return self._engine(layout).typeset(layout, data)

    def _engine(self, layout: Path) -> SupervisedTypst:
        return self._broken if "annex" in layout.parts and not self.mended else self._sound

    def close(self) -> None:
        self._sound.close()
        self._broken.close()


@pytest.mark.parametrize(
    ("engine", "code"),
    [(REFUSES, "typeset_failed"), (HANGS, "typeset_timeout"), (EATS_MEMORY, "typeset_memory")],
    ids=["refuses", "hangs", "eats memory"],
)
def test_the_neighbours_finish_and_a_retry_makes_the_rest(tmp_path: Path, engine: tuple[str, ...], code: str) -> None:
    typesetter = TwoEngines(engine)
    with live_api(tmp_path, build(settings_in(tmp_path), typesetter=typesetter, templates=library())) as api:
        bundle_id = api.new_bundle(api.new_case())
        bundle = api.finished(bundle_id)
        assert bundle["state"] == "partly_failed"
        assert bundle["print_set"] is None
        agreement, annex, help_plan = bundle["documents"]
        assert (agreement["state"], annex["state"], help_plan["state"]) == ("ready", "failed", "ready")
        assert annex["error"]["code"] == code
        assert annex["error"]["detail"]
        assert annex["error"]["detail_de"]
        assert "Miller" not in str(annex["error"])
        before = api.client.get(agreement["pdf"]).body

        typesetter.mended = True
        retried = api.client.request("POST", f"/api/v1/bundles/{bundle_id}/retry")
        assert (retried.status, retried.headers["location"]) == (202, f"/api/v1/bundles/{bundle_id}")
        bundle = api.finished(bundle_id)
        assert bundle["state"] == "ready"
        assert bundle["print_set"] is not None
        assert bundle["documents"][0] == agreement
        assert api.client.get(agreement["pdf"]).body == before
        assert api.client.get(bundle["documents"][1]["pdf"]).body.startswith(b"%PDF-")
