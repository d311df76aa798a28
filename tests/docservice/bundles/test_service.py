"""A bundle from order to print set, with engines that fail in every way an engine can."""

from __future__ import annotations

import dataclasses
import hashlib
import io
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from pypdf import PdfReader

from docservice.bootstrap import Services, build
from docservice.bundles.orders import BundleOrder, read_order
from docservice.bundles.views import BundleView
from docservice.db.idempotency import Idempotency
from docservice.domain.errors import Conflict, DocserviceError, InvalidInput, NotFound
from docservice.domain.kinds import USUAL, Kind
from docservice.domain.languages import SECOND
from docservice.domain.record.reissue import Reason
from docservice.domain.states import BundleState, DocumentState
from docservice.jobs.runner import JobRunner, Outcome
from docservice.settings import Settings
from docservice.tools.process import Limits
from docservice.tools.typst import LaidOut, SupervisedTypst, Typesetter
from tests.support import breakers
from tests.support.actors import SOMEBODY
from tests.support.content import library
from tests.support.fixtures import load_case
from tests.support.sources import CountedIds, StatedClock
from tests.support.statements import counted

GERMAN_RUSSIAN = BundleOrder(("de", "ru"))


class BrokenFor:
    """The real typesetter, but for the layouts of one kind a broken one, until it is mended."""

    def __init__(self, kind: Kind, broken: Typesetter, real: Typesetter) -> None:
        self._kind, self._broken, self._real = kind, broken, real
        self.mended = False

    def lay_out(self, layout: Path, data: Mapping[str, Any]) -> LaidOut:
        return self._engine(layout).lay_out(layout, data)

    def typeset(self, layout: Path, data: Mapping[str, Any]) -> bytes:
        return self._engine(layout).typeset(layout, data)

    def _engine(self, layout: Path) -> Typesetter:
        return self._broken if layout.parent.name == self._kind and not self.mended else self._real

    def close(self) -> None:
        self._broken.close()
        self._real.close()


class Late:
    """Runs into the time limit of the surroundings."""

    def lay_out(self, layout: Path, data: Mapping[str, Any]) -> LaidOut:
        raise RecursionError  # any kind will do that nothing else means

    def typeset(self, layout: Path, data: Mapping[str, Any]) -> bytes:
        raise RecursionError

    def close(self) -> None:
        """Nothing runs."""


class Buggy:
    """Raises what nobody foresaw, with a person's name in it."""

    def lay_out(self, layout: Path, data: Mapping[str, Any]) -> LaidOut:
        raise KeyError("Anna Miller")

    def typeset(self, layout: Path, data: Mapping[str, Any]) -> bytes:
        raise KeyError("Anna Miller")

    def close(self) -> None:
        """Nothing runs."""


def engine(settings: Settings, command: Sequence[str] | None = None, limits: Limits | None = None) -> SupervisedTypst:
    templates = settings.templates_dir
    return SupervisedTypst(templates / "pdf", templates / "fonts", limits, command)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings.from_environment({"DOCSERVICE_DATA_DIR": str(tmp_path)})


@pytest.fixture
def services(settings: Settings) -> Iterator[Services]:
    yield from _running(build(settings, templates=library()))


def _running(services: Services) -> Iterator[Services]:
    services.database.upgrade()
    yield services
    services.close()


def requested(services: Services, order: BundleOrder = GERMAN_RUSSIAN, fixture: str = "01-miller") -> BundleView:
    case = services.cases.create(SOMEBODY, load_case(fixture))
    return services.bundles.request(SOMEBODY, case.case_id, order)


def rendered(services: Services, order: BundleOrder = GERMAN_RUSSIAN, fixture: str = "01-miller") -> BundleView:
    bundle_id = requested(services, order, fixture).bundle_id
    services.bundles.render(bundle_id)
    return services.bundles.get(SOMEBODY, bundle_id)


def stored(services: Services, view: BundleView, file_format: str) -> dict[Kind, bytes]:
    return {
        document.kind: services.blobs.get(services.bundles.content(SOMEBODY, document.document_id, file_format).key)
        for document in view.documents
    }


def even(pages: int | None) -> int:
    """The pages of a document with the blank back of its last sheet."""
    return ((pages or 0) + 1) // 2 * 2


