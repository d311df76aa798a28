"""Tesseract, an optional program that recognises text (OCR): for scanned pages whose text is not known."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2

from docservice.domain.errors import DocserviceError
from docservice.domain.languages import LANGUAGES
from docservice.tools.process import run
from docservice.tools.untrusted.pictures import Picture

SECONDS = 60.0  # for one page; the usual is 2 to 7
_QUICK = 10.0
_ENVIRONMENT = {"OMP_THREAD_LIMIT": "1", "PATH": "/usr/local/bin:/usr/bin:/bin", "LC_ALL": "C"}


@dataclass(frozen=True, slots=True)
class Tesseract:
    """The program, or None where it is not installed; `languages` are the codes of those a document is written in."""

    program: str | None
    languages: Sequence[str] = ("de",)

    def of(self, languages: Sequence[str]) -> Tesseract:
        """The same program for a document in these languages."""
        return Tesseract(self.program, tuple(languages))

    def version(self) -> str | None:
        """Its version; None where it is not installed or does not run."""
        said = self._said("--version")
        return said.split()[1].removeprefix("v") if len(said.split()) > 1 else None

    def text_layer(self, picture: Picture) -> bytes | None:
        """A PDF of one page of the picture's size with nothing but invisible text.

        None when the program or its models of these languages are not installed, or when it fails on this page.
        """
        models = self._models()
        if self.program is None or not models:
            return None
        done, png = cv2.imencode(".png", picture.grey, [cv2.IMWRITE_PNG_COMPRESSION, 1])
        if not done:
            return None
        dpi = round(picture.dpi or 300)
        command = [self.program, "stdin", "stdout", "-l", "+".join(models), "--dpi", str(dpi)]
        try:
            finished = run(
                [*command, "-c", "textonly_pdf=1", "pdf"], seconds=SECONDS, stdin=png.tobytes(), env=_ENVIRONMENT
            )
        except DocserviceError:  # it hangs or vanished: the page has no text layer, and the transfer note says so
            return None
        return finished.stdout if finished.status == 0 and finished.stdout.startswith(b"%PDF-") else None

    def _models(self) -> list[str]:
        installed = set(self._said("--list-langs").split())
        wanted = [LANGUAGES[code].ocr for code in self.languages if code in LANGUAGES]
        return [model for model in wanted if model in installed]

    def _said(self, option: str) -> str:
        if self.program is None:
            return ""
        try:
            return run([self.program, option], seconds=_QUICK, env=_ENVIRONMENT).stdout.decode(errors="replace")
        except DocserviceError:
            return ""
