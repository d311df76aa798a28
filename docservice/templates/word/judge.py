"""What is wrong with the tags of a Word template: each by itself, then how they fit together."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from functools import lru_cache

from jinja2 import TemplateSyntaxError, nodes

from docservice.templates.word.language import (
    TAG,
    Paragraph,
    Reading,
    Sandbox,
    Tag,
    WordFinding,
    WordPart,
    fallback_reason,
)

_OPENERS = {"for": "endfor", "if": "endif"}
_BRANCHES = frozenset({"else", "elif"})
_CELL_WORDS = frozenset({"colspan", "cellbg"})
_MERGE_WORDS = frozenset({"vm", "hm"})


def findings(parts: Iterable[WordPart], allowed_names: Collection[str] | None = None) -> list[WordFinding]:
    """Everything wrong with the tags of one template. Without `allowed_names` no name counts as unknown."""
    judge = _Judge(allowed_names)
    for part in parts:
        judge.part(part.reading)
    return list(dict.fromkeys(judge.found))


@dataclass(slots=True)
class _Open:
    tag: Tag
    names: frozenset[str]


class _Judge:
    """Judges each tag by itself (so that a fault has one place), then how the tags fit together."""

    def __init__(self, allowed: Collection[str] | None) -> None:
        self.allowed = None if allowed is None else frozenset(allowed)
        self.found: list[WordFinding] = []
        self.stack: list[_Open] = []
        self.assigned: set[str] = set()

    def part(self, reading: Reading) -> None:
        """Judge one part; what was opened in it has to be closed in it. What is found comes in reading order."""
        before, self.found = self.found, []
        self.stack, self.assigned = [], set()
        for paragraph in reading.paragraphs:
            self._braces(paragraph)
            self._swallowed(paragraph)
        for tag in reading.tags:
            if tag.mark != "{#":
                self._tag(tag)
        for opened in self.stack:
            end = _OPENERS[opened.tag.word]
            self._add(
                "unclosed",
                opened.tag,
                f"wird nirgends geschlossen; {{% {end} %}} ergänzen.",
                f"is never closed; add {{% {end} %}}.",
            )
        order = {paragraph.place: number for number, paragraph in enumerate(reading.paragraphs)}
        self.found = before + sorted(self.found, key=lambda finding: order.get(finding.place, len(order)))

    def _add(self, code: str, tag: Tag, de: str, en: str, *, hint: bool = False) -> None:
        self.found.append(WordFinding(code, tag.place, tag.text, de, en, hint))

    def _braces(self, paragraph: Paragraph) -> None:
        rest = TAG.sub("", paragraph.text)
        for brace, other in (("{{", "}}"), ("{%", "%}"), ("{#", "#}"), ("}}", "{{"), ("%}", "{%")):
            if brace in rest:
                self.found.append(
                    WordFinding(
                        "half_tag",
                        paragraph.place,
                        brace,
                        f"ohne zugehöriges {other} im selben Absatz; ein Platzhalter muss in einem Absatz stehen.",
                        f"has no {other} in the same paragraph; a tag must begin and end in one paragraph.",
                    )
                )

    def _swallowed(self, paragraph: Paragraph) -> None:
        """docxtpl replaces the whole paragraph, row or cell by a {%p, {%tr, {%tc tag: all else in it would vanish."""
        held = {"p": paragraph.text, "tr": paragraph.row_text, "tc": paragraph.cell_text}
        for tag in paragraph.tags:
            text = held.get(tag.scope)
            if text is not None and text.replace(tag.text, "", 1).strip():
                thing_de = {"p": "Absatz", "tr": "Tabellenzeile", "tc": "Zelle"}[tag.scope]
                thing_en = {"p": "paragraph", "tr": "table row", "tc": "cell"}[tag.scope]
                self._add(
                    "not_alone",
                    tag,
                    f"ersetzt sein Umfeld ({thing_de}), dort steht aber noch anderes; allein stellen.",
                    f"replaces the {thing_en} around it, which holds more than this tag; let it stand alone.",
                )

    def _tag(self, tag: Tag) -> None:
        if tag.torn:
            self._add(
                "torn",
                tag,
                "ist durch Formatierung zerrissen; in einem Zug neu tippen.",
                "is torn by formatting; type it anew in one go.",
            )
            return
        if tag.scope and ("%" in tag.body or "}" in tag.body):
            self._add(
                "percent_or_brace",
                tag,
                f"% oder }} innerhalb von {{%{tag.scope} %}} zerreißt den Platzhalter; den Wert vorher berechnen.",
                f"% or }} inside {{%{tag.scope} %}} tears the tag apart; compute the value beforehand.",
            )
            return
        reason = fallback_reason(tag)
        if reason:
            self._add(
                "slow", tag, "wird von docxtpl selbst gefüllt (langsamer).", f"is filled by docxtpl itself: {reason}.",
                hint=True,
            )  # fmt: skip
        if tag.word in _MERGE_WORDS:
            return
        if tag.word.startswith("end"):
            self._close(tag)
        elif (tree := self._parsed(tag)) is not None:
            self._opens(tag, tree)

    def _source(self, tag: Tag) -> str:
        if tag.mark == "{{":
            return f"{{{{ {tag.body} }}}}"
        if tag.word in _OPENERS:
            return f"{{% {tag.body} %}}{{% {_OPENERS[tag.word]} %}}"
        if tag.word in _BRANCHES:
            return f"{{% if 1 %}}{{% {tag.body} %}}{{% endif %}}"
        if tag.word in _CELL_WORDS:
            return f"{{{{ {tag.body[len(tag.word) :]} }}}}"
        return f"{{% {tag.body} %}}"

    def _parsed(self, tag: Tag) -> nodes.Template | None:
        if tag.mark == "{%" and tag.word not in {*_OPENERS, *_BRANCHES, *_CELL_WORDS, "set"}:
            self._add(
                "unknown_statement",
                tag,
                "diese Anweisung gibt es hier nicht; möglich sind if, elif, else, for, set, colspan, cellbg, vm, hm.",
                "no such statement here; there are if, elif, else, for, set, colspan, cellbg, vm, hm.",
            )
            return None
        read = _tree(self._source(tag))
        if isinstance(read, TemplateSyntaxError):
            self._add("syntax", tag, f"ist nicht lesbar ({read.message}).", f"cannot be read ({read.message}).")
            return None
        self._names(tag, read)
        return read

    def _names(self, tag: Tag, tree: nodes.Template) -> None:
        for attribute in tree.find_all(nodes.Getattr):
            if attribute.attr.startswith("_"):
                self._add(
                    "forbidden",
                    tag,
                    f"der Zugriff auf „{attribute.attr}“ ist gesperrt; nur Felder der Daten verwenden.",
                    f'access to "{attribute.attr}" is barred; use fields of the data only.',
                )
        if self.allowed is None:
            return
        known = self.allowed | self.assigned | {"loop"} if self._in_loop() else self.allowed | self.assigned
        known |= {name for opened in self.stack for name in opened.names} | _targets(tree)
        used = sorted({node.name for node in tree.find_all(nodes.Name) if node.ctx == "load"})
        for name in used:
            if name not in known:
                self._unknown(tag, name, known)

    def _in_loop(self) -> bool:
        return any(opened.tag.word == "for" for opened in self.stack)

    def _unknown(self, tag: Tag, name: str, known: Collection[str]) -> None:
        near = difflib.get_close_matches(name, known, 1)
        self._add(
            "unknown_placeholder",
            tag,
            f"den Platzhalter „{name}“ gibt es nicht; " + (f"gemeint ist wohl „{near[0]}“." if near else "entfernen."),
            f'there is no placeholder "{name}"; ' + (f'"{near[0]}" is probably meant.' if near else "remove it."),
        )

    def _opens(self, tag: Tag, tree: nodes.Template) -> None:
        if tag.word in _OPENERS:
            self.stack.append(_Open(tag, frozenset(_targets(tree))))
        elif tag.word == "set":
            self.assigned |= _targets(tree)
        elif tag.word in _BRANCHES and not self.stack:
            self._add("stray", tag, "steht außerhalb von if; entfernen.", "stands outside of an if; remove it.")

    def _close(self, tag: Tag) -> None:
        if not self.stack or _OPENERS[self.stack[-1].tag.word] != tag.word:
            opened = f"{{% {self.stack[-1].tag.body} %}}" if self.stack else ""
            self._add(
                "stray",
                tag,
                f"passt zu keinem Anfang{f'; offen ist {opened}' if opened else ''}.",
                f"closes nothing that is open{f'; open is {opened}' if opened else ''}.",
            )
            return
        start = self.stack.pop().tag
        if start.scope != tag.scope or not _together(start, tag):
            self._add(
                "crossing",
                tag,
                f"muss wie sein Anfang ({start.text}) stehen: gleiche Art ({{%p, {{%tr …) und gleiche Umgebung.",
                f"must stand like its beginning ({start.text}): same kind ({{%p, {{%tr ...) in the same surroundings.",
            )


@lru_cache(maxsize=4096)  # the same tags stand in many rows, and in the templates of all layouts
def _tree(source: str) -> nodes.Template | TemplateSyntaxError:
    """What a tag says, or why it cannot be read; the reason quotes the template alone."""
    environment = Sandbox()
    try:
        environment.compile(source)
        return environment.parse(source)
    except TemplateSyntaxError as error:
        return error


def _together(start: Tag, end: Tag) -> bool:
    """Whether repeating what lies between two tags repeats whole paragraphs, rows or cells."""
    if start.scope == "tr":
        return start.table == end.table
    if start.scope == "tc":
        return start.row == end.row
    return start.container == end.container


def _targets(tree: nodes.Template) -> set[str]:
    return {node.name for node in tree.find_all(nodes.Name) if node.ctx == "store"}