def pages(pdf: bytes) -> int:
    return len(PdfReader(io.BytesIO(pdf)).pages)


def test_a_bundle_becomes_ready_with_three_documents_and_a_print_set(services: Services) -> None:
    view = rendered(services)

    assert view.state is BundleState.READY
    assert [document.kind for document in view.documents] == list(USUAL)
    pdfs, words = stored(services, view, "pdf"), stored(services, view, "docx")
    for document in view.documents:
        assert document.pages == pages(pdfs[document.kind])
        assert document.sha256 is not None
        assert document.sha256.pdf == hashlib.sha256(pdfs[document.kind]).hexdigest()
        assert document.sha256.docx == hashlib.sha256(words[document.kind]).hexdigest()
        assert {zone["zone_id"] for zone in document.signature_zones} >= {"party-1", "party-2", "city-1"}
        assert document.translation_checked is False
    on_front_sides = sum(count + count % 2 for count in (pages(pdf) for pdf in pdfs.values()))
    assert pages(services.blobs.get(services.bundles.print_set(SOMEBODY, view.bundle_id).key)) == 2 * on_front_sides


def test_a_bundle_and_its_job_end_in_six_transactions(services: Services) -> None:
    """Each one waits for the disk, and behind those of everybody else."""
    requested(services)
    (job,) = services.jobs.due()
    with counted() as statements:
        assert JobRunner(services.jobs, services.tasks, "me").run(job.id) is Outcome.DONE
    renewals = sum(text.startswith("UPDATE job SET lease_until=") for text in statements)  # as slow as the machine is
    assert statements.count("BEGIN IMMEDIATE") - renewals == 6
    assert services.bundles.get(SOMEBODY, job.subject_id).state is BundleState.READY


def test_rendering_again_changes_nothing(services: Services) -> None:
    first = rendered(services)
    services.bundles.render(first.bundle_id)
    assert services.bundles.get(SOMEBODY, first.bundle_id) == first


def test_a_worker_that_died_before_it_could_say_so_is_repeated_byte_for_byte(settings: Settings) -> None:
    """The same ids, the same data and the same day: both installations must make the very same bytes."""
    made = []
    for name in ("one", "two"):
        own = dataclasses.replace(
            settings,
            database_url=f"sqlite:///{settings.data_dir / name}.sqlite",
            blob_url=(settings.data_dir / name).as_uri(),
        )
        for services in _running(build(own, ids=CountedIds(), clock=StatedClock())):
            view = rendered(services)
            made.append((view, stored(services, view, "pdf"), stored(services, view, "docx")))
    assert made[0] == made[1]


def test_the_manifest_lists_what_the_contract_names(services: Services) -> None:
    manifest = rendered(services).manifest()
    assert manifest["languages"] == ["de", "ru"]
    assert manifest["template_date"] == "2026-12-03"
    documents: Any = manifest["documents"]
    assert [entry["kind"] for entry in documents] == ["agreement", "annex", "help_plan"]
    assert documents[0]["template"] == "agreement/2026-11"
    assert set(documents[0]["signature_zones"][0]) == {"zone_id", "role", "signer", "required", "page", "rect"}


def test_a_second_bundle_of_the_case_has_the_next_revision(services: Services) -> None:
    case = services.cases.create(SOMEBODY, load_case("01-miller"))
    first = services.bundles.request(SOMEBODY, case.case_id, GERMAN_RUSSIAN)
    second = services.bundles.request(SOMEBODY, case.case_id, BundleOrder(("de",)))
    assert {document.revision for document in first.documents} == {1}
    assert {document.revision for document in second.documents} == {2}


def test_an_order_names_what_it_wants_and_nothing_else_is_made(services: Services) -> None:
    view = rendered(services, read_order({"documents": [{"kind": "help_plan"}, {"kind": "annex", "number": 1}]}))
    assert [(document.kind, document.number) for document in view.documents] == [(Kind.ANNEX, 1), (Kind.HELP_PLAN, 1)]
    printed = services.blobs.get(services.bundles.print_set(SOMEBODY, view.bundle_id).key)
    assert pages(printed) == 2 * sum(even(document.pages) for document in view.documents)


