"""Word templates in docxtpl's syntax, compiled once per version and filled many times.

Filling is bound to be the same as docxtpl's, part by part (the tests hold both side by side), with four differences:
names that are not given are errors, characters that XML cannot hold are errors, `{_{` in a value stays `{_{`, and
values inside right-to-left text are runs of their own (`directions`).
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from docxtpl import DocxTemplate
from jinja2 import Template, TemplateError, UndefinedError
from jinja2.exceptions import SecurityError
from lxml import etree

from docservice.domain.errors import DocserviceError
from docservice.domain.languages import LRM
from docservice.templates.word import opc as package
from docservice.templates.word.checks import DOCUMENT_TYPE, filled_parts, refusals
from docservice.templates.word.constructs import W
from docservice.templates.word.directions import values_apart
from docservice.templates.word.judge import findings
from docservice.templates.word.language import (
    Place,
    Sandbox,
    Tag,
    WordFinding,
    WordPart,
    fallback_reason,
)
from docservice.templates.word.parts import (
    parsed,
    read_parts,
    relation_elements,
    relations_name,
    target_of,
    with_settled_names,
)
from docservice.templates.word.properties import CORE, TITLE, core_source
from docservice.templates.word.slim import slim

_DOCUMENT = "officeDocument"
_NOT_BY_DOCXTPL = ("footnotes", CORE)
_TAG = re.compile(r"\{\{.*?\}\}|\{%.*?%\}|\{#.*?#\}", re.DOTALL)
_DECLARATION = "<?xml version='1.0' encoding='UTF-8' standalone='yes'?>\n"
_DRAWING_ID = re.compile(r'(<wp:docPr [^>]*?\bid=")[^"]*(")')
_RUN = re.compile(r"<w:r(?: [^>]*)?>.*?</w:r>", re.DOTALL)
_TEXT = re.compile(r"<w:t(?: [^>]*)?>.*?</w:t>", re.DOTALL)
_RUN_PROPERTIES = re.compile(r"<w:rPr>.*?</w:rPr>")
_NOT_IN_XML = bytes(code for code in range(32) if code not in b"\t\n")
_WHILE_FILLING = (  # what a template's expressions can make of the data
    TemplateError,
    ArithmeticError,
    AttributeError,
    LookupError,
    RecursionError,
    TypeError,
    ValueError,
)
_LEVEL = 2  # measured: higher levels cost more time than they save on these files
_PICTURE = "http://schemas.openxmlformats.org/drawingml/2006/picture"
_DRAWING = "http://schemas.openxmlformats.org/drawingml/2006/main"
_REFERENCE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


class WordTemplateError(DocserviceError):
    """A Word template that cannot be compiled or filled; `findings` name place, tag and mend of each fault."""

    def __init__(self, name: str, found: Sequence[WordFinding]) -> None:
        self.findings = tuple(found)
        super().__init__(
            "template_fault",
            f"{name}: " + " | ".join(finding.line("en") for finding in found),
            detail_de=f"{name}: " + " | ".join(finding.line("de") for finding in found),
        )


@dataclass(frozen=True, slots=True)
class _Source:
    """A part's Jinja source in which every tag stands on a line of its own, so that a line names a tag."""

    text: str
    tag_lines: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class _FilledPart:
    """A part with tags: its compiled template between the XML before and after it."""

    part: WordPart
    before: str
    template: Template
    after: str
    tags: tuple[Tag, ...]
    tag_lines: tuple[int, ...]

    @property
    def name(self) -> str:
        """The member that holds the part."""
        return self.part.name

    @property
    def kind(self) -> str:
        """The kind of the relation that leads to the part."""
        return self.part.kind

    def fill(self, context: dict[str, object]) -> str:
        """The part's XML; raises what Jinja raises."""
        template = self.template
        return "".join((self.before, *template.root_render_func(template.new_context(context)), self.after))

    def finding(self, error: Exception) -> WordFinding:
        """What a failure while filling means, at the tag where it happened. Never quotes a value."""
        tag = self._tag_of(error)
        place, text = (tag.place, tag.text) if tag else (self.part.place, "")
        return _explained(error, place, text)

    def _tag_of(self, error: Exception) -> Tag | None:
        line, trace = 0, error.__traceback__
        while trace is not None:
            if trace.tb_frame.f_globals.get("__jinja_template__") is not None:
                line = self.template.get_corresponding_lineno(trace.tb_lineno)
            trace = trace.tb_next
        number = sum(1 for tag_line in self.tag_lines if tag_line <= line) - 1
        return self.tags[number] if 0 <= number < len(self.tags) == len(self.tag_lines) else None


