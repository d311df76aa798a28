"""The parts of a Word file and how they hang together: found by relation from the package, never by name."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import unquote

from lxml import etree

from docservice.domain.errors import DocserviceError

CONTENT_TYPES = "[Content_Types].xml"
PACKAGE = ""  # the source of the relations that belong to no part
_RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"
_TYPES = "http://schemas.openxmlformats.org/package/2006/content-types"
_STRICT = "http://purl.oclc.org/ooxml/officeDocument/relationships/"
_KNOWN = (
    "http://schemas.openxmlformats.org/officeDocument/2006/relationships/metadata/",
    "http://schemas.openxmlformats.org/officeDocument/2006/relationships/",
    "http://schemas.openxmlformats.org/package/2006/relationships/metadata/",
    "http://schemas.openxmlformats.org/package/2006/relationships/digital-signature/",
)
_MICROSOFT = "http://schemas.microsoft.com/office/"


@dataclass(frozen=True, slots=True)
class Relation:
    """One relation of a part. `kind` is the last word of its type ("header"), with "ms:" before Microsoft's own, and
    the whole type where nobody knows it; `target` is a member's name, or the address of what lies outside.
    """

    id: str
    kind: str
    target: str
    external: bool


@dataclass(frozen=True, slots=True)
class Part:
    """A part that a relation leads to; `kind` is that of the first relation to it."""

    name: str
    kind: str
    content_type: str
    relations: tuple[Relation, ...]


@dataclass(frozen=True, slots=True)
class Parts:
    """All parts that can be reached, in the order in which they are met; `root` are the package's own relations."""

    root: tuple[Relation, ...]
    by_name: Mapping[str, Part]

    @property
    def main(self) -> Part | None:
        """The document itself; None when no relation leads to one."""
        names = (relation.target for relation in self.root if relation.kind == "officeDocument")
        return next((self.by_name[name] for name in names if name in self.by_name), None)

    def related(self, source: Part, *kinds: str) -> list[Part]:
        """The parts inside the file that relations of these kinds lead to from one part, in their order."""
        names = [relation.target for relation in source.relations if relation.kind in kinds and not relation.external]
        return [self.by_name[name] for name in dict.fromkeys(names) if name in self.by_name]


def read_parts(members: Mapping[str, bytes]) -> Parts:
    """How the members of a Word file hang together; DocserviceError "not_a_word_file" when that cannot be read."""
    types = _content_types(members)
    root = _relations(members, PACKAGE)
    found: dict[str, Part] = {}
    waiting = list(root)
    while waiting:
        relation = waiting.pop(0)
        if relation.external or relation.target in found or relation.target not in members:
            continue
        own = _relations(members, relation.target)
        found[relation.target] = Part(relation.target, relation.kind, types(relation.target), own)
        waiting.extend(own)
    return Parts(root, found)


def with_settled_names(members: Mapping[str, bytes]) -> dict[str, bytes]:
    """The members with names and targets that agree to the letter.

    Names of parts know no difference between upper and lower case, may be written with %-signs in targets, and some
    programs write them with backslashes; whoever looks them up by the letter would not find them.
    """
    settled = {name.replace("\\", "/").lstrip("/"): data for name, data in members.items()}
    _rename(settled, CONTENT_TYPES)
    waiting, seen = [PACKAGE], set[str]()
    while waiting:
        source = waiting.pop()
        if source in seen:
            continue
        seen.add(source)
        name = relations_name(source)
        _rename(settled, name)
        if name in settled:
            waiting.extend(_settle_targets(settled, source, name))
    _settle_content_types(settled, seen)
    return settled


def relations_name(source: str) -> str:
    """The member that holds the relations of a part (PACKAGE: of the file as a whole)."""
    folder, _, file = source.rpartition("/")
    return f"{folder}/_rels/{file}.rels" if folder else f"_rels/{file}.rels"


def parsed(data: bytes) -> etree._Element:
    """The root of a member's XML, read without entities; DocserviceError "not_a_word_file" when it cannot be read."""
    try:
        root = etree.fromstring(data, etree.XMLParser(resolve_entities=False, no_network=True))
    except etree.XMLSyntaxError as error:
        raise _damaged() from error
    if root is None or root.getroottree().docinfo.internalDTD is not None:
        raise _damaged()
    return root


