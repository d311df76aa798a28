"""Why a file or a page is not read, one sentence for each reason in both languages of the office."""

from __future__ import annotations

from docservice.tools.child.decoded import BILEVEL

_TEXTS = {
    "empty": (
        "is empty (0 bytes); send it again, and check that the scanner had finished",
        "ist leer (0 Bytes); bitte noch einmal senden und prüfen, ob der Scanner fertig war",
    ),
    "file_too_large": (
        "is larger than allowed ({found} MiB, at most {limit} MiB); split the stack, or scan at 300 dpi",
        "ist größer als erlaubt ({found} MiB, höchstens {limit} MiB); bitte den Stapel teilen oder mit 300 dpi scannen",
    ),
    "unsupported_type": (
        "is {kind} by its content; send the scan itself as PDF, TIFF, JPEG, PNG or HEIC",
        "ist dem Inhalt nach {kind}; bitte den Scan selbst als PDF, TIFF, JPEG, PNG oder HEIC senden",
    ),
    "encrypted": (
        "is protected by a password; scan it without a password",
        "ist mit einem Passwort geschützt; bitte ohne Passwort scannen",
    ),
    "truncated": (
        "ends too early: a part of it is missing; send it again, or scan again",
        "endet zu früh: ein Teil fehlt; bitte noch einmal senden oder neu scannen",
    ),
    "broken": (
        "is damaged and cannot be shown; send it again, or scan again",
        "ist beschädigt und lässt sich nicht anzeigen; bitte noch einmal senden oder neu scannen",
    ),
    "no_pages": ("has no pages; scan again", "hat keine Seiten; bitte neu scannen"),
    "too_many_pages": (
        "has more pages than allowed ({found} or more, at most {limit}); split the stack",
        "hat mehr Seiten als erlaubt ({found} oder mehr, höchstens {limit}); bitte den Stapel teilen",
    ),
    "too_many_pixels": (
        "has more pixels than allowed ({found} million, at most {limit} million, {more} million in pure black and "
        "white); scan at 300 dpi",
        "hat mehr Bildpunkte als erlaubt ({found} Millionen, höchstens {limit} Millionen, {more} Millionen in reinem "
        "Schwarz-Weiß); bitte mit 300 dpi scannen",
    ),
    "too_few_pixels": (
        "is too small to be a scanned page ({found} pixels on its narrow side, at least {limit}), such as a logo; scan "
        "the whole sheet at 300 dpi",
        "ist zu klein für ein gescanntes Blatt ({found} Bildpunkte an der schmalen Seite, mindestens {limit}), etwa "
        "ein Logo; bitte das ganze Blatt mit 300 dpi scannen",
    ),
    "page_too_large": (
        "is a sheet larger than allowed ({found} m, at most {limit} m a side) and too fine to be read as a whole; scan "
        "pages of A4 or A3",
        "ist ein größeres Blatt als erlaubt ({found} m, höchstens {limit} m je Seite) und zu fein, um es als Ganzes zu "
        "lesen; bitte Blätter in A4 oder A3 scannen",
    ),
    "too_slow": (
        "took too long to read and was left; scan it again as plain pictures, or try once more",
        "brauchte zu lange zum Lesen und wurde ausgelassen; bitte als einfache Bilder neu scannen oder noch einmal "
        "versuchen",
    ),
    "too_much_memory": (
        "needs too much memory to read; scan it again as plain pictures at 300 dpi",
        "braucht zum Lesen zu viel Speicher; bitte als einfache Bilder mit 300 dpi neu scannen",
    ),
    "reader_fault": (
        "could not be read because of a fault of this program, not of the file; it has been logged, please tell "
        "operations; look at the page yourself, or send it as another kind of file",
        "ließ sich wegen eines Fehlers dieses Programms nicht lesen, nicht wegen der Datei; er ist protokolliert, "
        "bitte den Betrieb verständigen; bitte selbst ansehen oder als andere Dateiart senden",
    ),
    "given_up": (
        "was not read, because too many pages before it could not be; scan the stack again as plain pictures",
        "wurde nicht gelesen, weil zu viele Seiten davor nicht zu lesen waren; bitte den Stapel als einfache Bilder "
        "neu scannen",
    ),
}

_KINDS = {
    "web page": ("a web page (HTML)", "eine Webseite (HTML)"),
    "drawing": ("a drawing (SVG or other XML)", "eine Zeichnung (SVG oder anderes XML)"),
    "archive": ("a Word file or an archive (ZIP)", "eine Word-Datei oder ein Archiv (ZIP)"),
    "old Office file": ("an old Office file", "eine alte Office-Datei"),
    "program": ("a program", "ein Programm"),
    "other picture": ("a picture of another kind (GIF, BMP, WebP, AVIF)", "ein anderes Bild (GIF, BMP, WebP, AVIF)"),
    "text": ("plain text", "einfacher Text"),
    "unknown": ("of an unknown kind", "von unbekannter Art"),
}


def sentences(code: str, page: int | None, found: float, limit: float, kind: str) -> tuple[str, str]:
    """The sentence in English and in German; `page` counts from 0, None is the file as a whole."""
    english, german = _TEXTS[code]
    who, wer = ("The file", "Die Datei") if page is None else (f"Page {page + 1}", f"Seite {page + 1}")
    numbers = {"found": found, "limit": limit, "more": limit * BILEVEL}
    told = {name: _number(code, value) for name, value in numbers.items()}
    gesagt = {name: number.replace(".", ",") for name, number in told.items()}
    return (
        f"{who} {english.format(**told, kind=_KINDS[kind][0])}.",
        f"{wer} {german.format(**gesagt, kind=_KINDS[kind][1])}.",
    )


def _number(code: str, value: float) -> str:
    scale = {"file_too_large": 1 << 20, "too_many_pixels": 1_000_000}.get(code, 1)
    return f"{value / scale:.1f}".removesuffix(".0")