class CompiledWord:
    """One Word template, ready to be filled any number of times; holds nothing of any document."""

    def __init__(self, data: bytes, name: str, allowed_names: Collection[str] | None = None) -> None:
        """Raises WordTemplateError naming every fault of the template at once.

        Without `allowed_names` a name that is not given is an error only where a document comes upon it.
        """
        self.name = name
        faults = [finding for finding in template_findings(data, allowed_names) if not finding.hint]
        if faults:
            raise WordTemplateError(name, faults)
        self._data = slim(data)
        members = package.read(self._data)
        filled = {part.name: part for part in filled_parts(members, read_parts(members))}
        self.docxtpl_reasons = tuple(_docxtpl_reasons(filled.values()))
        self._environment = Sandbox()
        self._members: list[package.Member | _FilledPart] = []
        self._pictures: dict[str, str] = {}
        self._drawings_in_body = False
        self._place = next(iter(filled.values())).place
        self._compile(filled)

    @classmethod
    def from_path(cls, path: Path, allowed_names: Collection[str] | None = None) -> CompiledWord:
        """The template in a file; it is called by the file's name in errors."""
        return cls(path.read_bytes(), path.name, allowed_names)

    @property
    def slimmed(self) -> bytes:
        """The template that is filled: the one given, without what no document of it would show."""
        return self._data

    def render(self, context: Mapping[str, object], pictures: Mapping[str, bytes], title: str = "") -> bytes:
        """The filled Word file; `pictures` (PNG) by name. The same input gives the same bytes.

        `title` becomes the title in its properties, unless the template says with a tag what that is to be.
        Raises WordTemplateError (place, tag, mend) when a tag cannot be filled, and DocserviceError
        "text_not_printable" when a value holds a character that no Word file can hold.
        """
        if not pictures.keys() <= self._pictures.keys():
            unknown, known = (", ".join(sorted(names)) for names in (pictures.keys() - self._pictures, self._pictures))
            raise DocserviceError.told("templates.unknown_picture", name=self.name, unknown=unknown, known=known)
        titled = {**context, TITLE: title}
        if self.docxtpl_reasons:
            return self._render_by_docxtpl(titled, pictures)
        replaced = {self._pictures[name]: picture for name, picture in pictures.items()}
        return package.write(self._filled(titled, replaced))

    def _filled(self, context: dict[str, object], replaced: Mapping[str, bytes]) -> Iterator[package.Member]:
        for member in self._members:
            if isinstance(member, _FilledPart):
                yield package.deflated(member.name, self._xml(member, context), _LEVEL)
            elif replaced and (picture := replaced.get(member.name.decode())) is not None:
                yield package.stored(member.name.decode(), picture)
            else:
                yield member

    def _xml(self, part: _FilledPart, context: dict[str, object]) -> bytes:
        try:
            xml = part.fill(context)
        except _WHILE_FILLING as error:
            raise WordTemplateError(self.name, [part.finding(error)]) from None
        if "\n" in xml or "\t" in xml:
            xml = _with_breaks(xml, len(part.before))
        if LRM in xml:
            xml = values_apart(xml, len(part.before))
        if self._drawings_in_body and part.kind == _DOCUMENT:
            xml = _with_drawing_ids(xml)
        return _encoded(xml, len(_DECLARATION))

    def _render_by_docxtpl(self, context: dict[str, object], pictures: Mapping[str, bytes]) -> bytes:
        """docxtpl itself, a new object for each document, for what only docxtpl can fill."""
        ours: dict[str, bytes] = {}
        for member in self._members:  # finds faults with their places, which docxtpl cannot tell
            if isinstance(member, _FilledPart):
                xml = self._xml(member, context)
                if member.kind in _NOT_BY_DOCXTPL:
                    ours[member.name] = xml
        template = DocxTemplate(io.BytesIO(self._untagged()))
        for name, picture in pictures.items():
            template.replace_pic(name, io.BytesIO(picture))
        filled = io.BytesIO()
        try:
            template.render(dict(context), self._environment)
            template.save(filled)
        except (etree.XMLSyntaxError, *_WHILE_FILLING) as error:
            raise WordTemplateError(self.name, [_explained(error, self._place, "")]) from None
        members = package.read(filled.getvalue())
        for member in self._members:
            if isinstance(member, _FilledPart):
                members[member.name] = values_apart(members[member.name].decode(), 0).encode()
        return package.repack({**members, **ours})

    def _untagged(self) -> bytes:
        """The template without what we fill ourselves in docxtpl's stead.

        docxtpl fills footnotes once for each section, and so reads what a value says as a template; in properties it
        escapes values twice.
        """
        members = package.read(self._data)
        for member in self._members:
            if isinstance(member, _FilledPart) and member.kind in _NOT_BY_DOCXTPL:
                members[member.name] = _TAG.sub("", members[member.name].decode()).encode()
        return package.repack(members)

    def _compile(self, filled: Mapping[str, WordPart]) -> None:
        template = DocxTemplate(io.BytesIO(self._data))
        template.render_init()
        body = template.patch_xml(template.get_xml())
        untouched = io.BytesIO()
        template.docx.save(untouched)  # the members, and their XML, as python-docx writes them
        members = package.read(untouched.getvalue())
        for name, data in members.items():
            part = filled.get(name)
            if part is None:
                pack = package.stored if name.endswith((".png", ".jpg", ".jpeg")) else package.deflated
                self._members.append(pack(name, data))
                continue
            self._pictures.update(_picture_targets(part, members))
            if part.kind == _DOCUMENT:
                self._members.append(self._document(data.decode(), body, part))
                continue
            xml = template.xml_to_string(parsed(core_source(data) if part.kind == CORE else data))
            if "{{" in xml or "{%" in xml:
                self._members.append(self._part(part, _DECLARATION, template.patch_xml(xml), ""))
            else:
                self._members.append(package.deflated(name, data))

    def _document(self, whole: str, body: str, part: WordPart) -> _FilledPart:
        start, end = whole.index("<w:body"), whole.rindex("</w:body>")
        start = whole.index(">", start) + 1
        self._drawings_in_body = "<wp:docPr" in body
        body = body[body.index(">") + 1 : body.rindex("</w:body>")]
        return self._part(part, whole[:start], body, whole[end:])

    def _part(self, part: WordPart, before: str, xml: str, after: str) -> _FilledPart:
        source = _one_tag_a_line(self._environment, xml)
        found = [tag for tag in part.reading.tags if tag.mark != "{#"]
        try:
            template = self._environment.from_string(source.text)
        except TemplateError as error:
            raise WordTemplateError(self.name, [_explained(error, part.place, "")]) from None
        return _FilledPart(part, before, template, after, tuple(found), source.tag_lines)


