"""The demo: start everything, make one family's bundle through the API, bring it back signed, show what happened."""

from __future__ import annotations

import hashlib
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
from docservice.domain.errors import DocserviceError
from docservice.domain.languages import ORDERED
from docservice.domain.text.messages import Sentence, say
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
        finally:
            with demo.step("stop all of it"):
                stack.stop()
    finally:
        shutil.rmtree(folder / "data", ignore_errors=True)
        if keep:
            shutil.rmtree(folder, ignore_errors=True)
    _show(demo, bundle, returned)
    return 0


def _make(demo: Demo, client: ApiClient) -> Mapping[str, Any]:
    with demo.step("hand in the case of an invented family"):
        case = client.post("/api/v1/cases", json.loads(_CASE.read_text("utf-8"))).json
    with demo.step("order its bundle and follow it until it is ready"):
        accepted = client.post(f"/api/v1/cases/{case['case_id']}/bundles", {"languages": list(ORDERED)}).json
        for event in client.events(accepted["events"]):
            print(f"  {event.name} {event.data.get('kind', '')}".rstrip(), file=sys.stderr, flush=True)
        bundle: Mapping[str, Any] = client.get(accepted["bundle"]).json
    if bundle["state"] != "ready":
        raise _not_ready(bundle)
    with demo.step("download Word, PDF and print set"):
        for document in bundle["documents"]:
            for ending in ("docx", "pdf"):
                data = _checked(client.get(document[ending]).body, document["sha256"][ending])
                (demo.out / f"{document['kind']}.{ending}").write_bytes(data)
        print_set = bundle["print_set"]
        (demo.out / "bundle.pdf").write_bytes(_checked(client.get(print_set["href"]).body, print_set["sha256"]))
    return bundle


def _checked(data: bytes, sha256: str) -> bytes:
    if hashlib.sha256(data).hexdigest() != sha256:
        raise DocserviceError.told("demo.digest_mismatch")
    return data


def _show(demo: Demo, bundle: Mapping[str, Any], returned: Returned) -> None:
    from rich.console import Console

    console = Console(markup=False)  # a folder may be called "[red]"
    console.print(show.made(demo.out, bundle))
    console.print(show.ledger(returned.before, "After the first scan"))
    console.print(show.ledger(returned.after, "After the missing page came"))
    console.print(show.signatures(returned.questions))
    console.print(show.archived(returned.packages))
    console.print(show.times(demo.seconds))
    console.print(f"The files are in {demo.out}", soft_wrap=True)


def _not_ready(bundle: Mapping[str, Any]) -> DocserviceError:
    failed = next((document for document in bundle["documents"] if document["error"]), None)
    if failed is None:
        why = say("pieces.its_state", state=bundle["state"])
    else:
        why = Sentence(failed["error"]["code"], failed["error"]["detail_de"], failed["error"]["detail"])
    return DocserviceError.told("demo.demo_failed.bundle", why=why)
