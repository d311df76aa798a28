"""No letter of a name is lost: from the JSON of the API through database and documents into what readers copy out."""

from __future__ import annotations

import io
import re
import unicodedata
from collections.abc import Iterator, Sequence
from typing import Any, Literal

import pypdf
import pypdfium2
import pytest

from docservice.domain.text.din91379 import LETTERS
from tests.support.actors import SOMEBODY
from tests.support.fixtures import load_case, load_names
from tests.support.live_api import LiveApi, live_api
from tests.support.word_files import texts

NAMES = [str(name["name"]) for name in load_names()["valid"]]
EACH = 20  # letters in a name, with spaces between them
PARTIES = 20  # at most in a case


@pytest.fixture(scope="module")
def api(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveApi]:
    with live_api(tmp_path_factory.mktemp("letters")) as live:
        yield live


def lettered() -> list[str]:
    """All 649 letters of DIN 91379, as names."""
    letters = sorted(LETTERS)
    assert len(letters) == 649
    return [" ".join(letters[start : start + EACH]) for start in range(0, len(letters), EACH)]


def case_of(names: Sequence[str], form: Literal["NFC", "NFD"]) -> dict[str, Any]:
    """A case whose parties have these names, two each, in this Unicode form."""
    pairs = [names[at : at + 2] for at in range(0, len(names), 2)]
    persons = [
        {
            "id": f"p{number}",
            "legal_family_name": unicodedata.normalize(form, pair[0]),
            "legal_given_names": unicodedata.normalize(form, pair[-1]),
            "birth_date": "1980-01-01",
        }
        for number, pair in enumerate(pairs)
    ]
    case = load_case("06-sommer")
    case["agreement"] |= {"parties": [str(person["id"]) for person in persons]}
    case["annex"], case["help_plan"] = {"number": 1}, {"version": 1}
    return {name: case[name] for name in ("case_number", "agreement", "annex", "help_plan")} | {"persons": persons}


def read_by(pdf: bytes) -> dict[str, str]:
    """The text of a PDF, by who reads it."""
    document = pypdfium2.PdfDocument(pdf)
    pdfium = "\n".join(page.get_textpage().get_text_range() for page in document)
    document.close()
    return {
        "pypdf": "\n".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(pdf)).pages),
        "pdfium": pdfium,
    }


def bare(text: str) -> str:
    """NFC without blanks and hyphens: where a line ends is the layout's business."""
    return re.sub(r"[\s\-\u00ad\ufffe]+", "", unicodedata.normalize("NFC", text))


GROUPS = {"letters": lettered(), "names": NAMES}


@pytest.mark.parametrize("form", ["NFC", "NFD"])
@pytest.mark.parametrize("group", GROUPS)
def test_every_letter_comes_out_of_word_and_pdf_as_it_was_handed_in(
    api: LiveApi, group: str, form: Literal["NFC", "NFD"]
) -> None:
    names = GROUPS[group]
    assert len(names) <= 2 * PARTIES
    case_id = api.new_case(case_of(names, form))
    wanted = [unicodedata.normalize("NFC", name) for name in names]

    known = api.client.get(f"/api/v1/cases/{case_id}").json["case"]["persons"]
    stored = api.services.cases.get(SOMEBODY, case_id).case["persons"]
    assert isinstance(stored, list)
    for persons in (known, stored):
        kept = [person[field] for person in persons for field in ("legal_family_name", "legal_given_names")]
        assert kept[: len(wanted)] == wanted

    bundle = api.finished(api.new_bundle(case_id, {"languages": ["de"]}))
    assert bundle["state"] == "ready", [document["error"] for document in bundle["documents"]]
    agreement = bundle["documents"][0]
    found = {"Word": "\n".join(texts(api.client.get(agreement["docx"]).body))} | read_by(
        api.client.get(agreement["pdf"]).body
    )
    missing = {reader: [name for name in wanted if bare(name) not in bare(text)] for reader, text in found.items()}
    assert missing == {"Word": [], "pypdf": [], "pdfium": []}
