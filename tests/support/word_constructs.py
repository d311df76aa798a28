# ruff: noqa: E501 - one file a line
"""Word files with one construct each, for every row of the table of constructs; all of it invented."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field

from PIL import Image
from PIL.PngImagePlugin import PngInfo

DECLARATION = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/"
MICROSOFT = "http://schemas.microsoft.com/office/2011/relationships/"
WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml."
NAMESPACES = (
    'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" '
    'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships" '
    'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006" '
    'xmlns:m="http://schemas.openxmlformats.org/officeDocument/2006/math" '
    'xmlns:v="urn:schemas-microsoft-com:vml" xmlns:o="urn:schemas-microsoft-com:office:office" '
    'xmlns:wp="http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing" '
    'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" '
    'xmlns:pic="http://schemas.openxmlformats.org/drawingml/2006/picture" '
    'xmlns:w14="http://schemas.microsoft.com/office/word/2010/wordml" '
    'xmlns:w15="http://schemas.microsoft.com/office/word/2012/wordml"'
)
EDITOR = "Reimann"  # whoever wrote the template: in authors, paths, comments; must reach no document


@dataclass(frozen=True, slots=True)
class Extra:
    """A part beside the document: its name, the type of the relation to it, its content type and what it holds."""

    name: str
    relation: str
    content_type: str
    data: str | bytes
    relations: str = ""
    source: str = "word/document.xml"


@dataclass(slots=True)
class WordFile:
    """A Word file made by hand; `outside` are further relations of the document, as XML."""

    body: str = ""
    extras: list[Extra] = field(default_factory=list)
    outside: str = ""
    main: str = "word/document.xml"
    main_type: str = f"{WORD}document.main+xml"
    office: str = f"{OFFICE}officeDocument"

    def members(self) -> dict[str, bytes]:
        """The members of the container."""
        relations: dict[str, str] = {"": relation("rId0", self.office, self.main), self.main: self.outside}
        overrides = {self.main: self.main_type}
        found: dict[str, str | bytes] = {self.main: part("document", f"<w:body>{self.body}<w:sectPr/></w:body>")}
        for number, extra in enumerate(self.extras):
            source = self.main if extra.source == "word/document.xml" else extra.source
            relations[source] = relations.get(source, "") + relation(f"rIdX{number}", extra.relation, f"/{extra.name}")
            if extra.relations:
                relations[extra.name] = extra.relations
            overrides[extra.name] = extra.content_type
            found[extra.name] = extra.data
        for source, inside in relations.items():
            folder, _, file = source.rpartition("/")
            name = f"{folder}/_rels/{file}.rels" if folder else f"_rels/{file}.rels"
            found[name] = (
                f'{DECLARATION}<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
                f"{inside}</Relationships>"
            )
        types = "".join(f'<Override PartName="/{name}" ContentType="{kind}"/>' for name, kind in overrides.items())
        found["[Content_Types].xml"] = (
            f'{DECLARATION}<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
            '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
            f'<Default Extension="xml" ContentType="application/xml"/>{types}</Types>'
        )
        return {name: data if isinstance(data, bytes) else data.encode() for name, data in found.items()}

    def data(self) -> bytes:
        """The file."""
        return zipped(self.members())


def zipped(members: Mapping[str, bytes]) -> bytes:
    """Members as a file."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as target:
        for name, data in members.items():
            target.writestr(name, data)
    return made.getvalue()


def relation(number: str, kind: str, target: str, *, external: bool = False) -> str:
    """One relation."""
    mode = ' TargetMode="External"' if external else ""
    return f'<Relationship Id="{number}" Type="{kind}" Target="{target}"{mode}/>'


def part(root: str, inside: str) -> str:
    """A part of Word's own markup."""
    return f"{DECLARATION}<w:{root} {NAMESPACES}>{inside}</w:{root}>"