def template_findings(data: bytes, allowed_names: Collection[str] | None = None) -> list[WordFinding]:
    """Everything wrong in a Word template: what it must not hold, then its tags; see `findings`.

    DocserviceError "not_a_word_file" when it cannot be read at all.
    """
    members = with_settled_names(package.read(data))
    parts = read_parts(members)
    refused = refusals(members, parts)
    if parts.main is None or parts.main.content_type != DOCUMENT_TYPE:
        return refused
    return [*refused, *findings(filled_parts(members, parts), allowed_names)]


def _docxtpl_reasons(filled: Iterable[WordPart]) -> Iterator[str]:
    for part in filled:
        yield from filter(None, (fallback_reason(tag) for tag in part.reading.tags))
        if part.root.find(f".//{{{W}}}txbxContent") is not None:
            yield f"{part.name} holds text boxes"


def _one_tag_a_line(environment: Sandbox, xml: str) -> _Source:
    """A line break at the start of each tag, inside it, where Jinja reads it as a blank."""
    pieces: list[str] = []
    lines: list[int] = []
    line = 1
    for _, kind, value in environment.lex(xml):
        if kind == "data":
            value = _unescaped_braces(value)
        pieces.append(value)
        line += value.count("\n")
        if kind in ("variable_begin", "block_begin"):
            pieces.append("\n")
            line += 1
            lines.append(line)
    return _Source("".join(pieces), tuple(lines))


