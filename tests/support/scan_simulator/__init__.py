"""Scans of signed documents, made up with the truth beside them. Seeded: the same calls give the same scans.

documents = documents(seed=1)                     # real PDFs of the fixture families
page = Simulator(2).page(documents[0], 3, "grey200")
page.picture(), page.truth
"""

from tests.support.scan_simulator.documents import GeneratedDocument, documents, family_names
from tests.support.scan_simulator.files import ScanFile
from tests.support.scan_simulator.filling import DISTRACTORS, HELD_OUT_DISTRACTORS, LITTERED, NOTHING, SIGNED, STAMPED
from tests.support.scan_simulator.profiles import PHONES, PROFILES, SCANNERS, Group, Mode, Profile
from tests.support.scan_simulator.simulator import CODES_LOST, SPOILS, Paper, ScannedPage, Simulator
from tests.support.scan_simulator.stack import OFFICE, ORDERLY, Mishaps, Stack, StackMaker, everyone_signs, nobody_signs
from tests.support.scan_simulator.truth import PageKind, PageTruth, PlacedPage, StackTruth, ZoneTruth

__all__ = [
    "CODES_LOST",
    "DISTRACTORS",
    "HELD_OUT_DISTRACTORS",
    "LITTERED",
    "NOTHING",
    "OFFICE",
    "ORDERLY",
    "PHONES",
    "PROFILES",
    "SCANNERS",
    "SIGNED",
    "SPOILS",
    "STAMPED",
    "GeneratedDocument",
    "Group",
    "Mishaps",
    "Mode",
    "PageKind",
    "PageTruth",
    "Paper",
    "PlacedPage",
    "Profile",
    "ScanFile",
    "ScannedPage",
    "Simulator",
    "Stack",
    "StackMaker",
    "StackTruth",
    "ZoneTruth",
    "documents",
    "everyone_signs",
    "family_names",
    "nobody_signs",
]
