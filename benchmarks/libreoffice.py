"""LibreOffice in the three ways people use it: started for each file, for many files, and kept warm (LibreOfficeKit).

The warm one is the best that can be had from it: in the same process through ctypes, no sockets, no UNO bridge.
"""

from __future__ import annotations

import ctypes
import os
import shutil
import subprocess
from ctypes import CFUNCTYPE, POINTER, Structure, c_char_p, c_int, c_size_t, c_void_p
from pathlib import Path

_PROGRAM = Path("/usr/lib/libreoffice/program")


def is_installed() -> bool:
    """Whether LibreOffice is here as Debian installs it."""
    return shutil.which("soffice") is not None and (_PROGRAM / "libmergedlo.so").exists()


def convert(files: list[Path], out: Path, profile: Path, seconds: float = 120) -> None:
    """One `soffice --convert-to pdf` for all `files`, with a profile of its own."""
    private = f"-env:UserInstallation={profile.as_uri()}"
    command = ["soffice", private, "--headless", "--norestore", "--convert-to", "pdf", "--outdir", str(out)]
    subprocess.run([*command, *map(str, files)], check=True, timeout=seconds, capture_output=True)
    missing = [file.name for file in files if not (out / f"{file.stem}.pdf").exists()]
    if missing:
        raise RuntimeError(f"LibreOffice did not convert {', '.join(missing)}")


class _OfficeClass(Structure):
    _fields_ = (
        ("size", c_size_t),
        ("destroy", CFUNCTYPE(None, c_void_p)),
        ("load", CFUNCTYPE(c_void_p, c_void_p, c_char_p)),
    )


class _Office(Structure):
    _fields_ = (("methods", POINTER(_OfficeClass)),)


class _DocumentClass(Structure):
    _fields_ = (
        ("size", c_size_t),
        ("destroy", CFUNCTYPE(None, c_void_p)),
        ("save_as", CFUNCTYPE(c_int, c_void_p, c_char_p, c_char_p, c_char_p)),
    )


class _Document(Structure):
    _fields_ = (("methods", POINTER(_DocumentClass)),)


class WarmLibreOffice:
    """LibreOffice inside this process. One per process, as the library allows no more."""

    def __init__(self, profile: Path) -> None:
        os.environ["SAL_USE_VCLPLUGIN"] = "svp"  # the library reads it: no display
        library = ctypes.CDLL(str(_PROGRAM / "libmergedlo.so"), mode=os.RTLD_GLOBAL | os.RTLD_NOW)
        start = library.libreofficekit_hook_2
        start.restype, start.argtypes = c_void_p, [c_char_p, c_char_p]
        self._office = start(str(_PROGRAM).encode(), profile.as_uri().encode())
        if not self._office:
            raise RuntimeError("LibreOfficeKit did not start")
        self._methods = ctypes.cast(self._office, POINTER(_Office)).contents.methods.contents

    def convert(self, file: Path, pdf: Path) -> None:
        """Load `file` and save it as `pdf`."""
        document = self._methods.load(self._office, file.as_uri().encode())
        if not document:
            raise RuntimeError(f"LibreOfficeKit did not load {file.name}")
        methods = ctypes.cast(document, POINTER(_Document)).contents.methods.contents
        try:
            if not methods.save_as(document, pdf.as_uri().encode(), b"pdf", b""):
                raise RuntimeError(f"LibreOfficeKit did not save {pdf.name}")
        finally:
            methods.destroy(document)
