"""The transfer note (Transfervermerk, BSI TR-03138): how paper became this file, for machines and for people.

Who captured it, when, with what; what was found on each page; what was checked and with which result; who decided
what; what was left out. The page for people is German and says the same in short.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from pathlib import Path

from docservice.archive.content.model import Check, DerivedPage, Dossier, OriginalFile, TextSource
from docservice.db.columns.types import JsonObject
from docservice.db.reviews import ReviewRecord
from docservice.db.scan_pages import ScanPageRecord
from docservice.domain.kinds import KINDS
from docservice.domain.languages import LANGUAGES
from docservice.domain.sources import OFFICE_ZONE, office_day
from docservice.tools.typst import Typesetter

VERSION = 1
_METHOD = (
    "Die angelieferten Dateien sind Byte für Byte unverändert. Die Lesefassung (PDF/A-2b) entsteht aus ihren "
    "Bildpunkten: Drehung und Schräglage werden nur in der Darstellung ausgeglichen. Der Text dahinter ist der der "
    "gedruckten Fassung, nicht durch Texterkennung gewonnen, soweit bei der Seite nichts anderes steht."
)
_TEXTS = {
    TextSource.COPIED: "aus der gedruckten Fassung",
    TextSource.RECOGNISED: "durch Texterkennung (kann Fehler enthalten)",
    TextSource.NONE: "keiner: Die Seite ließ sich nicht zuordnen, und Texterkennung ist nicht eingerichtet",
}
_VERDICTS = {"signed": "unterschrieben", "unsigned": "nicht unterschrieben", "uncertain": "unsicher"}
_CHOICES = {
    "accept": "angenommen",
    "reject": "abgelehnt",
    "signed": "unterschrieben",
    "unsigned": "nicht unterschrieben",
    "not_applicable": "entfällt",
    "confirm_proposal": "Zuordnung bestätigt",
    "assign": "zugeordnet",
    "dismiss": "verworfen",
    "rescan": "neu zu scannen",
    "reissue": "neu auszustellen",
    "retry": "erneut versucht",
}
_QUESTIONS = {
    "confirm_signatures": "Unterschriften bestätigen",
    "zone": "Unterschriftsfeld prüfen",
    "page": "Seite zuordnen",
    "outdated": "überholte Fassung",
    "hand_amended": "handschriftliche Änderung",
    "file": "unlesbare Datei",
}
_GRADES = {"good": "gut", "fair": "ausreichend", "poor": "schlecht"}
_POLICIES = {
    "person": "nach der Regel, dass eine Person bestätigt",
    "automatic": "nach der Regel, dass nur Zweifelsfälle eine Person bestätigt",
}
# Letters that the fonts of the layouts have for certain: names in Latin, Greek and Cyrillic letters, punctuation.
_UNPRINTABLE = re.compile(
    r"[^\n -~\u00a0-\u024f\u02b9-\u02bc\u0300-\u036f\u0370-\u03ff\u0400-\u045f\u1e00-\u1eff–—‘-„…]"
)


def transfer_note(
    dossier: Dossier, derived: Sequence[DerivedPage], checks: Sequence[Check], software: Mapping[str, str]
) -> dict[str, object]:
    """The note as JSON data. Names of files as people gave them are left out: they may name other families."""
    attachment, document = dossier.attachment, dossier.document
    return {
        "form": "Transfervermerk",
        "version": VERSION,
        "document": {
            "id": document.id,
            "case_id": attachment.case_id,
            "kind": document.kind.value,
            "revision": document.revision,
            "template": document.template,
            "languages": list(dossier.bundle.languages),
            "pages": document.pages,
            "generated_at": _moment(document.finished_at),
        },
        "attachment": {
            "id": attachment.id,
            "version": attachment.version,
            "accepted_at": _moment(attachment.created_at),
            "accepted_by": attachment.accepted_by,
            "policy": attachment.policy,
            "zones": [dict(zone) for zone in attachment.zones],
        },
        "captured": [_capture(file) for file in dossier.files],
        "pages": [_page(dossier, page, how) for page, how in zip(dossier.pages, derived, strict=True)],
        "left_out": list(_left_out(dossier.files)),
        "checks": [asdict(check) for check in checks],
        "decisions": [_decision(review) for review in dossier.decisions],
        "method": _METHOD,
        "software": dict(software),
    }


def transfer_page(
    note: Mapping[str, object], dossier: Dossier, derived: Sequence[DerivedPage], layout: Path, typesetter: Typesetter
) -> bytes:
    """The note for people as PDF/A. Characters that no font of ours has are shown as "?"; the JSON has them.

    Raises what the typesetter raises.
    """
    day = office_day(dossier.attachment.created_at)
    data = {
        "title": "Transfervermerk",
        "subtitle": f"{KINDS[dossier.document.kind].name}, Fassung {dossier.document.revision}",
        "date": [day.year, day.month, day.day],
        "method": _METHOD,
        "sections": list(_sections(note, dossier, derived)),
    }
    return typesetter.typeset(layout, _printable(data))  # type: ignore[arg-type]  # the same shape


# -- as data ---------------------------------------------------------------------------------------------------------


def _capture(file: OriginalFile) -> dict[str, object]:
    return {
        "upload_id": file.upload.id,
        "at": _moment(file.upload.created_at),
        "operator": file.upload.operator,
        "device": file.upload.device,
        "sha256": file.record.sha256,
        "size": file.record.size,
        "media_type": file.record.media_type,
        "pages_in_file": file.record.pages,
        "positions": list(file.positions),
    }


def _page(dossier: Dossier, page: ScanPageRecord, how: DerivedPage) -> dict[str, object]:
    reading = page.reading
    assert reading is not None
    registration = reading.registration
    return {
        "page": how.page,
        "scan": page.id,
        "file_sha256": next(file.record.sha256 for file in dossier.files if file.record.id == page.file_id),
        "position": page.position,
        **({} if reading.outline is None else {"outline": reading.outline}),
        "pixel_sha256": page.pixel_sha256,
        "finding": reading.finding.value,
        "assigned_by": page.assigned_by,
        "turned_by": reading.rotation,
        "quality": asdict(reading.quality),
        "registration": None if registration is None else asdict(registration),
        "zones": [asdict(zone) for zone in reading.zones],
        "handwriting_outside_zones": [asdict(amendment) for amendment in reading.amendments],
        "text_layer": how.text.value,
        "text_off_points": how.off,
        "straightened": how.straightened,
    }


def _left_out(files: Iterable[OriginalFile]) -> Iterator[dict[str, object]]:
    for file in files:
        for reason, pages in (("blank", file.blank), ("another_scan_stands_for_it", file.again)):
            for page in pages:
                yield {"file_sha256": file.record.sha256, "position": page.position, "reason": reason}


def _decision(review: ReviewRecord) -> dict[str, object]:
    return {
        "question": review.kind,
        "reason": review.reason,
        "page": review.page,
        "zone_id": review.zone_id,
        "asked_at": _moment(review.created_at),
        "decision": dict(review.decision or {}),
        "by": review.closed_by,
        "at": _moment(review.last_change),
    }


def _moment(at: datetime | None) -> str | None:
    return None if at is None else at.astimezone(OFFICE_ZONE).isoformat(timespec="seconds")


# -- for people ------------------------------------------------------------------------------------------------------


def _sections(
    note: Mapping[str, object], dossier: Dossier, derived: Sequence[DerivedPage]
) -> Iterator[dict[str, object]]:
    document, attachment = dossier.document, dossier.attachment
    yield _facts(
        "Dokument",
        ("Kennung", document.id),
        ("Vorlage", document.template),
        ("Sprachen", ", ".join(LANGUAGES[code].german_name for code in dossier.bundle.languages)),
        ("Seiten", str(document.pages)),
        ("Angenommen", f"{_german(attachment.created_at)}, {_POLICIES.get(attachment.policy, attachment.policy)}"),
        ("Angenommen von", attachment.accepted_by or "nach der Regel, ohne Person"),
    )
    yield _table(
        "Erfassung",
        ("Zeit", "Erfasst von", "Gerät (laut Angabe)", "Seiten der Datei", "SHA-256 der Originaldatei"),
        [
            (
                _german(file.upload.created_at),
                file.upload.operator,
                file.upload.device or "–",
                f"{', '.join(str(position + 1) for position in file.positions)} von {file.record.pages}",
                _grouped(file.record.sha256),
            )
            for file in dossier.files
        ],
    )
    yield _table(
        "Seiten",
        ("Seite", "Befund", "Bildgüte", "Gedreht", "Text"),
        [_page_row(page, how) for page, how in zip(dossier.pages, derived, strict=True)],
    )
    yield _table("Unterschriften", ("Feld", "Für", "Ergebnis"), [_zone_row(dossier, zone) for zone in attachment.zones])
    decisions = [_decision_row(review) for review in dossier.decisions]
    yield _table("Entscheidungen", ("Zeit", "Wer", "Frage", "Entscheidung"), decisions or [("–", "–", "keine", "–")])
    checks = note["checks"]
    assert isinstance(checks, list)
    yield _table(
        "Prüfungen",
        ("Prüfung", "Ergebnis"),
        [(check["de"], "in Ordnung" if check["passed"] else "nicht in Ordnung") for check in checks],
    )
    yield _facts("Nicht übernommen", ("Seiten", _left_out_said(dossier.files)))
    software = note["software"]
    assert isinstance(software, dict)
    yield _facts("Software", ("Programme", ", ".join(f"{name} {version}" for name, version in software.items())))


def _facts(heading: str, *rows: tuple[str, str]) -> dict[str, object]:
    return {"heading": heading, "columns": [], "rows": [list(row) for row in rows]}


def _table(heading: str, columns: Sequence[str], rows: Iterable[Sequence[str]]) -> dict[str, object]:
    return {"heading": heading, "columns": list(columns), "rows": [list(row) for row in rows]}


def _page_row(page: ScanPageRecord, how: DerivedPage) -> tuple[str, ...]:
    reading = page.reading
    assert reading is not None
    dpi = f"{reading.quality.dpi:.0f} dpi, " if reading.quality.dpi else ""
    found = "am Seitencode erkannt" if page.assigned_by is None else f"zugeordnet von {page.assigned_by}"
    if reading.amendments:
        found += f"; Handschrift außerhalb der Felder an {len(reading.amendments)} Stelle(n)"
    bilevel = ", schwarz-weiß" if reading.quality.bilevel else ""
    turned = f"um {reading.rotation}°" if reading.rotation else "nein"
    if how.straightened:
        turned += ", entzerrt"
    return (str(how.page), found, f"{dpi}{_GRADES[reading.quality.grade.value]}{bilevel}", turned, _TEXTS[how.text])


def _zone_row(dossier: Dossier, zone: JsonObject) -> tuple[str, str, str]:
    printed = next((known for known in dossier.document.zones if known["zone_id"] == zone["zone_id"]), {})
    verdict = str(zone.get("verdict"))
    decided = zone.get("decision")
    said = _VERDICTS.get(verdict, verdict) + (" (maschinell)" if decided is None else "")
    if decided is not None:
        said += f"; Entscheidung: {_CHOICES.get(str(decided), str(decided))}"
    return str(zone["zone_id"]), str(printed.get("signer", "")), said


def _decision_row(review: ReviewRecord) -> tuple[str, ...]:
    about = _QUESTIONS.get(review.kind, review.kind)
    place = [f"Seite {review.page}"] if review.page is not None else []
    place += [review.zone_id] if review.zone_id is not None else []
    choice = str((review.decision or {}).get("choice", ""))
    question = f"{about} ({', '.join(place)})" if place else about
    return _german(review.last_change), review.closed_by or "–", question, _CHOICES.get(choice, choice)


def _left_out_said(files: Sequence[OriginalFile]) -> str:
    blank = sum(len(file.blank) for file in files)
    again = sum(len(file.again) for file in files)
    parts = [f"{blank} leere Seite(n)"] if blank else []
    parts += [f"{again} weitere Aufnahme(n) derselben Seiten"] if again else []
    return " und ".join(parts) or "keine"


def _german(at: datetime) -> str:
    return f"{at.astimezone(OFFICE_ZONE):%d.%m.%Y %H:%M:%S} Uhr"


def _grouped(digest: str) -> str:
    return " ".join(digest[start : start + 8] for start in range(0, len(digest), 8))


def _printable(value: object) -> object:
    if isinstance(value, str):
        return _UNPRINTABLE.sub("?", value)
    if isinstance(value, dict):
        return {key: _printable(each) for key, each in value.items()}
    return [_printable(each) for each in value] if isinstance(value, list) else value