def test_an_order_names_only_what_the_case_has(services: Services) -> None:
    case = services.cases.create(SOMEBODY, load_case("01-miller"))
    order = read_order({"documents": [{"kind": "annex", "number": 7}, {"kind": "help_plan"}]})
    with pytest.raises(InvalidInput) as refused:
        services.bundles.request(SOMEBODY, case.case_id, order)
    assert [(fault.path, fault.code) for fault in refused.value.faults] == [("documents[0].number", "no_such_document")]
    assert services.bundles.bundles(SOMEBODY, 10).items == ()


@pytest.mark.parametrize(
    ("documents", "faults"),
    [
        ([], {"documents": "wrong_type"}),
        ("annex", {"documents": "wrong_type"}),
        ([{"kind": "letter"}], {"documents[0].kind": "wrong_type"}),
        (
            [{"number": 0}, {"kind": "annex", "nummer": 2}],
            {
                "documents[0].kind": "missing",
                "documents[0].number": "wrong_type",
                "documents[1].nummer": "unknown_field",
            },
        ),
        ([{"kind": "annex"}, "annex"], {"documents[1]": "wrong_type"}),
        ([{"kind": "annex"}] * 21, {"documents": "wrong_type"}),
    ],
)
def test_every_fault_of_what_an_order_names_is_told(documents: object, faults: Mapping[str, str]) -> None:
    with pytest.raises(InvalidInput) as refused:
        read_order({"documents": documents})
    assert {fault.path: fault.code for fault in refused.value.faults} == faults


def test_another_annex_is_no_revision_of_the_first_one(services: Services) -> None:
    case = services.cases.create(SOMEBODY, load_case("01-miller"))
    services.bundles.request(SOMEBODY, case.case_id, GERMAN_RUSSIAN)
    services.cases.change(SOMEBODY, case.case_id, {"annex": {"number": 2}}, 1)
    second = services.bundles.request(SOMEBODY, case.case_id, GERMAN_RUSSIAN)
    assert [(document.number, document.revision) for document in second.documents] == [(1, 2), (2, 1), (1, 2)]


def made(services: Services, case_id: str, order: Mapping[str, object]) -> BundleView:
    """A bundle of a case that is there, made."""
    bundle_id = services.bundles.request(SOMEBODY, case_id, read_order(order)).bundle_id
    services.bundles.render(bundle_id)
    view = services.bundles.get(SOMEBODY, bundle_id)
    assert view.state is BundleState.READY
    return view


def second_annex(services: Services) -> str:
    """A case whose second annex was drawn up from the first; its id."""
    case_id = services.cases.create(SOMEBODY, load_case("01-miller")).case_id
    draft = services.records.draft_annex(SOMEBODY, case_id, {"date": "2027-01-14"})
    assert draft.entry.number == 2
    return case_id


def text_of(services: Services, document_id: str) -> str:
    """What stands on the pages of a document."""
    stored = services.blobs.get(services.bundles.content(SOMEBODY, document_id, "pdf").key)
    return "".join(page.extract_text() for page in PdfReader(io.BytesIO(stored)).pages).replace("\xa0", " ")


def test_an_annex_is_ordered_alone_whichever_it_is(services: Services) -> None:
    case_id = second_annex(services)
    newest = made(services, case_id, {"documents": [{"kind": "annex"}], "languages": ["de"]})
    first = made(services, case_id, {"documents": [{"kind": "annex", "number": 1}], "languages": ["de"]})
    assert [(each.kind, each.number, each.revision) for each in newest.documents] == [(Kind.ANNEX, 2, 1)]
    assert [(each.kind, each.number, each.revision) for each in first.documents] == [(Kind.ANNEX, 1, 1)]
    assert "Anlage 2" in text_of(services, newest.documents[0].document_id)
    assert "14. Januar 2027" in text_of(services, newest.documents[0].document_id)
    assert "Anlage 1" in text_of(services, first.documents[0].document_id)


def test_several_of_a_kind_are_made_together_each_under_its_own_name(services: Services) -> None:
    wanted = [{"kind": "annex", "number": 2}, {"kind": "agreement"}, {"kind": "annex", "number": 1}]
    view = made(services, second_annex(services), {"documents": wanted, "languages": ["de"]})
    documents: Any = view.manifest()["documents"]
    assert [each["pdf"] for each in documents] == ["agreement.pdf", "annex-1.pdf", "annex-2.pdf"]
    for document in view.documents[1:]:
        assert f"Anlage {document.number}" in text_of(services, document.document_id)


