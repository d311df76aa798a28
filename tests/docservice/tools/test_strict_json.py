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


@pytest.mark.parametrize(
    ("raw", "says"),
    [
        (b"", "empty"),
        (b'{"name": "Canary', "line 1"),
        (b'{"name": "Canary"}\n{}', "line 2"),
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