def _unescaped_braces(text: str) -> str:
    for written, meant in (("{_{", "{{"), ("}_}", "}}"), ("{_%", "{%"), ("%_}", "%}")):
        if written in text:
            text = text.replace(written, f"{{% raw %}}{meant}{{% endraw %}}")
    return text


def _with_breaks(xml: str, start: int) -> str:
    """Line breaks and tabs of values as Word's own elements, as docxtpl writes them."""
    pieces: list[str] = []
    done = start
    while (at := _next_break(xml, done)) >= 0:
        opened = max(xml.rfind("<w:p>", done, at), xml.rfind("<w:p ", done, at))
        closed = xml.find("</w:p>", at)
        if opened < 0 or closed < 0:
            pieces.append(xml[done : at + 1])
            done = at + 1
            continue
        closed += len("</w:p>")
        pieces += (xml[done:opened], _RUN.sub(_broken_run, xml[opened:closed]))
        done = closed
    return "".join((xml[:start], *pieces, xml[done:]))


def _next_break(xml: str, start: int) -> int:
    found = [at for at in (xml.find("\n", start), xml.find("\t", start)) if at >= 0]
    return min(found) if found else -1


def _broken_run(run: re.Match[str]) -> str:
    properties = _RUN_PROPERTIES.search(run.group(0))
    again = properties.group(0) if properties else ""
    tab = f'</w:t></w:r><w:r>{again}<w:tab/></w:r><w:r>{again}<w:t xml:space="preserve">'
    line = '</w:t><w:br/><w:t xml:space="preserve">'
    replace: Callable[[re.Match[str]], str] = lambda text: text.group(0).replace("\t", tab).replace("\n", line)  # noqa: E731
    return _TEXT.sub(replace, run.group(0))


def _with_drawing_ids(xml: str) -> str:
    """Each drawing with an id of its own, also those repeated by a loop."""
    ids = iter(range(1001, 1001 + len(xml)))
    return _DRAWING_ID.sub(lambda found: f"{found.group(1)}{next(ids)}{found.group(2)}", xml)


def _encoded(xml: str, start: int) -> bytes:
    try:
        data = xml.encode()
    except UnicodeEncodeError:
        _not_printable()
    clean = data.translate(None, _NOT_IN_XML)
    if len(clean) != len(data) or "\ufffe" in xml or "\uffff" in xml:
        _not_printable()
    return data


def _not_printable() -> NoReturn:
    raise DocserviceError.told("templates.text_not_printable")


def _picture_targets(part: WordPart, members: Mapping[str, bytes]) -> dict[str, str]:
    """Picture names of a part with the members that hold the pictures."""
    relations = members.get(relations_name(part.name))
    if relations is None:
        return {}
    elements = relation_elements(parsed(relations))
    targets = {str(relation.get("Id")): target_of(part.name, relation) for relation in elements}
    found: dict[str, str] = {}
    for picture in part.root.iter(f"{{{_PICTURE}}}pic"):
        named = picture.find(f".//{{{_PICTURE}}}cNvPr")
        blip = picture.find(f".//{{{_DRAWING}}}blip")
        target = targets.get(str(blip.get(f"{{{_REFERENCE}}}embed"))) if blip is not None else None
        if named is not None and target:
            found[str(named.get("name"))] = target
    return found


def _explained(error: Exception, place: Place, tag: str) -> WordFinding:
    if isinstance(error, SecurityError):
        return WordFinding(
            "forbidden",
            place,
            tag,
            "dieser Zugriff ist gesperrt; nur Felder der Daten verwenden.",
            "this access is barred; use fields of the data only.",
        )
    if isinstance(error, UndefinedError):  # its message names the placeholder and types, never a value
        return WordFinding(
            "unknown_placeholder",
            place,
            tag,
            f"der Platzhalter ist unbekannt ({error.message}); Schreibweise prüfen.",
            f"the placeholder is unknown ({error.message}); check its spelling.",
        )
    kind = type(error).__name__
    return WordFinding(
        "not_fillable",
        place,
        tag,
        f"lässt sich mit diesen Daten nicht ausführen ({kind}); Ausdruck vereinfachen.",
        f"cannot be carried out with these data ({kind}); make the expression simpler.",
    )