def test_what_the_record_does_not_have_is_named_and_one_document_is_made_once(services: Services) -> None:
    case_id = second_annex(services)
    for wanted, faults in (
        (
            [{"kind": "annex", "number": 3}, {"kind": "help_plan", "number": 2}],
            ["documents[0].number", "documents[1].number"],
        ),
        ([{"kind": "annex"}, {"kind": "annex", "number": 2}], ["documents[1]"]),
    ):
        with pytest.raises(InvalidInput) as refused:
            services.bundles.request(SOMEBODY, case_id, read_order({"documents": wanted}))
        assert [fault.path for fault in refused.value.faults] == faults


def issued(services: Services, case_id: str, kind: Kind, languages: Sequence[str] = ("de", "ru")) -> str:
    """The id of a document of the case that was made by itself."""
    order = {"documents": [{"kind": kind.value}], "languages": list(languages)}
    return made(services, case_id, order).documents[0].document_id


def test_a_typing_error_makes_the_next_revision_with_the_clauses_of_its_day(services: Services) -> None:
    case_id = services.cases.create(SOMEBODY, load_case("01-miller")).case_id
    document_id = issued(services, case_id, Kind.ANNEX)
    services.cases.change(SOMEBODY, case_id, {"annex": {"next_appointment": {"phone": "0231 50-99999"}}}, 1)
    key = Idempotency("somebody /documents", "1", "0" * 64)
    view = services.bundles.reissue(SOMEBODY, document_id, Reason.TYPING_ERROR, key)
    assert services.bundles.reissue(SOMEBODY, document_id, Reason.TYPING_ERROR, key) == view
    services.bundles.render(view.bundle_id)
    (document,) = services.bundles.get(SOMEBODY, view.bundle_id).documents
    assert (document.kind, document.number, document.revision) == (Kind.ANNEX, 1, 2)
    assert (view.languages, document.template) == (("de", "ru"), "annex/2026-11")
    assert "0231 50-99999" in text_of(services, document.document_id)
    with services.database.reading() as tx:
        assert tx.documents.superseded(document_id)
    with pytest.raises(Conflict) as refused:
        services.bundles.reissue(SOMEBODY, document_id, Reason.TYPING_ERROR)
    assert refused.value.code == "superseded_already"


@pytest.mark.parametrize("languages", [("de",), *(("de", code) for code in SECOND)])
def test_a_changed_name_is_said_by_a_supplement_that_is_signed(services: Services, languages: Sequence[str]) -> None:
    payload = load_case("01-miller")
    case_id = services.cases.create(SOMEBODY, payload).case_id
    agreement = issued(services, case_id, Kind.AGREEMENT, languages)
    with pytest.raises(Conflict) as refused:
        services.bundles.reissue(SOMEBODY, agreement, Reason.NAME_CHANGE)
    assert refused.value.code == "no_name_changed"
    persons = [{**person} for person in payload["persons"]]
    former, persons[0]["legal_family_name"] = persons[0]["legal_family_name"], "Bergmann"
    services.cases.change(SOMEBODY, case_id, {"persons": persons}, 1)
    view = services.bundles.reissue(SOMEBODY, agreement, Reason.NAME_CHANGE)
    services.bundles.render(view.bundle_id)
    view = services.bundles.get(SOMEBODY, view.bundle_id)
    assert view.state is BundleState.READY
    (document,) = view.documents
    assert (document.kind, document.number, document.revision, document.pages) == (Kind.SUPPLEMENT, 1, 1, 1)
    said = text_of(services, document.document_id)
    assert former in said
    assert "Bergmann" in said
    assert {zone["role"] for zone in document.signature_zones} >= {"party", "city"}
    again = services.bundles.reissue(SOMEBODY, agreement, Reason.NAME_CHANGE)
    assert [(each.number, each.revision) for each in again.documents] == [(2, 1)]


