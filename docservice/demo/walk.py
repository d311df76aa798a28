"""The demo: start everything, go with one family from the agreement to the report, and show what happened."""

from __future__ import annotations

import json
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from docservice.client import ApiClient
from docservice.demo import show
from docservice.demo.circle import Returned, bring_back
from docservice.demo.orders import download, order
from docservice.demo.story import Story, go_on
from docservice.embedded import EmbeddedStack
from docservice.settings import PROJECT, Settings

_CASE = PROJECT / "fixtures" / "cases" / "01-miller.json"


@dataclass
class Demo:
    """Where the files go, and how long each step took."""

    out: Path
    seconds: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """Tell the step, and count its seconds."""
        print(f"{name} ...", file=sys.stderr, flush=True)
        started = time.perf_counter()
        yield
        self.seconds[name] = time.perf_counter() - started


def run(keep: Path | None = None) -> int:
    """Run the demo; its files stay in `keep` or in a new folder for temporary files. 0 when all of it was made."""
    folder = Path(tempfile.mkdtemp(prefix="docservice-demo-"))
    demo = Demo(keep.absolute() if keep else folder / "files")
    try:
        demo.out.mkdir(parents=True, exist_ok=True)
        settings = Settings.from_environment(
            {"DOCSERVICE_DATA_DIR": str(folder / "data"), "DOCSERVICE_PORT": "0", "DOCSERVICE_WARM_UP": "no"}
        )
        stack = EmbeddedStack(settings)
        with demo.step("start API, relay, worker and broker"):
            stack.start()
        try:
            client = ApiClient(stack.url, stack.token_file.read_text("ascii").strip())
            bundle = _make(demo, client)
            returned = bring_back(demo, client, bundle)
            story = go_on(demo, client, bundle["case_id"])
        finally:
            with demo.step("stop all of it"):
                stack.stop()
    finally:
        shutil.rmtree(folder / "data", ignore_errors=True)
        if keep:
            shutil.rmtree(folder, ignore_errors=True)
    _show(demo, bundle, returned, story)
    return 0


def _make(demo: Demo, client: ApiClient) -> Mapping[str, Any]:
    with demo.step("hand in the case of an invented family"):
        case = client.post("/api/v1/cases", json.loads(_CASE.read_text("utf-8"))).json
    with demo.step("order its bundle and follow it until it is ready"):
        bundle = order(client, f"/api/v1/cases/{case['case_id']}")
    with demo.step("download Word, PDF and print set"):
        download(client, bundle, demo.out, "bundle.pdf")
    return bundle


def _show(demo: Demo, bundle: Mapping[str, Any], returned: Returned, story: Story) -> None:
    from rich.console import Console

    console = Console(markup=False)  # a folder may be called "[red]"
    console.print(show.ledger(returned.before, "After the first scan"))
    console.print(show.ledger(returned.after, "After the missing page came"))
    console.print(show.signatures(returned.questions))
    console.print(show.archived([*returned.packages, *story.packages]))
    console.print(show.changes(story.draft))
    console.print(show.report(story.report))
    console.print(show.times(demo.seconds))
    console.print(show.made(demo.out, [bundle, story.annex, story.plan], story.record))
    console.print(f"The files are in {demo.out}", soft_wrap=True)