def p(*runs: str) -> str:
    """A paragraph of runs."""
    return f"<w:p>{''.join(runs)}</w:p>"


def r(text: str, properties: str = "") -> str:
    """A run of text."""
    return f'<w:r><w:rPr>{properties}</w:rPr><w:t xml:space="preserve">{text}</w:t></w:r>'


def word_part(kind: str, inside: str, *, name: str = "", root: str = "", relations: str = "") -> Extra:
    """A part of Word's own beside the document."""
    where = name or f"word/{kind}.xml"
    return Extra(where, f"{OFFICE}{kind}", f"{WORD}{kind}+xml", part(root or kind, inside), relations)


def settings(inside: str, relations: str = "") -> WordFile:
    """A file with these settings."""
    return WordFile(TEXT, [word_part("settings", inside, relations=relations)])


def opaque(name: str, kind: str, data: str | bytes = f"<x>{EDITOR}</x>", source: str = "word/document.xml") -> Extra:
    """A part nobody looks into."""
    return Extra(name, kind if ":" in kind else f"{OFFICE}{kind}", "application/xml", data, source=source)


def in_root(name: str, kind: str, data: str = f"<x>{EDITOR}</x>") -> WordFile:
    """A file with a part that belongs to the package as a whole."""
    return WordFile(TEXT, [opaque(name, kind, data, source="")])


def field_(code: str) -> str:
    """A complex field, its code torn over two runs as Word tears it."""
    middle = len(code) // 2
    char = '<w:r><w:fldChar w:fldCharType="{}"/></w:r>'
    codes = "".join(f"<w:r><w:instrText>{half}</w:instrText></w:r>" for half in (code[:middle], code[middle:]))
    return p(char.format("begin"), codes, char.format("separate"), r("1"), char.format("end"))


def png(text: str = "") -> bytes:
    """A picture, with a text beside the pixels."""
    made, info = io.BytesIO(), PngInfo()
    info.add_text("Author", text)
    Image.new("RGB", (4, 4), "red").save(made, "PNG", pnginfo=info)
    return made.getvalue()


def picture(reference: str, name: str = "logo.png") -> str:
    """A drawing that shows the picture of a relation (`r:embed="rIdX0"`)."""
    return p(
        '<w:r><w:drawing><wp:inline><wp:extent cx="360000" cy="360000"/>'
        f'<wp:docPr id="1" name="{name}" descr="{name}"/><a:graphic><a:graphicData '
        'uri="http://schemas.openxmlformats.org/drawingml/2006/picture"><pic:pic><pic:nvPicPr>'
        f'<pic:cNvPr id="1" name="{name}"/><pic:cNvPicPr/></pic:nvPicPr><pic:blipFill><a:blip {reference}/>'
        "</pic:blipFill><pic:spPr/></pic:pic></a:graphicData></a:graphic></wp:inline></w:drawing></w:r>"
    )


def text_box(inside: str) -> str:
    """A text box as Word writes it: a choice for itself, a fallback for older programs."""
    box = f"<w:txbxContent>{inside}</w:txbxContent>"
    return p(
        f'<w:r><mc:AlternateContent><mc:Choice Requires="wps"><w:drawing>{box}</w:drawing></mc:Choice>'
        f"<mc:Fallback><w:pict><v:shape><v:textbox>{box}</v:textbox></v:shape></w:pict></mc:Fallback>"
        "</mc:AlternateContent></w:r>"
    )


def footnotes(kind: str, inside: str) -> WordFile:
    """A file with one footnote or endnote, and the separators Word puts before it."""
    separators = f'<w:{kind} w:type="separator" w:id="-1"><w:p/></w:{kind}>'
    notes = word_part(f"{kind}s", f'{separators}<w:{kind} w:id="1">{p(r(inside))}</w:{kind}>')
    return WordFile(TEXT + p(f'<w:r><w:{kind}Reference w:id="1"/></w:r>'), [notes])


