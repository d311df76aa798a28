"""What is ordered in the demo, followed until it is made, and its files."""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, Protocol

from docservice.client import ApiClient
from docservice.domain.errors import DocserviceError
from docservice.domain.languages import ORDERED
from docservice.domain.text.messages import Sentence, say


class Steps(Protocol):
    """Where the files go, and who is told what is done."""

    out: Path

    def step(self, name: str) -> AbstractContextManager[None]:
        """Tell the step, and count its seconds."""
        ...


def file_name(document: Mapping[str, Any]) -> str:
    """What the files of a document are called, without an ending: by its kind, and its number from the second on."""
    number = document["number"]
    return f"{document['kind']}-{number}" if number > 1 else str(document["kind"])


def order(client: ApiClient, case: str, documents: Sequence[Mapping[str, Any]] = ()) -> Mapping[str, Any]:
    """A bundle of the case at that address, made; of these documents, or the usual ones. DocserviceError when it is
    not ready."""
    named = {"documents": list(documents)} if documents else {}
    accepted = client.post(f"{case}/bundles", {"languages": list(ORDERED), **named}).json
    for event in client.events(accepted["events"]):
        print(f"  {event.name} {event.data.get('kind', '')}".rstrip(), file=sys.stderr, flush=True)
    bundle: Mapping[str, Any] = client.get(accepted["bundle"]).json
    if bundle["state"] != "ready":
        raise _not_ready(bundle)
    return bundle


def download(client: ApiClient, bundle: Mapping[str, Any], out: Path, print_set: str) -> None:
    """Word and PDF of each document, and the print set under that name, each with the digest it should have."""
    for document in bundle["documents"]:
        for ending in ("docx", "pdf"):
            data = _checked(client.get(document[ending]).body, document["sha256"][ending])
            (out / f"{file_name(document)}.{ending}").write_bytes(data)
    printed = bundle["print_set"]
    (out / print_set).write_bytes(_checked(client.get(printed["href"]).body, printed["sha256"]))


def make(demo: Steps, client: ApiClient, case: str, documents: Sequence[Mapping[str, Any]]) -> Mapping[str, Any]:
    """These documents of the case, ordered and downloaded."""
    bundle = order(client, case, documents)
    download(client, bundle, demo.out, f"bundle-{file_name(bundle['documents'][0])}.pdf")
    return bundle


def _checked(data: bytes, sha256: str) -> bytes:
    if hashlib.sha256(data).hexdigest() != sha256:
        raise DocserviceError.told("demo.digest_mismatch")
    return data


def _not_ready(bundle: Mapping[str, Any]) -> DocserviceError:
    failed = next((document for document in bundle["documents"] if document["error"]), None)
    if failed is None:
        why = say("pieces.its_state", state=bundle["state"])
    else:
        why = Sentence(failed["error"]["code"], failed["error"]["detail_de"], failed["error"]["detail"])
    return DocserviceError.told("demo.demo_failed.bundle", why=why)
