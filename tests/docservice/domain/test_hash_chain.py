"""The hash chain: whatever is changed, removed, added or moved in it is found, and told by its number."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from docservice.domain.hash_chain import GENESIS, ChainEntry, ChainFault, chain_faults, following

START = datetime(2026, 12, 3, 9, 30, tzinfo=UTC)
hashes = st.binary(min_size=1, max_size=8).map(lambda data: hashlib.sha256(data).hexdigest())
pauses = st.timedeltas(min_value=timedelta(0), max_value=timedelta(days=4000))


@st.composite
def chains(draw: st.DrawFn, least: int = 1) -> list[ChainEntry]:
    entries: list[ChainEntry] = []
    for manifest, pause in draw(st.lists(st.tuples(hashes, pauses), min_size=least, max_size=8)):
        entries.append(following(entries[-1] if entries else None, manifest, START + pause))
    return entries


@given(chains(least=0))
def test_a_chain_as_it_was_written_is_whole(chain: list[ChainEntry]) -> None:
    assert list(chain_faults(chain)) == []
    assert [entry.seq for entry in chain] == list(range(1, len(chain) + 1))
    assert all(ChainEntry.from_json(entry.as_json()) == entry for entry in chain)


@given(chains(), st.data())
def test_a_changed_entry_is_found(chain: list[ChainEntry], data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(chain) - 1))
    old = chain[place]
    changes = [
        replace(old, seq=old.seq + 1),
        replace(old, previous=_other(old.previous)),
        replace(old, manifest_sha256=_other(old.manifest_sha256)),
        replace(old, at=old.at + timedelta(microseconds=1)),
        replace(old, sha256=_other(old.sha256)),
    ]
    chain[place] = data.draw(st.sampled_from(changes))
    assert list(chain_faults(chain))


@given(chains(least=2), st.data())
def test_an_entry_made_anew_breaks_the_link_of_the_next(chain: list[ChainEntry], data: st.DataObject) -> None:
    """Whoever can hash can make an entry that is sound in itself; the one after it gives it away."""
    place = data.draw(st.integers(0, len(chain) - 2))
    before = chain[place - 1] if place else None
    chain[place] = following(before, _other(chain[place].manifest_sha256), chain[place].at)
    assert list(chain_faults(chain)) == [(place + 2, ChainFault.LINK)]


@given(chains(least=2), st.data())
def test_a_missing_a_doubled_and_a_moved_entry_are_found(chain: list[ChainEntry], data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(chain) - 2))
    assert list(chain_faults(chain[:place] + chain[place + 1 :]))
    assert list(chain_faults(chain[: place + 1] + chain[place:]))
    chain[place], chain[place + 1] = chain[place + 1], chain[place]
    assert list(chain_faults(chain))


@given(chains(least=2), st.data())
def test_a_chain_can_be_checked_in_pieces(chain: list[ChainEntry], data: st.DataObject) -> None:
    place = data.draw(st.integers(1, len(chain) - 1))
    assert list(chain_faults(chain[place:], after=chain[place - 1])) == []


def test_the_hash_of_an_entry_is_this_one_for_ever() -> None:
    """Made by hand: packages that are out in the world hold it."""
    entry = following(None, "ab" * 32, START)
    said = f"docservice chain entry 1\n1\n{GENESIS}\n{'ab' * 32}\n2026-12-03T09:30:00.000000+00:00\n"
    assert entry.sha256 == hashlib.sha256(said.encode()).hexdigest()


def test_the_offset_of_a_time_makes_no_difference() -> None:
    berlin = START.astimezone(timezone(timedelta(hours=1)))
    assert following(None, "ab" * 32, berlin) == following(None, "ab" * 32, START)


@pytest.mark.parametrize(
    "change",
    [
        {"seq": 0}, {"seq": True}, {"seq": "1"}, {"previous": "00"}, {"sha256": "AB" * 32}, {"manifest_sha256": None},
        {"at": "2026-12-03T09:30:00"}, {"at": "2026-12-03T10:30:00.000000+01:00"}, {"at": "yesterday"}, {"more": 1},
        {"at": "0001-01-01T00:00:00+01:00"}, {"at": "9999-12-31T23:59:59.000000+00:00"},
        {"at": "1969-12-31T23:59:59.000000+00:00"},
    ],
)  # fmt: skip
def test_what_is_no_entry_is_refused(change: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"."):
        ChainEntry.from_json({**following(None, "ab" * 32, START).as_json(), **change})


def test_an_entry_without_a_right_hash_or_time_is_not_made() -> None:
    with pytest.raises(ValueError, match="SHA-256"):
        following(None, "short", START)
    with pytest.raises(ValueError, match="offset"):
        following(None, "ab" * 32, START.replace(tzinfo=None))


def _other(sha256: str) -> str:
    return hashlib.sha256(sha256.encode()).hexdigest()