TAG = "{{ name }}"
TEXT = p(r(f"An {TAG}"))
_BY = f'w:id="1" w:author="{EDITOR}" w:date="2026-11-01T10:00:00Z"'
_CORE = (
    "http://schemas.openxmlformats.org/package/2006/relationships/metadata/core-properties",
    "application/vnd.openxmlformats-package.core-properties+xml",
)


def core(inside: str) -> WordFile:
    """A file with these core properties."""
    return WordFile(
        TEXT,
        [
            Extra(
                "docProps/core.xml",
                *_CORE,
                f'{DECLARATION}<cp:coreProperties xmlns:dc="http://purl.org/dc/elements/1.1/" '
                'xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/core-properties">'
                f"{inside}</cp:coreProperties>",
                source="",
            )
        ],
    )


def examples() -> dict[str, list[WordFile]]:
    """Files by the key of the construct they hold."""
    comment = f"<w:comment {_BY}>{p(r(EDITOR))}</w:comment>"
    anchored = p(r("x"), '<w:r><w:commentReference w:id="1"/></w:r>')
    people = Extra(
        "word/people.xml",
        f"{MICROSOFT}people",
        f"{WORD}people+xml",
        f'{DECLARATION}<w15:people {NAMESPACES}><w15:person w15:author="{EDITOR}"/></w15:people>',
    )
    app = f'<Properties xmlns="x"><Manager>{EDITOR}</Manager><Template>{EDITOR}.dotm</Template></Properties>'
    glossary = word_part("glossaryDocument", p(r(EDITOR)), name="word/glossary/document.xml", root="glossaryDocument")
    style = '<w:style w:type="character" w:styleId="H"><w:rPr><w:vanish/></w:rPr></w:style>'
    style += '<w:style w:type="character" w:styleId="H2"><w:basedOn w:val="H"/></w:style>'
    return {
        "document": [WordFile(TEXT), WordFile(TEXT, main="word/document2.xml"), WordFile(TEXT, main="Inhalt/Text.XML")],
        "headers_footers": [
            WordFile(TEXT, [word_part(kind, p(r(TAG)), name=name, root=root)])
            for kind, name, root in (("header", "word/header7.xml", "hdr"), ("footer", "word/unten/Fuss.xml", "ftr"))
        ],
        "footnotes": [footnotes("footnote", TAG)],
        "endnotes": [footnotes("endnote", "fester Text")],
        "comments": [WordFile(TEXT + anchored, [word_part("comments", comment)])],
        "people": [WordFile(TEXT, [people])],
        "settings": [settings('<w:zoom w:percent="100"/>')],
        "styles": [WordFile(TEXT, [word_part("styles", "")])],
        "numbering": [WordFile(TEXT, [word_part("numbering", "")])],
        "fonts": [WordFile(TEXT, [word_part("fontTable", '<w:font w:name="Noto Sans"/>', root="fonts")])],
        "theme": [WordFile(TEXT, [opaque("word/theme/theme1.xml", "theme", "<x/>")])],
        "web_settings": [WordFile(TEXT, [word_part("webSettings", f'<w:divs w:id="{EDITOR}"/>')])],
        "old_styles": [WordFile(TEXT, [opaque("word/old.xml", "http://schemas.microsoft.com/office/2007/relationships/stylesWithEffects")])],
        "glossary": [WordFile(TEXT, [glossary])],
        "custom_xml": [WordFile(TEXT, [opaque("customXml/item1.xml", "customXml")])],
        "core_title": [core(f"<dc:title>Für {TAG}</dc:title>"), core(f"<dc:title>Akte {EDITOR}</dc:title>")],
        "core_people": [core(f"<dc:creator>{EDITOR}</dc:creator><cp:lastModifiedBy>{EDITOR}</cp:lastModifiedBy>")],
        "app": [in_root("docProps/app.xml", "extended-properties", app)],
        "custom_properties": [in_root("docProps/custom.xml", "custom-properties")],
        "thumbnail": [in_root("docProps/t.jpeg", "http://schemas.openxmlformats.org/package/2006/relationships/metadata/thumbnail")],
        "signatures": [in_root("_xmlsignatures/o.sigs", "http://schemas.openxmlformats.org/package/2006/relationships/digital-signature/origin")],
        "labels": [in_root("docMetadata/l.xml", "http://schemas.microsoft.com/office/2020/02/relationships/classificationlabels")],
        "add_ins": [
            in_root("customUI/ui.xml", "http://schemas.microsoft.com/office/2007/relationships/ui/extensibility"),
            WordFile(TEXT, [opaque("word/keys.xml", "http://schemas.microsoft.com/office/2006/relationships/keyMapCustomizations")]),
        ],
        "printer": [WordFile(p(r(TAG)) + '<w:p><w:pPr><w:sectPr><w:printerSettings r:id="rIdX0"/></w:sectPr></w:pPr></w:p>', [opaque("word/printer.bin", "printerSettings")])],
        "pictures": [
            WordFile(TEXT + picture('r:embed="rIdX0"', f"D:\\Amt\\{EDITOR}\\logo.png"), [Extra("word/media/i.png", f"{OFFICE}image", "image/png", png(EDITOR))])
        ],
        "diagrams": [WordFile(TEXT, [opaque("word/diagrams/data1.xml", "diagramData", "<x/>")])],
        "charts": [WordFile(TEXT, [opaque("word/charts/chart1.xml", "chart")])],
        "objects": [
            WordFile(TEXT + p('<w:r><w:object><o:OLEObject r:id="rIdX0"/></w:object></w:r>'), [opaque("word/embeddings/o.bin", "oleObject")])
        ],
        "controls": [WordFile(TEXT + p('<w:r><w:control r:id="rIdX0"/></w:r>'), [opaque("word/activeX/a.xml", "control")])],
        "macros": [
            WordFile(TEXT, [opaque("word/vbaProject.bin", "http://schemas.microsoft.com/office/2006/relationships/vbaProject")]),
            WordFile(TEXT, main_type="application/vnd.ms-word.document.macroEnabled.main+xml"),
        ],
        "imported": [
            WordFile(TEXT + '<w:altChunk r:id="rIdX0"/>', [opaque("word/c.html", "aFChunk")]),
            WordFile(TEXT + p('<w:subDoc r:id="s"/>'), outside=relation("s", f"{OFFICE}subDocument", "teil.docx", external=True)),
        ],
        "attached_template": [
            settings('<w:attachedTemplate r:id="t"/>', relation("t", f"{OFFICE}attachedTemplate", f"file:///C:/{EDITOR}.dotm", external=True))
        ],
        "mail_merge": [
            settings('<w:mailMerge><w:query w:val="SELECT *"/><w:dataSource r:id="q"/></w:mailMerge>', relation("q", f"{OFFICE}mailMergeSource", f"file:///{EDITOR}.xlsx", external=True))
        ],
        "links": [
            WordFile(TEXT + p(f'<w:hyperlink r:id="h">{r(TAG)}</w:hyperlink>'), outside=relation("h", f"{OFFICE}hyperlink", address, external=True))
            for address in ("https://example.org/a?b=c", "mailto:amt@example.org", "tel:+49231500")
        ],
        "link_tags": [
            *(
                WordFile(TEXT + p(f'<w:hyperlink r:id="h">{r("x")}</w:hyperlink>'), outside=relation("h", f"{OFFICE}hyperlink", address, external=True))
                for address in ("https://example.org/?az={{ name }}", "mailto:%7B%7B%20name%20%7D%7D@example.org")
            ),
            WordFile(TEXT, [word_part("header", p(f'<w:hyperlink r:id="h">{r("x")}</w:hyperlink>'), root="hdr", relations=relation("h", f"{OFFICE}hyperlink", "http://x.example/{{ name }}", external=True))]),
        ],
        "link_files": [
            WordFile(TEXT + p(f'<w:hyperlink r:id="h">{r("x")}</w:hyperlink>'), outside=relation("h", f"{OFFICE}hyperlink", address, external=True))
            for address in (f"file:///D:/Amt/{EDITOR}/a.docx", f"..\\{EDITOR}\\a.docx", "javascript:alert(1)")
        ] + [WordFile(TEXT + field_(f' HYPERLINK "C:\\{EDITOR}\\a.docx" '))],
        "outside": [
            WordFile(TEXT + picture('r:link="i"'), outside=relation("i", f"{OFFICE}image", "https://example.org/i.png", external=True)),
            settings("", relation("x", f"{OFFICE}transform", "file:///x.xsl", external=True)),
        ],
        "unknown": [WordFile(TEXT, [opaque("word/what.xml", "urn:example:what")])],
        "not_docx": [
            WordFile(TEXT, main_type=f"{WORD}template.main+xml"),
            WordFile(TEXT, office="http://purl.oclc.org/ooxml/officeDocument/relationships/officeDocument"),
        ],
        "controls_content": [
            WordFile(f"<w:sdt><w:sdtPr/><w:sdtContent>{TEXT}</w:sdtContent></w:sdt>"),
            WordFile(p(f"<w:sdt><w:sdtContent>{r(TAG)}</w:sdtContent></w:sdt>")),
        ],
        "binding": [
            WordFile(f'<w:sdt><w:sdtPr><w:alias w:val="{EDITOR}"/><w:tag w:val="{EDITOR}"/><w:placeholder><w:docPart w:val="{EDITOR}"/></w:placeholder><w:showingPlcHdr/><w:dataBinding w:xpath="/x" w:storeItemID="{EDITOR}"/></w:sdtPr><w:sdtContent>{TEXT}</w:sdtContent></w:sdt>')
        ],
        "text_boxes": [WordFile(TEXT + text_box(p(r(TAG))))],
        "alternatives": [WordFile(p(f'<mc:AlternateContent><mc:Choice Requires="w14">{r(TAG)}</mc:Choice><mc:Fallback>{r(TAG)}</mc:Fallback></mc:AlternateContent>'))],
        "formulas": [WordFile(TEXT + p(f"<m:oMath><m:r><m:t>{TAG}</m:t></m:r></m:oMath>"))],
        "wrappers": [
            WordFile(p(f'<w:smartTag w:uri="{EDITOR}" w:element="x"><w:smartTagPr><w:attr w:name="{EDITOR}"/></w:smartTagPr>{r(TAG)}</w:smartTag>')),
            WordFile(f'<w:customXml w:element="{EDITOR}"><w:customXml w:element="y">{TEXT}</w:customXml></w:customXml>'),
        ],
        "bookmarks": [WordFile(p('<w:bookmarkStart w:id="3" w:name="Stelle"/>', r(TAG), '<w:bookmarkEnd w:id="3"/>'))],
        "tracked": [
            WordFile(p(f"<w:ins {_BY}>{r(TAG)}</w:ins>")),
            WordFile(p(f"<w:del {_BY}><w:r><w:delText>{{{{ weg }}}}</w:delText></w:r></w:del>", r(TAG))),
            WordFile(p(f"<w:moveFrom {_BY}>{r('{{ weg }}')}</w:moveFrom><w:moveTo {_BY}>{r(TAG)}</w:moveTo>")),
            WordFile(p(f"<w:pPr><w:rPr><w:ins {_BY}/></w:rPr></w:pPr>", r(TAG))),
            WordFile(p(r(TAG, f"<w:b/><w:rPrChange {_BY}><w:rPr/></w:rPrChange>"))),
            WordFile(TEXT + f"<w:tbl><w:tr><w:trPr><w:ins {_BY}/></w:trPr><w:tc><w:tcPr><w:cellIns {_BY}/></w:tcPr><w:p/></w:tc></w:tr></w:tbl>"),
            WordFile(TEXT, [word_part("header", p(f"<w:ins {_BY}>{r('x')}</w:ins>"), root="hdr")]),
            WordFile(TEXT, [word_part("styles", f'<w:style w:styleId="A" w:default="1"><w:rPr><w:rPrChange {_BY}/></w:rPr></w:style>')]),
        ],
        "hidden": [
            WordFile(p(r(EDITOR, "<w:vanish/>"), r(TAG))),
            WordFile(p(r(EDITOR, '<w:rStyle w:val="H2"/>'), r(TAG)), [word_part("styles", style)]),
        ],
        "own_fields": [WordFile(TEXT + field_(code)) for code in (" PAGE ", " NUMPAGES  \\* Arabic ", ' TOC \\o "1-3" ', " = 1 + 2 ", ' HYPERLINK "https://example.org" ')],
        "foreign_fields": [
            WordFile(TEXT + field_(code))
            for code in (" MERGEFIELD Nachname ", " IF 1 = 1 a b ", " DATE ", " AUTHOR ", " FILENAME \\p ", " DDEAUTO x y ", " INCLUDETEXT x ", "DOCPROPERTY x")
        ] + [
            WordFile(TEXT + p(f'<w:fldSimple w:instr=" mergefield Nachname ">{r("x")}</w:fldSimple>')),
            WordFile(TEXT + p('<w:r><w:fldChar w:fldCharType="begin"><w:ffData><w:name w:val="x"/></w:ffData></w:fldChar></w:r>')),
            WordFile(TEXT, [word_part("footer", field_(" USERNAME "), root="ftr")]),
        ],
        "field_tags": [
            WordFile(TEXT + field_(' HYPERLINK "https://example.org/{{ name }}" ')),
            WordFile(TEXT + p(f'<w:fldSimple w:instr=" REF {TAG} ">{r("x")}</w:fldSimple>')),
        ],
        "ink": [WordFile(TEXT + p('<w:r><w:contentPart r:id="rIdX0"/></w:r>'), [opaque("word/ink/ink1.xml", "customXml")])],
        "permissions": [WordFile(p(f'<w:permStart w:id="1" w:ed="AMT\\{EDITOR}"/>', r(TAG), '<w:permEnd w:id="1"/>'))],
        "protection": [settings(f'<w:documentProtection w:hash="{EDITOR}"/><w:writeProtection w:hash="{EDITOR}"/>')],
        "variables": [settings(f'<w:docVars><w:docVar w:name="x" w:val="{EDITOR}"/></w:docVars>')],
        "traces": [
            settings(f'<w:trackRevisions/><w:rsids><w:rsid w:val="{EDITOR}"/></w:rsids><w15:docId w15:val="{EDITOR}"/>'),
            WordFile(f'<!-- {EDITOR} --><w:p w:rsidR="{EDITOR}" w14:paraId="{EDITOR}"><w:proofErr w:type="{EDITOR}"/>{r(TAG)}</w:p>'),
        ],
        "tags_elsewhere": [
            footnotes("endnote", TAG),
            core(f"<dc:creator>{TAG}</dc:creator>"),
            in_root("docProps/custom.xml", "custom-properties", f"<x>{TAG}</x>"),
            WordFile(TEXT, [word_part("styles", f'<w:style w:styleId="A"><w:name w:val="{TAG}"/></w:style>')]),
            WordFile(TEXT, [opaque("word/diagrams/data1.xml", "diagramData", "<x><a>{{</a><a> name }}</a></x>")]),
            WordFile(TEXT, [opaque("customXml/item1.xml", "customXml", f"<x>{TAG}</x>")]),
        ],
    }  # fmt: skip
