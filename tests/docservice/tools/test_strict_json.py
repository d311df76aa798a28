"""JSON comes in strictly, and a refusal never quotes what was sent."""

from __future__ import annotations

import pytest

from docservice.domain.errors import DocserviceError
from docservice.tools.strict_json import parse_json


def test_white_space_and_order_do_not_change_the_hash_but_values_do() -> None:
    first = parse_json(b'{"a": 1, "b": ["\xc3\xa4"]}')
    assert first.payload == {"a": 1, "b": ["ä"]}
    assert parse_json(b'{"b":["\\u00e4"],"a":1}\n').sha256 == first.sha256
    assert parse_json(b'{"a": 2, "b": ["\xc3\xa4"]}').sha256 != first.sha256


def test_a_byte_order_mark_before_the_text_changes_nothing() -> None:
    assert parse_json(b'\xef\xbb\xbf{"a": 1}') == parse_json(b'{"a": 1}')


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "utf-32-be"])
def test_another_encoding_is_named_with_what_to_do(encoding: str) -> None:
    with pytest.raises(DocserviceError) as refused:
        parse_json('{"name": "Canary"}'.encode(encoding))
    name = encoding[:6].upper()
    assert refused.value.detail == f"This is not readable JSON: it is in {name}; send or save it as UTF-8."
    assert name in refused.value.detail_de


@pytest.mark.parametrize(
    ("raw", "says"),
    [
        (b"\xef\xbb\xbf", "empty"),
        (b"\xef\xbb\xbf\xef\xbb\xbf{}", "line 1"),
        (b"", "empty"),
        (b'{"name": "Canary', "line 1"),
        (b'{"name": "Canary"}\n{}', "something follows after its end, at line 2"),
        (b'{"name": "Canary \xff"}', "UTF-8"),
        (b'{"name": "Canary \\ud800"}', "UTF-8"),
        (b'{"name": "Canary", "name": "Canary"}', "twice"),
        (b'{"name": NaN}', "range"),
        (b'{"name": 1e999}', "range"),
        (b'{"name": ' + b"9" * 5000 + b"}", "range"),
        (b"[" * 100_000, "deeply"),
    ],
)
def test_a_refusal_says_where_and_nothing_of_the_content(raw: bytes, says: str) -> None:
    with pytest.raises(DocserviceError) as refused:
        parse_json(raw)
    assert refused.value.code == "malformed_json"
    assert says in refused.value.detail
    assert "Canary" not in refused.value.detail + refused.value.detail_de
