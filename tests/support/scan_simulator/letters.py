"""Letters of other people that lie in the stack: text set plainly, some of them with codes of their own."""

from __future__ import annotations

from functools import lru_cache

import cv2
import numpy as np
import zxingcpp
from PIL import Image, ImageDraw, ImageFont

from docservice.domain.page_codes import PageCode, id_of_bytes
from docservice.tools.untrusted.pictures import Pixels
from tests.support.content import TEMPLATES
from tests.support.scan_simulator.sheet import Sheet

SORTS = ("plain", "foreign_code", "forged_code", "unknown_document", "form")
"""`foreign_code`: a QR code that is not ours; `forged_code`: one like ours with a wrong check value;
`unknown_document`: a right one of a document that nobody knows; `form`: lines and boxes to fill in."""

_DRAWN_AT = 200
_TEXT = (
    "Sehr geehrte Damen und Herren wir bestätigen den Eingang Ihres Antrags vom dritten November und bitten Sie die "
    "fehlenden Unterlagen bis zum Monatsende einzureichen Die Bearbeitung dauert in der Regel vier Wochen Für Fragen "
    "stehen wir Ihnen telefonisch zur Verfügung Bitte geben Sie stets das Zeichen dieses Schreibens an Versicherung "
    "Beitrag Abrechnung Zähler Vertrag Kündigung Rechnung Leistung Nachweis Schule Anmeldung Termin Wohnung Miete"
)


def letter(sort: str, dpi: float, rng: np.random.Generator, *, colour: bool) -> Sheet:
    """A page of such a letter."""
    image = Image.new("L", (round(8.27 * _DRAWN_AT), round(11.69 * _DRAWN_AT)), 255)
    draw = ImageDraw.Draw(image)
    head = str(
        rng.choice(["Stadtwerke Mitte GmbH", "Krankenkasse Westfalen", "Gesamtschule Gartenstadt", "Hausverwaltung"])
    )
    draw.text((180, 140), head, 20, _font("NotoSans-Bold.ttf", 44))
    y = 520
    for _ in range(rng.integers(12, 34)):
        line = " ".join(rng.choice(_TEXT.split(), rng.integers(6, 11)))[:88]
        draw.text((180, y), line, 30, _font("NotoSans-Regular.ttf", 29))
        y += 44 if rng.random() < 0.85 else 90
    if sort == "form":
        for row in range(6):
            draw.rectangle((180, y + row * 60, 1480, y + row * 60 + 60), outline=60, width=3)
    code = _code(sort, rng)
    if code is not None:
        place = (round(image.width / 2 - 70), 60) if rng.random() < 0.5 else (1300, 300)
        image.paste(Image.fromarray(code), place)
    pixels = np.array(image, np.uint8)
    scale = dpi / _DRAWN_AT
    pixels = np.asarray(cv2.resize(pixels, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA), np.uint8)
    return Sheet(np.asarray(cv2.cvtColor(pixels, cv2.COLOR_GRAY2RGB), np.uint8) if colour else pixels, dpi)


def _code(sort: str, rng: np.random.Generator) -> Pixels | None:
    own = PageCode(id_of_bytes(rng.bytes(13)), int(rng.integers(1, 5))).payload()
    texts = {
        "foreign_code": f"BCD\n002\n1\nSCT\n\nStadtwerke\nDE{rng.integers(10**9):020d}",
        "forged_code": own[:-4] + ("0000" if own[-4:] != "0000" else "1111"),
        "unknown_document": own,
    }
    if sort not in texts:
        return None
    symbol = zxingcpp.create_barcode(texts[sort], zxingcpp.BarcodeFormat.QRCode, ec_level="Q")
    modules = np.array(symbol.to_image(scale=1, add_quiet_zones=True), np.uint8)
    side = 140 // modules.shape[0] * modules.shape[0]
    return np.asarray(cv2.resize(modules, (side, side), interpolation=cv2.INTER_NEAREST), np.uint8)


@lru_cache(maxsize=4)
def _font(name: str, size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(str(TEMPLATES / "fonts" / name), size)
