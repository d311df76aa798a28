"""What was odd about a file or a page that is read nevertheless, or what of it is not read: one sentence each."""

from __future__ import annotations

_TEXTS = {
    "bytes_before_start": (
        "begins with something else, such as the job control of a printer; the document after it was read",
        "beginnt mit etwas anderem, etwa den Steuerbefehlen eines Druckers; das Dokument dahinter wurde gelesen",
    ),
    "bytes_after_end": (
        "goes on after its end; what follows there was not read",
        "geht nach dem Ende weiter; was dahinter steht, wurde nicht gelesen",
    ),
    "no_end_mark": (
        "lacks its end mark, but all of its content is there and was read",
        "hat keine Endemarke, der Inhalt ist aber vollständig und wurde gelesen",
    ),
    "index_mended": (
        "has a damaged table of contents, which was rebuilt; check that all pages are there",
        "hat ein beschädigtes Inhaltsverzeichnis, das neu aufgebaut wurde; bitte prüfen, ob alle Seiten da sind",
    ),
    "attached_files": (
        "has other files attached, which were not read; send them by themselves if they are scans",
        "hat angehängte Dateien, die nicht gelesen wurden; sind es Scans, bitte einzeln senden",
    ),
    "form_not_shown": (
        "holds a form that only Adobe's programs can show (XFA), which was not read; print it and scan the paper",
        "enthält ein Formular, das nur Programme von Adobe anzeigen (XFA); es wurde nicht gelesen; bitte drucken und "
        "das Papier scannen",
    ),
    "layers": (
        "has layers; those that are switched off were not read",
        "hat Ebenen; ausgeschaltete Ebenen wurden nicht gelesen",
    ),
    "further_pictures": (
        "holds further pictures, such as previews or moving ones, of which only the first was read; send the others by "
        "themselves if they are pages",
        "enthält weitere Bilder, etwa Vorschauen oder bewegte; nur das erste wurde gelesen; sind die anderen Seiten, "
        "bitte einzeln senden",
    ),
}
HINTS = frozenset(_TEXTS)


def hint_sentences(code: str, page: int | None) -> tuple[str, str]:
    """The sentence in English and in German; `page` counts from 0, None is the file as a whole."""
    english, german = _TEXTS[code]
    who, wer = ("The file", "Die Datei") if page is None else (f"Page {page + 1}", f"Seite {page + 1}")
    return f"{who} {english}.", f"{wer} {german}."
