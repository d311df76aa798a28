"""One document of a case, from its texts to files that are verified; knows no bundle and keeps nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from docservice.bundles.content import build
from docservice.bundles.cover import cover_page
from docservice.bundles.typeset import typeset
from docservice.bundles.verify import check_rendering
from docservice.bundles.word import fill
from docservice.domain.cases import Case
from docservice.domain.documents import Document, Typeset
from docservice.domain.kinds import Kind
from docservice.domain.languages import GERMAN, Language
from docservice.templates.register import TemplateVersion
from docservice.templates.service import TemplateLibrary
from docservice.tools.codes import CodeDrawer, CodeReader
from docservice.tools.typst import Typesetter


@dataclass(frozen=True, slots=True)
class Paper:
    """A document that is set, and what is needed to check it."""

    document_id: str
    version: TemplateVersion
    language: Language | None
    tree: Document
    typeset: Typeset


@dataclass(frozen=True, slots=True)
class Papers:
    """Sets documents and checks them, of an authority's letterhead. The same input gives the same bytes."""

    templates: TemplateLibrary
    typesetter: Typesetter
    code_drawer: CodeDrawer
    code_reader: CodeReader
    authority: str

    def tree(
        self, version: TemplateVersion, case: Case, language: Language | None, generated_on: date, revision: int
    ) -> Document:
        """What a document of the case says."""
        texts = self.templates.texts(version, language)
        letterhead = self.templates.letterhead(self.authority)
        return build(version.kind, case, version, texts, letterhead, language, generated_on, revision)

    def set(
        self,
        document_id: str,
        version: TemplateVersion,
        case: Case,
        language: Language | None,
        generated_on: date,
        revision: int,
    ) -> Paper:
        """A document of the case as PDF, not yet checked. Raises what `typeset` does."""
        tree = self.tree(version, case, language, generated_on, revision)
        done = typeset(tree, document_id, version.pdf, self.typesetter, self.code_drawer)
        return Paper(document_id, version, language, tree, done)

    def check(self, paper: Paper) -> bytes:
        """The Word file of what was set; both are verified. Raises what `check_rendering` does."""
        word = self.templates.word(paper.version, paper.language.layout if paper.language else GERMAN.code)
        docx = fill(paper.tree, paper.document_id, word, self.code_drawer)
        check_rendering(paper.tree, paper.document_id, paper.typeset, docx, self.code_reader)
        return docx

    def cover(self, reference: str, copy: str, parts: Sequence[tuple[Kind, int]], day: date) -> bytes:
        """The cover of a copy ("city" or "family") of documents with so many pages."""
        letterhead = self.templates.letterhead(self.authority)
        return cover_page(letterhead, reference, copy, parts, day, self.templates.cover, self.typesetter)
