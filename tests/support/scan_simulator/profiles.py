"""The machines that scans come from, by name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Group(StrEnum):
    """Two classes of machines, for which different figures are wanted."""

    SCANNER = "scanner"
    PHONE = "phone"


class Mode(StrEnum):
    """What a machine makes of a sheet."""

    GREY = "grey"
    COLOUR = "colour"
    THRESHOLD = "threshold"  # black or white
    DITHER = "dither"  # black or white, shades as patterns


@dataclass(frozen=True, slots=True)
class Profile:
    """A machine. `dpi` is across, `dpi_down` differs on fax machines; `jpeg` is the range of qualities, None stores
    without loss. `rough`: how worn the machine is (0 to 1): skew, dirt, streaks, light. `bad` phones are held badly.
    """

    name: str
    group: Group
    mode: Mode
    dpi: int
    dpi_down: int
    jpeg: tuple[int, int] | None = None
    rough: float = 0.3
    bad: bool = False

    @property
    def bilevel(self) -> bool:
        return self.mode in (Mode.THRESHOLD, Mode.DITHER)


def _scanner(
    name: str, mode: Mode, dpi: int, jpeg: tuple[int, int] | None = None, rough: float = 0.3, down: int | None = None
) -> Profile:
    return Profile(name, Group.SCANNER, mode, dpi, down or dpi, jpeg, rough)


def _phone(name: str, dpi: int, jpeg: tuple[int, int], *, bad: bool) -> Profile:
    return Profile(name, Group.PHONE, Mode.COLOUR, dpi, dpi, jpeg, 0.0, bad)


PROFILES: Mapping[str, Profile] = {
    profile.name: profile
    for profile in (
        _scanner("grey300", Mode.GREY, 300, (80, 92), 0.1),
        _scanner("colour300", Mode.COLOUR, 300, (70, 92), 0.2),
        _scanner("grey200", Mode.GREY, 200, (50, 85), 0.4),
        _scanner("colour200", Mode.COLOUR, 200, (30, 75), 0.5),
        _scanner("grey150", Mode.GREY, 150, (28, 40), 0.4),
        _scanner("grey150-q15", Mode.GREY, 150, (15, 22), 0.4),
        _scanner("colour400", Mode.COLOUR, 400, (75, 90), 0.1),
        _scanner("grey100", Mode.GREY, 100, (60, 85), 0.3),
        _scanner("worn", Mode.GREY, 200, (40, 80), 1.0),
        _scanner("bilevel300", Mode.THRESHOLD, 300),
        _scanner("bilevel200", Mode.THRESHOLD, 200),
        _scanner("dither300", Mode.DITHER, 300, None, 0.2),
        _scanner("dither200", Mode.DITHER, 200, None, 0.2),
        _scanner("fax-fine", Mode.THRESHOLD, 204, None, 0.4, 196),
        _scanner("fax", Mode.THRESHOLD, 204, None, 0.4, 98),
        _phone("phone-good", 230, (78, 93), bad=False),
        _phone("phone-bad", 170, (30, 70), bad=True),
    )
}
SCANNERS = tuple(name for name, profile in PROFILES.items() if profile.group is Group.SCANNER)
PHONES = tuple(name for name, profile in PROFILES.items() if profile.group is Group.PHONE)
