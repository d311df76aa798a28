"""The identity in the code of a page: opaque, short, and never accepted when a letter is wrong."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from docservice.domain.page_codes import ALPHABET, ID_LETTERS, PageCode, id_of_bytes, is_id

_IDS = st.text(ALPHABET, min_size=ID_LETTERS, max_size=ID_LETTERS)


@given(_IDS, st.integers(0, 999))
def test_a_page_is_read_back_as_it_was_written(document_id: str, page: int) -> None:
    payload = PageCode(document_id, page).payload()
    assert PageCode.parse(payload) == PageCode(document_id, page)
    assert re.fullmatch(r"[0-9A-Z]{29}", payload), "the QR alphanumeric set, 29 characters"


@given(_IDS, st.integers(0, 999), st.integers(0, 28), st.sampled_from(ALPHABET + "ILOU :$x"))
def test_one_wrong_letter_is_noticed(document_id: str, page: int, place: int, letter: str) -> None:
    payload = PageCode(document_id, page).payload()
    damaged = payload[:place] + letter + payload[place + 1 :]
    # A check value of 20 bits lets one damage in a million through: not among the few that are tried here.
    assert (PageCode.parse(damaged) is None) == (damaged != payload)


@pytest.mark.parametrize(
    "payload", ["", "D1", "https://example.org", "D2" + "0" * 27, "D1" + "0" * 26, "D1" + "²" * 27]
)
def test_a_foreign_code_is_none_of_ours(payload: str) -> None:
    assert PageCode.parse(payload) is None


@pytest.mark.parametrize(("document_id", "page"), [("0" * 19, 1), ("I" * 20, 1), ("0" * 20, 1000), ("0" * 20, -1)])
def test_what_cannot_be_written_is_refused(document_id: str, page: int) -> None:
    with pytest.raises(ValueError, match=r".+"):
        PageCode(document_id, page).payload()


def test_document_ids_are_opaque_and_use_all_random_bits() -> None:
    assert id_of_bytes(bytes(13)) == "0" * 20
    assert id_of_bytes(b"\xff" * 13) == "Z" * 20
    assert id_of_bytes(bytes(12) + b"\x01") != id_of_bytes(bytes(13))


@given(_IDS)
def test_an_id_is_known_by_its_form(made: str) -> None:
    assert is_id(made)


@pytest.mark.parametrize(
    "other", ["", "0" * 19, "0" * 21, "I" * 20, "a" * 20, "0" * 20 + "\n", "0" * 19 + "\0", None, 20]
)
def test_what_has_another_form_is_no_id(other: object) -> None:
    assert not is_id(other)
