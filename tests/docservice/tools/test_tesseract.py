"""OCR is an extra: used where it is installed, done without where it is not, hangs or fails."""

from __future__ import annotations

import io
import shutil
from pathlib import Path
from typing import NoReturn

import cv2
import numpy as np
import pypdf
import pytest

from docservice.tools.tesseract import Tesseract
from docservice.tools.untrusted.pictures import Picture

INSTALLED = shutil.which("tesseract")


def picture(text: str) -> Picture:
    pixels = np.full((200, 900), 255, np.uint8)
    cv2.putText(pixels, text, (30, 120), cv2.FONT_HERSHEY_SIMPLEX, 2, (0,), 5)
    return Picture(pixels, 150.0, bilevel=False)


@pytest.mark.needs("tesseract")
def test_text_is_recognised_and_cannot_be_seen() -> None:
    tesseract = Tesseract(INSTALLED).of(["de", "ru"])
    layer = tesseract.text_layer(picture("Hausordnung"))
    assert layer is not None
    (page,) = pypdf.PdfReader(io.BytesIO(layer)).pages
    assert "Hausordnung" in page.extract_text()
    assert not list(page.images)
    assert tesseract.version() is not None


def test_without_the_program_there_is_no_text() -> None:
    for tesseract in (Tesseract(None), Tesseract("/nonexistent/tesseract")):
        assert tesseract.text_layer(picture("x")) is None
        assert tesseract.version() is None


@pytest.mark.needs("tesseract")
def test_without_a_model_of_the_languages_there_is_no_text() -> None:
    assert Tesseract(INSTALLED).of(["xx"]).text_layer(picture("x")) is None


def test_a_page_is_not_made_ready_for_a_program_that_is_not_there() -> None:
    class Untouched(Picture):
        @property
        def grey(self) -> NoReturn:
            raise AssertionError("nobody reads it")

    assert Tesseract(None).text_layer(Untouched(np.zeros((1, 1), np.uint8), 300.0, bilevel=True)) is None


@pytest.mark.parametrize("end", ["exit 1", "echo nonsense", "kill -9 $$"])
def test_a_program_that_fails_leaves_the_page_without_text(tmp_path: Path, end: str) -> None:
    program = tmp_path / "tesseract"
    program.write_text(f'#!/bin/sh\n[ "$1" = --list-langs ] && {{ echo deu; exit 0; }}\n{end}\n')
    program.chmod(0o700)
    assert Tesseract(str(program)).text_layer(picture("x")) is None