def test_a_supplement_is_mended_in_its_next_revision_and_never_ordered_by_itself(services: Services) -> None:
    payload = load_case("01-miller")
    case_id = services.cases.create(SOMEBODY, payload).case_id
    agreement = made(services, case_id, {"documents": [{"kind": "agreement"}], "copies": ["city"], "duplex": False})
    persons = [{**person} for person in payload["persons"]]
    persons[0]["legal_family_name"] = "Bergman"
    services.cases.change(SOMEBODY, case_id, {"persons": persons}, 1)
    first = services.bundles.reissue(SOMEBODY, agreement.documents[0].document_id, Reason.NAME_CHANGE)
    services.bundles.render(first.bundle_id)
    persons[0]["legal_family_name"] = "Bergmann"
    services.cases.change(SOMEBODY, case_id, {"persons": persons}, 2)
    second = services.bundles.reissue(SOMEBODY, first.documents[0].document_id, Reason.TYPING_ERROR)
    services.bundles.render(second.bundle_id)
    (document,) = services.bundles.get(SOMEBODY, second.bundle_id).documents
    assert (document.kind, document.number, document.revision) == (Kind.SUPPLEMENT, 1, 2)
    assert "Anna Miller" in text_of(services, document.document_id)
    assert "Anna Bergmann" in text_of(services, document.document_id)
    printed = services.blobs.get(services.bundles.print_set(SOMEBODY, second.bundle_id).key)
    assert pages(printed) == 1, "copies and paper as of the bundle it came from"
    with pytest.raises(InvalidInput) as refused:
        services.bundles.request(SOMEBODY, case_id, read_order({"documents": [{"kind": "supplement"}]}))
    assert [(each.path, each.code) for each in refused.value.faults] == [("documents[0].kind", "made_by_reissue")]


@pytest.mark.parametrize("languages", [("de",), *(("de", code) for code in SECOND)])
def test_what_has_changed_in_a_plan_is_a_page_to_be_ordered_with_it(
    services: Services, languages: Sequence[str]
) -> None:
    case_id = services.cases.create(SOMEBODY, load_case("01-miller")).case_id
    known = {"created_jointly_on": "2027-06-03", "reports": [{"origin": "1-2", "goal": "achieved"}]}
    services.records.draft_plan(SOMEBODY, case_id, known)
    wanted = [{"kind": "help_plan", "number": 2}, {"kind": "plan_changes", "number": 2}]
    view = made(services, case_id, {"documents": wanted, "languages": list(languages)})
    plan, changes = view.documents
    assert (changes.kind, changes.number, changes.pages, changes.signature_zones) == (Kind.PLAN_CHANGES, 2, 1, ())
    assert "1. Fortschreibung vom 3. Juni 2027" in text_of(services, changes.document_id)
    assert "1. Fortschreibung" in text_of(services, plan.document_id)
    usual = services.bundles.request(SOMEBODY, case_id, BundleOrder(tuple(languages)))
    assert [document.kind for document in usual.documents] == list(USUAL), "never made unasked"


@pytest.mark.parametrize("wanted", [{"kind": "plan_changes"}, {"kind": "plan_changes", "number": 1}])
def test_a_first_plan_has_nothing_to_be_compared_with(services: Services, wanted: Mapping[str, object]) -> None:
    case_id = services.cases.create(SOMEBODY, load_case("01-miller")).case_id
    with pytest.raises(InvalidInput) as refused:
        services.bundles.request(SOMEBODY, case_id, read_order({"documents": [{"kind": "annex"}, wanted]}))
    assert [(each.path, each.code) for each in refused.value.faults] == [("documents[1].number", "nothing_before")]


def test_the_agreement_date_chooses_the_historic_template(services: Services) -> None:
    view = rendered(services, BundleOrder(("de",)), "04-levin")
    assert [document.template for document in view.documents] == [
        "agreement/dortmund-2003",
        "annex/dortmund-2003",
        "help_plan/2026-01",
    ]
    assert view.state is BundleState.READY


