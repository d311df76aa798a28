"""Files with anything changed in their structure come out as pages or as a refusal, within the limits, under lock."""

from __future__ import annotations

from docservice.tools.untrusted.picture_refusals import refusal
from tests.support.fuzzing import outcomes

_COUNT, _SEED = 240, 20261127


def test_a_changed_file_is_read_or_refused_and_never_a_fault_of_ours() -> None:
    seen = set[str]()
    for outcome in outcomes(_COUNT, _SEED):
        assert not outcome.fault, (outcome.mutant.name, outcome.fault)
        assert outcome.seconds < 6, outcome.mutant.name
        for code in set(outcome.codes) - {"pixels"}:
            assert refusal(code, None, 0, 0, "unknown").code == code, (outcome.mutant.name, code)
        seen |= set(outcome.codes)
    assert {"pixels", "broken", "truncated"} <= seen
