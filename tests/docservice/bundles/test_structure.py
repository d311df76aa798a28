"""What a screen reader finds in the PDFs, compared with golden files that were read as a listener would."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from docservice.domain.kinds import Kind
from docservice.tools.typst import SupervisedTypst
from tests.support.content import TEMPLATES
from tests.support.structure import DUMPS, golden_file, miller, structure


@pytest.fixture(scope="module")
def typst() -> Iterator[SupervisedTypst]:
    engine = SupervisedTypst(TEMPLATES / "pdf", TEMPLATES / "fonts")
    yield engine
    engine.close()


@pytest.mark.parametrize(("kind", "code"), DUMPS)
def test_the_structure_is_the_one_that_was_listened_to(kind: Kind, code: str | None, typst: SupervisedTypst) -> None:
    found = structure(miller(kind, code, typst))
    assert found.splitlines() == golden_file(kind, code).read_text(encoding="utf-8").splitlines()


@pytest.mark.parametrize(("kind", "code"), DUMPS)
def test_every_text_of_the_second_language_says_so(kind: Kind, code: str | None, typst: SupervisedTypst) -> None:
    """A voice that reads German would spell out Cyrillic letters."""
    languages: list[str] = []  # by depth
    for line in structure(miller(kind, code, typst)).splitlines():
        depth = (len(line) - len(line.lstrip())) // 2
        said = [word for word in ("(ru)", "(de)") if word in line]
        languages[depth:] = [said[0] if said else (languages[depth - 1] if depth else "(de)")]
        if sum("\u0400" <= letter <= "\u04ff" for letter in line) > 3:
            assert "(ru)" in [*said, languages[depth]], line