def test_a_cover_stands_before_each_copy(services: Services) -> None:
    plain = rendered(services)
    covered = rendered(services, BundleOrder(("de", "ru"), cover=True))
    plain_set = services.blobs.get(services.bundles.print_set(SOMEBODY, plain.bundle_id).key)
    covered_set = services.blobs.get(services.bundles.print_set(SOMEBODY, covered.bundle_id).key)
    assert pages(covered_set) == pages(plain_set) + 2 * 2  # cover and its blank back, for two copies
    first, family = (PdfReader(io.BytesIO(covered_set)).pages[at] for at in (0, pages(covered_set) // 2))
    assert "Exemplar für die Stadt" in first.extract_text()
    assert "Exemplar für die Familie" in family.extract_text()
    assert "Miller" not in first.extract_text()


FAULTS = {
    "hangs": (breakers.HANGS, Limits(seconds=0.5), "typeset_timeout"),
    "eats memory": (breakers.EATS_MEMORY, Limits(seconds=20, memory_bytes=200 << 20), "typeset_memory"),
    "crashes": (breakers.CRASHES, Limits(seconds=20), "typeset_failed"),
    "refuses": (breakers.REFUSES, Limits(seconds=20), "typeset_failed"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_failing_document_is_set_aside_its_neighbours_finish_and_a_retry_mends_it(
    settings: Settings, fault: str
) -> None:
    command, limits, code = FAULTS[fault]
    broken = BrokenFor(Kind.ANNEX, engine(settings, command, limits), engine(settings))
    for services in _running(build(settings, typesetter=broken, templates=library())):
        bundle_id = requested(services).bundle_id
        _render_as_jobs_do(services, bundle_id)
        view = services.bundles.get(SOMEBODY, bundle_id)
        agreement, annex, help_plan = view.documents
        assert view.state is BundleState.PARTLY_FAILED
        assert (agreement.state, annex.state, help_plan.state) == (
            DocumentState.READY,
            DocumentState.FAILED,
            DocumentState.READY,
        )
        assert annex.error is not None
        assert annex.error.code == code
        assert "annex" in annex.error.detail
        assert annex.error.detail_de
        with pytest.raises(Conflict, match="not_ready"):
            services.bundles.print_set(SOMEBODY, bundle_id)

        broken.mended = True
        assert services.bundles.retry(SOMEBODY, bundle_id).state is BundleState.QUEUED
        services.bundles.render(bundle_id)
        mended = services.bundles.get(SOMEBODY, bundle_id)
        assert mended.state is BundleState.READY
        assert (mended.documents[0], mended.documents[2]) == (agreement, help_plan)
        assert services.bundles.print_set(SOMEBODY, bundle_id).sha256


def _render_as_jobs_do(services: Services, bundle_id: str) -> None:
    """An error that may pass is tried again, three times in all; meanwhile the bundle is neither ready nor failed."""
    for _ in range(3):
        try:
            services.bundles.render(bundle_id)
        except DocserviceError as error:
            if not error.retryable or services.bundles.get(SOMEBODY, bundle_id).final:
                raise
        else:
            return


def test_a_limit_of_the_surroundings_says_nothing_about_a_document(settings: Settings) -> None:
    late = BrokenFor(Kind.ANNEX, Late(), engine(settings))
    for services in _running(build(settings, typesetter=late, templates=library(), overrun=RecursionError)):
        bundle_id = requested(services).bundle_id
        with pytest.raises(RecursionError):
            services.bundles.render(bundle_id)
        assert not services.bundles.get(SOMEBODY, bundle_id).final
        late.mended = True
        services.bundles.render(bundle_id)
        assert services.bundles.get(SOMEBODY, bundle_id).state is BundleState.READY


def test_a_bug_sets_the_document_aside_and_says_nothing_personal(settings: Settings) -> None:
    broken = BrokenFor(Kind.HELP_PLAN, Buggy(), engine(settings))
    for services in _running(build(settings, typesetter=broken, templates=library())):
        view = rendered(services)
        failed = view.documents[2]
        assert failed.error is not None
        assert (view.state, failed.error.code) == (BundleState.PARTLY_FAILED, "internal_error")
        assert "KeyError" in failed.error.detail
        assert "Miller" not in f"{failed.error.detail}{failed.error.detail_de}"


def test_a_bundle_whose_job_was_given_up_is_failed_and_can_be_retried(services: Services) -> None:
    bundle_id = requested(services).bundle_id
    with services.database.transaction() as tx:
        services.bundles.rendering.abandon(tx, bundle_id, "worker_lost", "The worker process died.")
    view = services.bundles.get(SOMEBODY, bundle_id)
    assert view.state is BundleState.FAILED
    assert {document.error and document.error.code for document in view.documents} == {"worker_lost"}
    services.bundles.retry(SOMEBODY, bundle_id)
    services.bundles.render(bundle_id)
    assert services.bundles.get(SOMEBODY, bundle_id).state is BundleState.READY


def test_a_ready_bundle_cannot_be_retried(services: Services) -> None:
    with pytest.raises(Conflict, match="not_failed"):
        services.bundles.retry(SOMEBODY, rendered(services).bundle_id)


def test_the_same_key_gives_the_same_bundle_and_another_body_is_refused(services: Services) -> None:
    case = services.cases.create(SOMEBODY, load_case("01-miller"))
    key = Idempotency("desk", "k1", "a" * 64)
    first = services.bundles.request(SOMEBODY, case.case_id, GERMAN_RUSSIAN, key)
    assert services.bundles.request(SOMEBODY, case.case_id, GERMAN_RUSSIAN, key) == first
    with pytest.raises(Conflict, match="idempotency_key_reused"):
        services.bundles.request(SOMEBODY, case.case_id, GERMAN_RUSSIAN, dataclasses.replace(key, body_sha256="b" * 64))
    other = services.bundles.request(
        SOMEBODY, case.case_id, GERMAN_RUSSIAN, dataclasses.replace(key, scope="other desk")
    )
    assert other.bundle_id != first.bundle_id


def test_a_refused_order_does_not_use_up_its_key(services: Services) -> None:
    case = services.cases.create(SOMEBODY, load_case("01-miller"))
    key = Idempotency("desk", "k1", "a" * 64)
    with pytest.raises(InvalidInput):
        services.bundles.request(SOMEBODY, case.case_id, BundleOrder(("de", "xx")), key)
    assert services.bundles.request(SOMEBODY, case.case_id, GERMAN_RUSSIAN, key).state is BundleState.QUEUED


def test_all_faults_of_an_order_come_at_once(services: Services) -> None:
    case = services.cases.create(SOMEBODY, load_case("01-miller"))
    with pytest.raises(InvalidInput) as refused:
        services.bundles.request(SOMEBODY, case.case_id, BundleOrder(("ru", "xx"), copies=("city", "city")))
    assert [fault.path for fault in refused.value.faults] == ["languages", "languages[1]", "copies"]
    assert all(fault.de and fault.en for fault in refused.value.faults)


def test_a_language_the_template_of_that_day_does_not_have_is_refused(services: Services) -> None:
    case = services.cases.create(SOMEBODY, load_case("04-levin"))
    with pytest.raises(InvalidInput) as refused:
        services.bundles.request(SOMEBODY, case.case_id, GERMAN_RUSSIAN)
    assert {fault.path for fault in refused.value.faults} == {"languages[1]"}


def test_what_does_not_exist_is_not_found(services: Services) -> None:
    for ask in (
        lambda: services.bundles.get(SOMEBODY, "0" * 20),
        lambda: services.bundles.events(SOMEBODY, "0" * 20),
        lambda: services.bundles.content(SOMEBODY, "0" * 20, "pdf"),
        lambda: services.bundles.print_set(SOMEBODY, "0" * 20),
        lambda: services.bundles.retry(SOMEBODY, "0" * 20),
        lambda: services.bundles.request(SOMEBODY, "0" * 20, GERMAN_RUSSIAN),
    ):
        with pytest.raises(NotFound):
            ask()


def test_events_tell_the_story_in_order(services: Services) -> None:
    view = rendered(services)
    events = services.bundles.events(SOMEBODY, view.bundle_id)
    names = [event.name for event in events]
    assert (names[:3], names[-2:]) == (
        ["bundle.queued", "bundle.rendering", "document.rendering"],
        ["document.ready", "bundle.ready"],
    )
    for document in view.documents:  # the next one may be begun before it is ready
        own = [event.name for event in events if event.data.get("document_id") == document.document_id]
        assert own == ["document.rendering", "document.ready"]
    assert services.bundles.events(SOMEBODY, view.bundle_id, events[-2].seq) == events[-1:]
