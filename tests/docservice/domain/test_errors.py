"""Errors as they go from one process to another."""

from __future__ import annotations

import pickle

import pytest

from docservice.domain.errors import DocserviceError, Fault, InvalidInput, NotFound, Outage, no_such
from docservice.tools.untrusted.pictures import FileRefused

ERRORS = [
    DocserviceError("busy", "Busy.", detail_de="Besetzt.", retryable=True),
    Outage.told("db.database_unavailable", retryable=True),
    no_such("upload"),
    InvalidInput([Fault("persons[1].birth_date", "no_such_day", "Diesen Tag gibt es nicht.", "There is no such day.")]),
    FileRefused("broken", page=3),
]


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: type(error).__name__)
def test_an_error_is_the_same_in_another_process(error: DocserviceError) -> None:
    there = pickle.loads(pickle.dumps(error))
    assert type(there) is type(error)
    assert (str(there), there.args, vars(there)) == (str(error), error.args, vars(error))


def test_an_outage_and_a_missing_thing_stay_what_they_are() -> None:
    assert isinstance(pickle.loads(pickle.dumps(ERRORS[1])), Outage)
    assert isinstance(pickle.loads(pickle.dumps(ERRORS[2])), NotFound)