def written(root: etree._Element) -> bytes:
    """XML as a member of a Word file."""
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True)


def relation_elements(root: etree._Element) -> Iterator[etree._Element]:
    """The relations in a parsed member of relations."""
    yield from root.iter(f"{{{_RELATIONS}}}Relationship")


def kind_of(relation: etree._Element) -> str:
    """The kind of a relation; see `Relation`."""
    name = str(relation.get("Type"))
    if name.startswith(_STRICT):
        return f"strict:{name.removeprefix(_STRICT)}"
    if name.startswith(_MICROSOFT):
        return f"ms:{name.rpartition('/')[2]}"
    rest = next((name.removeprefix(start) for start in _KNOWN if name.startswith(start)), "/")
    return name if "/" in rest else rest


def is_external(relation: etree._Element) -> bool:
    """Whether a relation leads out of the file."""
    return relation.get("TargetMode") == "External"


def target_of(source: str, relation: etree._Element) -> str:
    """The member that a relation inside the file leads to, whether it is there or not."""
    target = str(relation.get("Target")).replace("\\", "/").partition("#")[0]
    return posixpath.normpath(posixpath.join("/", posixpath.dirname(source), target)).lstrip("/")


def _relations(members: Mapping[str, bytes], source: str) -> tuple[Relation, ...]:
    data = members.get(relations_name(source))
    if data is None:
        return ()
    return tuple(
        Relation(
            str(element.get("Id")),
            kind_of(element),
            str(element.get("Target")) if is_external(element) else target_of(source, element),
            is_external(element),
        )
        for element in relation_elements(parsed(data))
    )


def _content_types(members: Mapping[str, bytes]) -> _ContentTypes:
    if CONTENT_TYPES not in members:
        raise _damaged()
    return _ContentTypes(parsed(members[CONTENT_TYPES]))


class _ContentTypes:
    def __init__(self, root: etree._Element) -> None:
        self.parts = {str(e.get("PartName")).lower(): str(e.get("ContentType")) for e in root if e.get("PartName")}
        self.endings = {str(e.get("Extension")).lower(): str(e.get("ContentType")) for e in root if e.get("Extension")}

    def __call__(self, name: str) -> str:
        return self.parts.get(f"/{name.lower()}") or self.endings.get(name.rpartition(".")[2].lower(), "")


def _rename(members: dict[str, bytes], wanted: str) -> None:
    """Call the member that has this name but for the case of its letters by just this name."""
    found = None if wanted in members else next((name for name in members if name.lower() == wanted.lower()), None)
    if found is not None:
        members[wanted] = members.pop(found)


def _settle_targets(members: dict[str, bytes], source: str, name: str) -> list[str]:
    """Let the relations of one part name their targets to the letter; returns these targets."""
    root, found, changed = parsed(members[name]), [], False
    folded = {member.lower(): member for member in members}
    for relation in relation_elements(root):
        if is_external(relation):
            continue
        target = target_of(source, relation)
        if target not in members:
            spelt = folded.get(target.lower()) or folded.get(unquote(target).lower())
            if spelt is None:
                continue
            relation.set("Target", f"/{spelt}")
            target, changed = spelt, True
        found.append(target)
    if changed:
        members[name] = written(root)
    return found


def _settle_content_types(members: dict[str, bytes], names: Iterable[str]) -> None:
    """Let the list of content types name the parts to the letter, too."""
    if CONTENT_TYPES not in members:
        return
    root, spelt, changed = parsed(members[CONTENT_TYPES]), {f"/{name}".lower(): f"/{name}" for name in names}, False
    for override in root.iter(f"{{{_TYPES}}}Override"):
        written_name = str(override.get("PartName"))
        wanted = spelt.get(written_name.lower()) or spelt.get(unquote(written_name).lower()) or written_name
        if wanted != written_name:
            override.set("PartName", wanted)
            changed = True
    if changed:
        members[CONTENT_TYPES] = written(root)


def _damaged() -> DocserviceError:
    return DocserviceError.told("templates.not_a_word_file.damaged")
