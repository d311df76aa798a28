"""The texts in a package for whoever opens it without knowing this program."""

from __future__ import annotations

README = """\
Archivpaket eines unterschriebenen Dokuments                              (English below)

  derived/document.pdf     Lesefassung: die gescannten Seiten als PDF/A-2b, mit durchsuchbarem Text
  original/                die gescannten Seiten; in welcher Form, sagt manifest.json
  generated/               das Dokument, wie es gedruckt wurde (PDF/A-2a und Word)
  transfer-note/           Transfervermerk: wer, wann, womit; Befunde, Prüfungen, Entscheidungen
  data/                    die Daten des Dokuments; Vorlage und Textbausteine mit Prüfsummen
  checks.json              was beim Archivieren geprüft wurde
  evidence/                wo Siegel und Zeitstempel zu finden sind
  manifest.json            alle Dateien mit SHA-256
  manifest-sha256.txt      dieselben Prüfsummen, wie sha256sum sie liest
  chain.json               der Platz des Pakets in der Kette aller Pakete

Maßgeblich sind die Originaldaten. Unverändert ist das Paket nur als Ganzes: bitte nicht neu verpacken.
Prüfen: docservice verify PAKET.zip. Ohne dieses Programm: jede Datei hat die SHA-256 aus manifest.json
(nach dem Auspacken: sha256sum -c manifest-sha256.txt), und manifest.json hat die aus chain.json.


Archive package of a signed document

  derived/document.pdf     for reading: the scanned pages as PDF/A-2b with searchable text
  original/                the scanned pages; manifest.json says in which form
  generated/               the document as it was printed (PDF/A-2a and Word)
  transfer-note/           transfer note: who, when, with what; findings, checks, decisions
  data/                    the data of the document; template and clause texts with hashes
  checks.json              what was checked while archiving
  evidence/                where seals and timestamps are to be found
  manifest.json            all files with their SHA-256
  manifest-sha256.txt      the same hashes as sha256sum reads them
  chain.json               the place of the package in the chain of all packages

The originals are what counts. Only the whole package is proved unaltered: do not pack it anew.
To check it: docservice verify PACKAGE.zip. Without this program: each file has the SHA-256 that
manifest.json states (once unpacked: sha256sum -c manifest-sha256.txt), and manifest.json has the
one that chain.json states.
"""

EVIDENCE = """\
Siegel und Zeitstempel liegen neben dem Paket, als eigene Dateien: ein Paket wird nie mehr geändert.

Seals and timestamps lie beside the package, as files of their own: a package is never changed again.
"""
