"""What becomes of everything that a Word template can hold: one table, which lint, compiling and the docs share.

Parts are told by the kind of the relation that leads to them (see `parts.Relation`), markup by its elements. What the
table does not name is refused.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_PREFIXES = {
    "w": W,
    "w14": "http://schemas.microsoft.com/office/word/2010/wordml",
    "w15": "http://schemas.microsoft.com/office/word/2012/wordml",
    "o": "urn:schemas-microsoft-com:office:office",
    "wp15": "http://schemas.microsoft.com/office/word/2012/wordprocessingDrawing",
}


class Fate(StrEnum):
    """What happens to a construct of a template."""

    FILLED = "filled"  # tags in it are filled as docxtpl fills them
    KEPT = "kept"  # stands in every document as it is; a tag in it is refused
    REMOVED = "removed"  # never reaches a document; a tag in it is refused
    REFUSED = "refused"  # lint names place and mend, and the template cannot be filled


@dataclass(frozen=True, slots=True)
class Construct:
    """A construct of Word files; `de` and `en` say what is wrong and how to mend it where it is refused.

    `relations` are the kinds of relations that lead to its parts, `elements` its markup, "w:altChunk".
    """

    key: str
    name: str
    fate: Fate
    relations: tuple[str, ...] = ()
    elements: tuple[str, ...] = ()
    de: str = ""
    en: str = ""
    note: str = ""


_ACCEPT_DE = "in Word unter Überprüfen alle Änderungen annehmen oder ablehnen und die Nachverfolgung ausschalten."
_ACCEPT_EN = "in Word, under Review, accept or reject all changes and switch tracking off."

CONSTRUCTS = (
    # -- the parts of the file ------------------------------------------------------------------------------------
    Construct("document", "main document", Fate.FILLED, ("officeDocument",)),
    Construct("headers_footers", "headers and footers", Fate.FILLED, ("header", "footer"), note="whatever their names"),
    Construct("footnotes", "footnotes", Fate.FILLED, ("footnotes",)),
    Construct("endnotes", "endnotes", Fate.KEPT, ("endnotes",), note="docxtpl does not fill them; use footnotes"),
    Construct(
        "comments",
        "comments",
        Fate.REFUSED,
        ("comments", "ms:commentsExtended", "ms:commentsIds", "ms:commentsExtensible"),
        ("w:commentReference",),
        "ein Kommentar käme in jedes Dokument; in Word unter Überprüfen löschen.",
        "a comment would reach every document; delete it in Word under Review.",
        "a part without any comment is removed",
    ),
    Construct("people", "list of reviewers", Fate.REMOVED, ("ms:people",)),
    Construct("settings", "settings", Fate.KEPT, ("settings",), note="without what the rows below remove"),
    Construct("styles", "styles", Fate.KEPT, ("styles",), note="unused ones are removed"),
    Construct("numbering", "numbering", Fate.KEPT, ("numbering",)),
    Construct("fonts", "font table and embedded fonts", Fate.KEPT, ("fontTable", "font")),
    Construct("theme", "theme", Fate.KEPT, ("theme",), note="written out and removed where no drawing needs it"),
    Construct("web_settings", "web settings", Fate.REMOVED, ("webSettings", "frame")),
    Construct("old_styles", "styles with effects", Fate.REMOVED, ("ms:stylesWithEffects",)),
    Construct("glossary", "building blocks (glossary document)", Fate.REMOVED, ("glossaryDocument",)),
    Construct("custom_xml", "custom XML data", Fate.REMOVED, ("customXml", "customXmlProps")),
    Construct(
        "core_title",
        "title, subject, language",
        Fate.FILLED,
        note="a title without a tag gives way to the document's, a subject is removed",
    ),
    Construct(
        "core_people",
        "author, last editor, keywords, times, all other core properties",
        Fate.REMOVED,
        ("core-properties",),
    ),
    Construct("app", "manager, company, template, editing time", Fate.REMOVED, ("extended-properties",)),
    Construct("custom_properties", "custom properties", Fate.REMOVED, ("custom-properties",)),
    Construct("thumbnail", "thumbnail", Fate.REMOVED, ("thumbnail",)),
    Construct("signatures", "digital signatures", Fate.REMOVED, ("origin", "signature", "certificate")),
    Construct("labels", "sensitivity labels", Fate.REMOVED, ("classificationlabels", "ms:classificationlabels")),
    Construct(
        "add_ins",
        "ribbons, task panes, tasks, shortcuts, toolbars",
        Fate.REMOVED,
        (
            *("ms:extensibility", "ms:userCustomization", "ms:webextensiontaskpanes", "ms:webextension"),
            *("ms:documenttasks", "ms:keyMapCustomizations", "ms:attachedToolbars"),
        ),
    ),
    Construct("printer", "printer settings", Fate.REMOVED, ("printerSettings",), ("w:printerSettings",)),
    Construct("pictures", "pictures inside the file", Fate.KEPT, ("image",), note="their names lose any path"),
    Construct(
        "diagrams",
        "SmartArt",
        Fate.KEPT,
        ("diagramData", "diagramLayout", "diagramQuickStyle", "diagramColors", "ms:diagramDrawing"),
    ),
    Construct(
        "charts",
        "charts",
        Fate.REFUSED,
        ("chart", "ms:chartEx"),
        (),
        "ein Diagramm trägt seine ganze Tabelle in jedes Dokument; als Bild einfügen.",
        "a chart takes its whole workbook into every document; paste it as a picture.",
    ),
    Construct(
        "objects",
        "embedded objects (OLE) and packages",
        Fate.REFUSED,
        ("oleObject", "package"),
        ("w:object", "o:OLEObject"),
        "ein eingebettetes Objekt käme unbesehen in jedes Dokument; löschen oder als Bild einfügen.",
        "an embedded object would reach every document unseen; delete it or paste it as a picture.",
    ),
    Construct(
        "controls",
        "ActiveX controls",
        Fate.REFUSED,
        ("control", "ms:activeXControlBinary"),
        ("w:control",),
        "ein ActiveX-Steuerelement ist ein Programm; löschen.",
        "an ActiveX control is a program; delete it.",
    ),
    Construct(
        "macros",
        "macros (VBA)",
        Fate.REFUSED,
        ("ms:vbaProject", "ms:wordVbaData"),
        (),
        "die Datei enthält Makros; als Word-Dokument ohne Makros (.docx) speichern.",
        "the file holds macros; save it as a Word document without macros (.docx).",
    ),
    Construct(
        "imported",
        "other documents taken in (altChunk, subdocuments)",
        Fate.REFUSED,
        ("aFChunk", "subDocument"),
        ("w:altChunk", "w:subDoc"),
        "hier wird ein anderes Dokument eingebunden; seinen Text in die Vorlage übernehmen.",
        "another document is taken in here; copy its text into the template.",
    ),
    Construct(
        "attached_template",
        "attached template",
        Fate.REFUSED,
        ("attachedTemplate",),
        ("w:attachedTemplate",),
        "die Datei verweist auf eine Dokumentvorlage; in Word unter Entwicklertools, Dokumentvorlage, entfernen.",
        "the file points to a document template; remove it in Word under Developer, Document Template.",
    ),
    Construct(
        "mail_merge",
        "mail merge: data source and query",
        Fate.REFUSED,
        ("mailMergeSource", "mailMergeHeaderSource", "recipientData", "ms:recipientData"),
        ("w:mailMerge",),
        "die Datei ist ein Seriendruck mit Datenquelle; in Word unter Sendungen, Seriendruck starten, „Normales "
        "Word-Dokument“ wählen.",
        "the file is a mail merge with a data source; in Word, under Mailings, Start Mail Merge, choose "
        '"Normal Word Document".',
    ),
    Construct("links", "links to web, mail and telephone addresses", Fate.KEPT, ("hyperlink",), ("w:hyperlink",)),
    Construct(
        "link_tags",
        "tags in the target of a link",
        Fate.REFUSED,
        de="Platzhalter in der Adresse eines Links werden nicht gefüllt; die Adresse fest eintragen oder als Text "
        "schreiben.",
        en="tags in the address of a link are not filled; write a fixed address, or write it as text.",
    ),
    Construct(
        "link_files",
        "links to files and other places",
        Fate.REFUSED,
        de="dieser Link führt weder ins Netz (http, https) noch zu mailto oder tel, sondern auf einen Rechner oder "
        "eine Datei; entfernen.",
        en="this link leads neither to the web (http, https) nor to mailto or tel, but to a computer or file; "
        "remove it.",
    ),
    Construct(
        "outside",
        "anything else outside of the file (linked pictures, films, style sheets)",
        Fate.REFUSED,
        de="hier wird etwas von außerhalb der Datei geladen; einbetten oder entfernen.",
        en="something is loaded from outside of the file here; embed it or remove it.",
    ),
    Construct(
        "unknown",
        "parts of an unknown kind",
        Fate.REFUSED,
        de="die Datei hat einen Bestandteil unbekannter Art; entfernen, oder den Text in ein neues Dokument kopieren.",
        en="the file has a part of an unknown kind; remove it, or copy the text into a new document.",
    ),
    Construct(
        "not_docx",
        "Word templates (.dotx, .dotm), strict Open XML",
        Fate.REFUSED,
        de="die Datei ist kein gewöhnliches Word-Dokument; in Word als „Word-Dokument (.docx)“ speichern.",
        en='the file is no ordinary Word document; save it in Word as "Word Document (.docx)".',
    ),
    # -- the markup in the parts ----------------------------------------------------------------------------------
    Construct("controls_content", "content controls", Fate.FILLED, (), ("w:sdt",)),
    Construct(
        "binding",
        "binding, prompts and labels of content controls",
        Fate.REMOVED,
        (),
        ("w:dataBinding", "w15:dataBinding", "w:placeholder", "w:showingPlcHdr", "w:alias", "w:tag"),
    ),
    Construct("text_boxes", "text boxes", Fate.FILLED, (), ("w:txbxContent",), note="by docxtpl itself, slower"),
    Construct("alternatives", "alternate content", Fate.FILLED, note="both of its versions"),
    Construct("formulas", "formulas", Fate.FILLED, note="a tag must be typed in one go"),
    Construct(
        "wrappers",
        "smart tags, custom XML tags",
        Fate.REMOVED,
        (),
        ("w:smartTag", "w:customXml"),
        note="the text in them stays and is filled",
    ),
    Construct("bookmarks", "bookmarks", Fate.KEPT, (), ("w:bookmarkStart", "w:bookmarkEnd")),
    Construct(
        "tracked",
        "tracked changes",
        Fate.REFUSED,
        (),
        (
            *("w:ins", "w:del", "w:moveFrom", "w:moveTo", "w:cellIns", "w:cellDel", "w:cellMerge"),
            *("w:rPrChange", "w:pPrChange", "w:sectPrChange", "w:tblPrChange", "w:tblPrExChange", "w:tblGridChange"),
            *("w:trPrChange", "w:tcPrChange", "w:numberingChange", "w:moveFromRangeStart", "w:moveToRangeStart"),
            *("w:customXmlInsRangeStart", "w:customXmlDelRangeStart", "w:customXmlMoveFromRangeStart"),
            *("w:customXmlMoveToRangeStart", "w14:conflictIns", "w14:conflictDel"),
        ),
        f"eine nachverfolgte Änderung ist offen; {_ACCEPT_DE}",
        f"a tracked change is open; {_ACCEPT_EN}",
    ),
    Construct(
        "hidden",
        "hidden text",
        Fate.REFUSED,
        (),
        (),
        "verborgener Text käme unbesehen in jedes Dokument; löschen oder sichtbar machen.",
        "hidden text would reach every document unseen; delete it or let it be seen.",
    ),
    Construct("own_fields", "fields the document itself answers (PAGE, NUMPAGES, REF, TOC, SEQ, ...)", Fate.KEPT),
    Construct(
        "foreign_fields",
        "all other fields (MERGEFIELD, IF, DATE, AUTHOR, FILENAME, INCLUDETEXT, INCLUDEPICTURE, LINK, DDE, ...)",
        Fate.REFUSED,
        (),
        ("w:ffData",),
        "dieses Feld holt seinen Wert nicht aus dem Dokument; durch einen Platzhalter {{ … }} oder Text ersetzen.",
        "this field does not take its value from the document; put a tag {{ ... }} or text in its place.",
    ),
    Construct(
        "field_tags",
        "tags in field codes",
        Fate.REFUSED,
        de="ein Platzhalter im Feldcode könnte das Feld verändern; als Text neben das Feld schreiben.",
        en="a tag in a field code could change the field; write it as text beside the field.",
    ),
    Construct(
        "ink",
        "ink, films and web videos",
        Fate.REFUSED,
        ("ms:media", "video", "audio"),
        ("w:contentPart", "w14:contentPart", "wp15:webVideoPr", "w:movie"),
        "Freihand, Film oder Video lassen sich nicht drucken und nicht prüfen; entfernen oder als Bild einfügen.",
        "ink, film or video can be neither printed nor checked; remove it or paste it as a picture.",
    ),
    Construct("permissions", "who may edit what", Fate.REMOVED, (), ("w:permStart", "w:permEnd")),
    Construct(
        "protection", "protection and its passwords", Fate.REMOVED, (), ("w:documentProtection", "w:writeProtection")
    ),
    Construct("variables", "document variables", Fate.REMOVED, (), ("w:docVars",)),
    Construct(
        "traces",
        "traces of editing (revision numbers, proofing marks, document ids, switched-on tracking)",
        Fate.REMOVED,
        (),
        (
            *("w:rsids", "w:proofErr", "w:proofState", "w:trackRevisions", "w:revisionView", "w:activeWritingStyle"),
            *("w14:docId", "w15:docId", "w:lastRenderedPageBreak", "w:smartTagType", "w:linkStyles"),
            *("w:attachedSchema", "w:saveThroughXslt", "w:useXSLTWhenSaving", "w:formsDesign"),
        ),
    ),
    Construct(
        "tags_elsewhere",
        "tags in any part that is not filled",
        Fate.REFUSED,
        de="hier wird kein Platzhalter gefüllt; in den Text, die Kopf- oder Fußzeile oder eine Fußnote verlegen.",
        en="no tag is filled here; move it into the text, a header, a footer or a footnote.",
    ),
)
OWN_FIELDS = frozenset(
    {
        *("PAGE", "NUMPAGES", "SECTION", "SECTIONPAGES", "PAGEREF", "REF", "NOTEREF", "STYLEREF", "SEQ", "TOC", "TC"),
        *("INDEX", "XE", "TOA", "TA", "HYPERLINK", "SYMBOL", "QUOTE", "EQ", "ADVANCE", "LISTNUM", "AUTONUM"),
        *("AUTONUMLGL", "AUTONUMOUT", "="),
    }
)


def named(key: str) -> Construct:
    """The construct of this key."""
    return _BY_KEY[key]


def of_relation(kind: str) -> Construct | None:
    """The construct whose parts a relation of this kind leads to; None when the table does not name it."""
    return _BY_RELATION.get(kind)


def elements(fate: Fate) -> dict[str, Construct]:
    """The elements of all constructs of one fate, as lxml names them."""
    return {
        f"{{{_PREFIXES[prefix]}}}{name}": construct
        for construct in CONSTRUCTS
        if construct.fate is fate
        for prefix, _, name in (element.partition(":") for element in construct.elements)
    }


def as_table() -> str:
    """The table for people, in Markdown."""
    rows = [f"| {construct.name} | {construct.fate} | {_told(construct)} |" for construct in CONSTRUCTS]
    return "\n".join(("| What a template holds | What happens | More |", "| --- | --- | --- |", *rows))


def _told(construct: Construct) -> str:
    return "; ".join(text for text in (construct.en.rstrip("."), construct.note) if text)


_BY_KEY = {construct.key: construct for construct in CONSTRUCTS}
_BY_RELATION = {kind: construct for construct in CONSTRUCTS for kind in construct.relations}
