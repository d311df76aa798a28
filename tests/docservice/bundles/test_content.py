"""The trees of the current templates: what they say, in both languages, for every family."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

import pytest

from docservice.domain.cases import (
    Appointment,
    BilingualText,
    Case,
    Finding,
    GoalArea,
    GuardianKind,
    HelpPlan,
    Interpreter,
    LegalStatus,
    Measure,
    OriginalScriptName,
    PlanGoal,
    Responsible,
    WorkStep,
)
from docservice.domain.documents import Clauses, Document, Fact, Facts, Heading, Pair, Role, Row, RowKind, Table
from docservice.domain.kinds import USUAL, Kind
from docservice.domain.languages import LANGUAGES, LRM, RLM
from tests.support.content import CASES, FRAU, HERR, TODAY, case_of, document, fixture_case, person

SECOND = ["ru", "uk", "pl", "en", "ar"]
NBSP = "\u00a0"
ANNA = person(
    "Anna",
    "Miller",
    FRAU,
    original_script_names=(OriginalScriptName("Cyrl", "ru", "Миллер", "Анна", "Петровна"),),
)
IGOR = person("Igor", "Miller", HERR, born="1981")
COUPLE = case_of([ANNA, IGOR])
ZAHIR = person("Ẓāhir", "aḏ-Ḏahabī", HERR, original_script_names=(OriginalScriptName("Arab", "ar", "الذهبي", "ظاهر"),))
MEETING = Appointment(
    datetime.fromisoformat("2026-12-03T13:30:00+00:00"), BilingualText("Zimmer 12"), None, "0231 50-12345"
)


# -- names -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", [{"legal_given_names": None}, {"legal_family_name": None}], ids=["family", "given"])
@pytest.mark.parametrize("code", [None, *SECOND])
def test_who_has_one_name_is_printed_with_that_name_alone(name: dict[str, None], code: str | None) -> None:
    alone = person("Zabihullah", "Zabihullah", HERR, born="1998", **name)
    case = case_of([alone, IGOR])
    plan = PlanGoal(GoalArea.WORK, BilingualText("Arbeit"), measures=(_measure("zabihullah"),))
    for kind in USUAL:
        tree = document(kind, replace(case, help_plan=replace(case.help_plan, goals=(plan,))), code)
        assert tree.zones[0].signer == "Zabihullah"
        assert tree.zones[0].label.de.endswith("\nHerr Zabihullah")
        printed = [text for text in tree.texts() if "Zabihullah" in text]
        assert any("Herrn Zabihullah" in text for text in printed)
        assert not any(slip in text for text in tree.texts() for slip in ("None", "Zabihullah Zabihullah", "Herr  "))


@pytest.mark.parametrize(("code", "script", "original"), [("ru", "Cyrl", "Забихулла"), ("ar", "Arab", "ذبيح")])
def test_one_name_in_the_original_script_is_printed_without_the_other(code: str, script: str, original: str) -> None:
    for names in (OriginalScriptName(script, code, original), OriginalScriptName(script, code, given_names=original)):
        alone = person("x", "Zabihullah", HERR, legal_given_names=None, original_script_names=(names,))
        texts = " ".join(document(Kind.AGREEMENT, case_of([alone]), code).texts())
        assert original in texts
        assert f" {original} (" in texts
        assert "None" not in texts


def _khans(*born: str, **fields: object) -> Case:
    """As many persons with one name as birth dates, and the first answers for a measure."""
    khans = [replace(person("Ahmad", "Khan", HERR, born=day, **fields), id=f"k{i}") for i, day in enumerate(born)]
    case = case_of(khans)
    plan = PlanGoal(GoalArea.WORK, BilingualText("Arbeit"), measures=(_measure("k0"),))
    return replace(case, help_plan=replace(case.help_plan, goals=(plan,)))


@pytest.mark.parametrize(
    ("born", "told"),
    [
        (("1970-01-01", "1999-01-01"), ("1970", "1999")),
        (("1970", "1999-01-01"), ("1970", "1999")),
        (("1970-05-03", "1970-11-30"), ("3. Mai 1970", "30. November 1970")),
        (("1970-05", "1970-11-30"), ("Mai 1970", "30. November 1970")),
        (("1970-05-03", "1970-05-04", "1999"), ("3. Mai 1970", "4. Mai 1970", "1999")),
    ],
)
def test_namesakes_are_told_apart_by_the_smallest_part_of_their_birth_dates(
    born: tuple[str, ...], told: tuple[str, ...]
) -> None:
    case = _khans(*born)
    for kind in USUAL:
        tree = document(kind, case)
        names = [f"Ahmad Khan (geb. {date})" for date in told]
        assert [zone.signer for zone in tree.zones[: len(told)]] == names
        for zone, name in zip(tree.zones, names, strict=False):
            assert zone.label.de.replace(NBSP, " ").endswith(f"\nHerr {name}")
        texts = " ".join(tree.texts()).replace(NBSP, " ")
        assert f"Herrn {names[0]}" in texts
        assert texts.count("Ahmad Khan") == texts.count("Ahmad Khan (geb. ")


@pytest.mark.parametrize(
    ("code", "born"),
    [
        ("en", "(born 1970)"),
        ("pl", "(ur. 1970)"),
        ("ru", "(род. 1970)"),
        ("uk", "(нар. 1970)"),
        ("ar", f"(الميلاد: {LRM}1970{LRM})"),
    ],
)
def test_namesakes_are_told_apart_in_the_second_language_too(code: str, born: str) -> None:
    for kind in USUAL:
        assert any(born in text for text in document(kind, _khans("1970-01-01", "1999"), code).texts()), kind


def test_a_father_who_represents_his_namesake_is_told_apart_from_him() -> None:
    father = replace(person("Ahmad", "Khan", HERR, born="1980"), id="father")
    son = replace(person("Ahmad", "Khan", HERR, born="2012-05-01"), id="son", guardian=("father",))
    tree = document(Kind.AGREEMENT, case_of([father, son], ["son"]), "en")
    assert tree.zones[0].signer == "Ahmad Khan (geb. 1980)"
    assert tree.zones[0].label.de.endswith("Herr Ahmad Khan (geb. 1980) für Ahmad Khan (geb. 2012)")
    texts = " ".join(tree.texts())
    assert "Ahmad Khan (geb. 2012), gesetzlich vertreten durch Herrn Ahmad Khan (geb. 1980)" in texts
    assert "(born 2012), legally represented by" in texts
    assert "2012) (" not in texts


def test_one_original_name_under_two_latin_spellings_is_told_apart_too() -> None:
    original = (OriginalScriptName("Cyrl", "uk", "Коваль", "Олена"),)
    one = replace(person("Olena", "Koval", born="1960"), original_script_names=original)
    two = replace(person("Elena", "Kowal", born="1990"), original_script_names=original)
    signers = [zone.signer for zone in document(Kind.ANNEX, case_of([one, two]), "uk").zones]
    assert signers[:2] == ["Olena Koval (geb. 1960)", "Elena Kowal (geb. 1990)"]


@pytest.mark.parametrize(
    ("one", "two"), [("José", "Jose"), ("Günes", "Guenes"), ("Al-Hadi", "Al Hadi"), ("D'Arc", "D’Arc")]
)
def test_names_that_differ_in_signs_alone_are_told_apart_where_birth_dates_do(one: str, two: str) -> None:
    alike = [replace(person(name, "Koval", born=born), id=born) for name, born in ((one, "1960"), (two, "1990"))]
    signers = [zone.signer for zone in document(Kind.ANNEX, case_of(alike)).zones]
    assert signers[:2] == [f"{one} Koval (geb. 1960)", f"{two} Koval (geb. 1990)"]
    unknown = [replace(somebody, birth_date=None) for somebody in alike]
    assert document(Kind.ANNEX, case_of(unknown)).zones[0].signer == f"{one} Koval"


@pytest.mark.parametrize("code", ["ru", "uk", "pl", "en", "ar"])
def test_a_ward_whose_birth_date_leaves_the_age_open_is_a_ward_in_both_languages(code: str) -> None:
    ward = person("Igor", "Weiß", HERR, born="2008", guardian=("anna",), guardian_kind=GuardianKind.BETREUUNG)
    tree = document(Kind.AGREEMENT, case_of([ward, person("Anna", "Koch")], ["igor"]), code)
    (said,) = [
        row.text.tr
        for block in tree.blocks
        if isinstance(block, Clauses)
        for row in block.rows
        if "Weiß" in row.text.de
    ][:1]
    assert said is not None
    assert "Betreuung" in said
    assert "2008" not in said


def test_who_shares_no_name_is_printed_without_a_birth_date_and_the_published_version_tells_namesakes_too() -> None:
    assert document(Kind.ANNEX, COUPLE).zones[0].signer == "Anna Miller"
    earlier = _khans("1970-01-01", "1999")
    earlier = replace(earlier, agreement=replace(earlier.agreement, date=date(2026, 3, 2)))
    tree = document(Kind.AGREEMENT, earlier, "en")
    assert tree.template == "agreement/2026-01"
    assert tree.zones[0].signer == "Ahmad Khan (geb. 1970)"
    assert any("Ahmad Khan (1970)" in text for text in tree.texts())


def _measure(person_id: str) -> Measure:
    text = BilingualText("Bewerbung")
    return Measure(text, responsible=Responsible.CLIENT, responsible_person=person_id, deadline=date(2027, 11, 30))


# -- every family in every language ------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", sorted(CASES.glob("*.json")), ids=lambda path: path.stem)
@pytest.mark.parametrize("code", [None, *SECOND])
def test_every_family_gets_every_document_in_every_language(path: Path, code: str | None) -> None:
    case = fixture_case(path)
    historic = (case.agreement.date or TODAY) < date(2004, 7, 1)
    for kind in [Kind.HELP_PLAN] if code and historic else USUAL:  # the other forms of 2003 are German alone
        tree = document(kind, case, code)
        assert tree.language == (LANGUAGES[code] if code else None)
        assert {zone.zone_id for zone in tree.zones} >= {"party-1", "city-1"}
        for text in tree.texts():
            assert text == text.strip()
            assert unicodedata.normalize("NFC", text) == text
        for pair in _clause_pairs(tree):
            assert bool(pair.tr) == bool(code)


# -- parties and grammar -----------------------------------------------------------------------------------------------


def test_the_parties_are_defined_once_and_named_in_the_right_case() -> None:
    german = "\n".join(_german(document(Kind.AGREEMENT, COUPLE)))
    assert "Frau Anna Miller\nGeburtsdatum: 9.\u00a0März 1984\nHerrn Igor Miller" in german
    assert "Geburtsdatum: 1981 (Tag und Monat nicht bekannt)" in german
    assert german.count("– nachfolgend Vertragspartner 1 –") == german.count("– nachfolgend Vertragspartnerin 2 –") == 1
    assert "verpflichtet sich, Frau Anna Miller und Herrn Igor Miller bei der Integration" in german
    assert "Frau Anna Miller und Herr Igor Miller verpflichten sich" in german
    assert "vertreten durch Frau Petra Muster und Frau Ute Beispiel" in german


def test_a_represented_minor_never_signs_but_the_guardian_does() -> None:
    lea = person("Lea", "Jäger", FRAU, born="2011-04-21", guardian=("anna",))
    tree = document(Kind.AGREEMENT, case_of([lea, ANNA], ["lea"]), "ru")
    (zone,) = [zone for zone in tree.zones if zone.zone_id.startswith("party")]
    assert (zone.role, zone.signer, zone.required) == (Role.GUARDIAN, "Anna Miller", True)
    assert zone.label == Pair(
        "Unterschrift – gesetzliche Vertretung –\nFrau Anna Miller für Lea Jäger", "Подпись – законный представитель –"
    )
    german = "\n".join(_german(tree))
    assert "sich, Lea Jäger (geb. 2011), gesetzlich vertreten durch Frau Anna Miller, bei der" in german
    assert "Lea Jäger (2011\u00a0г.\u00a0р.), законный представитель: Анна Миллер (Anna Miller)" in _second(tree)


def test_both_parents_have_a_line_of_their_own() -> None:
    lea = person("Lea", "Jäger", FRAU, born="2011-04-21", guardian=("anna", "igor"))
    tree = document(Kind.AGREEMENT, case_of([lea, ANNA, IGOR], ["lea"]), "ru")
    zones = [zone for zone in tree.zones if zone.role is Role.GUARDIAN]
    assert [(zone.zone_id, zone.signer, zone.required) for zone in zones] == [
        ("party-1", "Anna Miller", True),
        ("party-1b", "Igor Miller", True),
    ]
    assert zones[1].label.de.endswith("Herr Igor Miller für Lea Jäger")
    assert "gesetzlich vertreten durch Frau Anna Miller und Herrn Igor Miller" in "\n".join(_german(tree))
    assert "законный представитель: Анна Миллер (Anna Miller) и Igor Miller" in "\n".join(_second(tree))


@pytest.mark.parametrize("code", ["ru", "ar"])
def test_a_ward_does_not_look_like_a_grown_child(code: str) -> None:
    ward = person(
        "Karl", "Alt", HERR, guardian=("anna",), guardian_kind=GuardianKind.BETREUUNG, guardian_scope="Wohnen"
    )
    tree = document(Kind.ANNEX, case_of([ward, ANNA], [ward.id]), code)
    assert tree.zones[0].label.de == "Unterschrift – rechtliche Betreuung –\nFrau Anna Miller für Karl Alt"
    text = "\n".join(tree.texts())
    assert "Herrn Karl Alt, vertreten durch Frau Anna Miller (rechtliche Betreuung)" in text
    assert "Betreuung" in "".join(_second(tree))
    assert "Wohnen" not in text


def test_who_came_of_age_since_the_agreement_signs_the_next_document_in_person() -> None:
    lea = person("Lea", "Jäger", FRAU, born="2009-01-10", guardian=("anna",))
    case = case_of([lea, ANNA], ["lea"])
    case = replace(case, annex=replace(case.annex, date=date(2027, 1, 15)))
    signers = {kind: document(kind, case).zones[0].signer for kind in (Kind.AGREEMENT, Kind.ANNEX)}
    assert signers == {Kind.AGREEMENT: "Anna Miller", Kind.ANNEX: "Lea Jäger"}


def test_from_three_parties_on_the_clauses_name_the_term_of_the_head() -> None:
    trio = case_of([ANNA, IGOR, person("Oleg", "Miller", HERR)], ["anna", "igor", "oleg"])
    german = "\n".join(_german(document(Kind.AGREEMENT, trio)))
    assert "verpflichtet sich, die Vertragspartner 1 bei der Integration" in german
    assert "Die Vertragspartner 1 verpflichten sich zur aktiven Mitwirkung" in german
    assert german.count("Oleg Miller") == 1 + german.count("Herr Oleg Miller")
    earlier = replace(trio, agreement=replace(trio.agreement, date=date(2026, 11, 26)))
    german = "\n".join(_german(document(Kind.AGREEMENT, earlier)))
    assert "Frau Anna Miller, Herr Igor Miller und Herr Oleg Miller verpflichten sich" in german


def test_the_second_column_shows_the_original_script_and_the_legal_name_at_first_mention() -> None:
    measure = Measure(BilingualText("Kurs"), None, Responsible.CLIENT, "anna", None, date(2027, 2, 1))
    goal = PlanGoal(GoalArea.WORK, BilingualText("Arbeit"), measures=(measure,))
    second = _second(document(Kind.HELP_PLAN, replace(COUPLE, help_plan=HelpPlan(goals=(goal,))), "ru"))
    assert "Анна Миллер (Anna Miller) и Igor Miller – далее «Сторона 1» –" in second
    assert "Анна Миллер" in second


def test_a_name_is_never_transliterated_and_only_its_own_script_is_used() -> None:
    assert "Pani Anna Miller" in _second(document(Kind.AGREEMENT, COUPLE, "pl"))
    assert "السيدة \u200eAnna Miller\u200e" in _second(document(Kind.AGREEMENT, COUPLE, "ar"))


@pytest.mark.parametrize("code", SECOND)
def test_a_person_without_salutation_gets_no_title_in_any_language(code: str) -> None:
    tree = document(Kind.AGREEMENT, case_of([person("Kim", "Sommer", None)]), code)
    parties = [row.text for row in _rows(tree) if row.kind is RowKind.PARTY]
    assert parties[0].de == "Kim Sommer"
    assert (parties[0].tr or "").strip(LRM) == "Kim Sommer"


# -- direction ---------------------------------------------------------------------------------------------------------


def test_names_numbers_and_dates_stand_between_marks_in_a_right_to_left_column() -> None:
    step = WorkStep(BilingualText("Anrufen", {"ar": "اتصل على +49 231 50-12345 اليوم"}), None, date(2026, 12, 9))
    case = case_of([ZAHIR])
    case = replace(case, annex=replace(case.annex, work_steps=(step,), next_appointment=MEETING))
    second = _second(document(Kind.ANNEX, case, "ar"))
    assert f"السيد ظاهر الذهبي ({LRM}Ẓāhir aḏ-Ḏahabī{LRM})" in second
    assert f"اتصل على {LRM}+49{NBSP}231{NBSP}50-12345{LRM} اليوم" in second
    assert f"{LRM}9{LRM}{NBSP}ديسمبر {LRM}2026{LRM}" in second
    assert any(text.startswith(f"{LRM}0231{NBSP}50-12345{LRM} ") for text in second)


@pytest.mark.parametrize(
    ("text", "marked"),
    [
        ("حتى 3. März 2027 bis 5. April 2027، ثم", "حتى <3. März 2027 bis 5. April 2027>، ثم"),
        ("في 3 марта 2027 года في المكتب", "في <3 марта 2027 года> في المكتب"),
        ("أو «3. März» (3. März 2027).", "أو «<3. März>» (|<3. März 2027>)."),
        ("(انظر 3. März) 4. April ثم", "(انظر <3. März>) |<4. April> ثم"),
        ("في Verein «Nord» Dortmund (A1) اليوم", "في <Verein «Nord» Dortmund (A1)> اليوم"),
        ('"A1" "B2" ثم', '"<A1>" "|<B2>" ثم'),
        ("»Kurs A« »Kurs B« و„A1“ „B2“ ثم", "»<Kurs A>« »|<Kurs B>« و„<A1>“ „|<B2>“ ثم"),
    ],
)
def test_brackets_and_quotation_marks_around_latin_words_stay_with_the_text_around(text: str, marked: str) -> None:
    step = WorkStep(BilingualText("Hinweis", {"ar": text}), None, date(2026, 12, 9))
    case = replace(case_of([ZAHIR]), annex=replace(case_of([ZAHIR]).annex, work_steps=(step,)))
    assert marked.replace("<", LRM).replace(">", LRM).replace("|", RLM) in _second(document(Kind.ANNEX, case, "ar"))


@pytest.mark.parametrize("kind", USUAL)
@pytest.mark.parametrize("path", sorted(CASES.glob("*dhahabi*.json")), ids=lambda path: path.stem)
def test_no_latin_letter_or_digit_of_an_arabic_text_stands_outside_marks(kind: Kind, path: Path) -> None:
    for text in _second(document(kind, fixture_case(path), "ar")):
        outside = "".join(text.split(LRM)[::2])
        assert not [letter for letter in outside if unicodedata.bidirectional(letter) in ("L", "EN")], text
        assert text.count(LRM) % 2 == 0


@pytest.mark.parametrize("name", ["Ŝerbanʹ", "K͟hālid", "O’Neill", "D'Angelo’", "Weiß jun."])
def test_a_whole_name_stands_between_marks_with_its_marks_and_apostrophes(name: str) -> None:
    ali = OriginalScriptName("Arab", "ar", "شربان", "علي")
    plain = document(Kind.AGREEMENT, case_of([person("Ali", name, None)]), "ar")
    both = document(Kind.AGREEMENT, case_of([person("Ali", name, None, original_script_names=(ali,))]), "ar")
    assert f"{LRM}Ali {name}{LRM}" in _second(plain)
    assert f"علي شربان ({LRM}Ali {name}{LRM})" in "\n".join(_second(both))


@pytest.mark.parametrize(
    ("text", "printed"),
    [
        ("الرقم (0231) 50-12345 قبل", "الرقم {(0231)_50-12345} قبل"),
        ("راسل info@amt.example، ثم", "راسل {info@amt.example}، ثم"),
        ("من 01.02.2027 – 28.02.2027.", "من {01.02.2027 – 28.02.2027}."),
        ("السيد Ali Weiß jun. حضر", "السيد {Ali Weiß jun.} حضر"),
        ("في Amt (Nord) غدا (Süd) أيضا", "في {Amt (Nord)} غدا ({Süd}) أيضا"),
        ("الثمن -5 € أو 20 %!", "الثمن {-5 €} أو {20 %}!"),
    ],
)
def test_a_value_in_an_arabic_text_keeps_its_brackets_signs_and_stops(text: str, printed: str) -> None:
    step = WorkStep(BilingualText("Arbeit", {"ar": text}), None, None)
    case = replace(COUPLE, annex=replace(COUPLE.annex, work_steps=(step,)))
    assert printed.replace("{", LRM).replace("}", LRM).replace("_", NBSP) in _second(document(Kind.ANNEX, case, "ar"))


@pytest.mark.parametrize("code", [None, "ru", "uk", "pl", "en"])
def test_other_languages_have_no_marks(code: str | None) -> None:
    assert LRM not in "".join(document(Kind.ANNEX, COUPLE, code).texts())


# -- free text -----------------------------------------------------------------------------------------------------


def test_blank_lines_around_a_free_text_are_not_printed_and_one_is_kept_between_its_lines() -> None:
    step = WorkStep(BilingualText("\n\nAntrag  \r\n\n\n\nFoto\n- neu\n\n", {"ru": "Заявление\n\n\n"}), None, None)
    case = replace(COUPLE, annex=replace(COUPLE.annex, work_steps=(step, WorkStep(BilingualText(" \n "), None, None))))
    (table,) = [block for block in document(Kind.ANNEX, case, "ru").blocks if isinstance(block, Table)]
    assert [row[0] for row in table.rows] == [Pair("Antrag\n\nFoto\n- neu", "Заявление"), Pair("")]


# -- rows of a plan ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("by_hand", "rows"), [(False, 1), (True, 4)])
def test_empty_rows_of_a_plan_are_printed_only_when_it_is_filled_in_by_hand(by_hand: bool, rows: int) -> None:
    goal = PlanGoal(GoalArea.WORK, BilingualText("Arbeit"), situation=BilingualText("ohne Stelle"))
    plan = HelpPlan(1, None if by_hand else TODAY, goals=(goal,))
    tree = document(Kind.HELP_PLAN, replace(COUPLE, help_plan=plan), "ru")
    facts = [fact.label.de for block in tree.blocks if isinstance(block, Facts) for fact in block.rows]
    at = facts.index("Ausgangslage") if "Ausgangslage" in facts else -1
    assert at >= 0
    assert facts.count("In eigenen Worten") == (2 if by_hand else 0)
    goal_facts = next(
        block for block in tree.blocks if isinstance(block, Facts) and block.rows[0].label.de == facts[at]
    )
    assert len(goal_facts.rows) == rows


# -- language, translation, binding text -------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", USUAL)
@pytest.mark.parametrize("code", SECOND)
def test_an_unchecked_translation_says_so_in_both_languages(kind: Kind, code: str) -> None:
    note = document(kind, COUPLE, code).translation_note
    assert note is not None
    assert note.de == "Übersetzung ungeprüft"
    assert note.tr
    assert document(kind, COUPLE).translation_note is None


def test_the_binding_language_is_the_last_clause_and_only_of_a_bilingual_agreement() -> None:
    rows = _rows(document(Kind.AGREEMENT, COUPLE, "en"))
    assert rows[-1].text.de.endswith("Rechtlich verbindlich ist allein der deutsche Text.")
    assert rows[-1].text.tr == (
        "This agreement is drawn up in German. The translation is provided for better understanding only. "
        "Only the German text is legally binding."
    )
    assert "verbindlich ist allein" not in "\n".join(document(Kind.AGREEMENT, COUPLE).texts())


def test_free_text_is_never_translated_by_itself() -> None:
    goals = (BilingualText("Eine Wohnung finden", {"ru": "Найти квартиру"}), BilingualText("Führerschein"))
    case = replace(COUPLE, agreement=replace(COUPLE.agreement, goals=goals))
    (table,) = [block for block in document(Kind.AGREEMENT, case, "ru").blocks if isinstance(block, Table)]
    assert [row[0].de for row in table.rows] == ["1.", "2.", "3.", "4."]
    assert [row[1] for row in table.rows[2:]] == [
        Pair("Eine Wohnung finden", "Найти квартиру"),
        Pair("Führerschein", "Übersetzung mündlich / устный перевод"),
    ]


def test_an_interpreter_is_named_and_may_sign() -> None:
    case = replace(COUPLE, interpreter=Interpreter("Dolmet", "Igor", HERR))
    tree = document(Kind.AGREEMENT, case, "ru")
    zone = tree.zones[-1]
    assert (zone.zone_id, zone.role, zone.required) == ("interpreter-1", Role.INTERPRETER, False)
    assert "mündlich auf Russisch erläutert durch: Herrn Igor Dolmet." in "\n".join(_german(tree))
    assert "in einer anderen Sprache" in "\n".join(_german(document(Kind.AGREEMENT, case)))


# -- frame -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "code", "line"),
    [
        (Kind.AGREEMENT, None, "IV-2026-0001 · Vereinbarung · Fassung 1 · DE"),
        (Kind.ANNEX, "ru", "IV-2026-0001 · Anlage 1 · Fassung 1 · DE/RU"),
        (Kind.HELP_PLAN, "ar", "IV-2026-0001 · Hilfeplan 1 · Fassung 1 · DE/AR"),
    ],
)
def test_the_page_identity_is_readable(kind: Kind, code: str | None, line: str) -> None:
    assert document(kind, COUPLE, code).footer_line == line


@pytest.mark.parametrize(
    ("required", "zones"),
    [
        (1, [("city-1", "Stadt Dortmund", "Unterschrift – Stadt Dortmund –\nFrau Petra Muster / Frau Ute Beispiel")]),
        (
            2,
            [
                ("city-1", "Petra Muster", "Unterschrift – Stadt Dortmund –\nFrau Petra Muster"),
                ("city-2", "Ute Beispiel", "Unterschrift – Stadt Dortmund –\nFrau Ute Beispiel"),
            ],
        ),
    ],
)
def test_the_city_signs_once_or_twice(required: int, zones: list[tuple[str, str, str]]) -> None:
    case = replace(COUPLE, agreement=replace(COUPLE.agreement, city_signatures_required=required))
    found = [zone for zone in document(Kind.AGREEMENT, case).zones if zone.role is Role.CITY]
    assert [(zone.zone_id, zone.signer, zone.label.de) for zone in found] == zones


def test_a_blank_date_leaves_room_for_handwriting_and_the_day_of_making_dates_the_file() -> None:
    tree = document(Kind.AGREEMENT, case_of([ANNA], on=None), "ru")
    assert tree.date == TODAY
    assert tree.place_and_date == Pair("Dortmund, den ____________________", "Дортмунд, дата")


def test_another_place_is_printed_as_entered() -> None:
    case = replace(COUPLE, agreement=replace(COUPLE.agreement, place="Lünen"))
    assert document(Kind.AGREEMENT, case, "ru").place_and_date == Pair(
        "Lünen, den 22.\u00a0Dezember 2026", "Lünen, 22\u00a0декабря 2026\u00a0г."
    )


# -- annex and help plan -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("ru", "четверг, 3\u00a0декабря 2026\u00a0г., 14:30"),
        ("uk", "четвер, 3\u00a0грудня 2026\u00a0р., 14:30"),
        ("pl", "czwartek, 3\u00a0grudnia 2026\u00a0r., godz.\u00a014:30"),
        ("en", "Thursday, 3\u00a0December 2026, 14:30"),
    ],
)
def test_the_appointment_has_weekday_date_and_office_time_in_both_languages(code: str, said: str) -> None:
    case = replace(COUPLE, annex=replace(COUPLE.annex, next_appointment=MEETING))
    values = [fact.value for fact in _facts(document(Kind.ANNEX, case, code))]
    assert Pair("Donnerstag, 3.\u00a0Dezember 2026, 14:30\u00a0Uhr", said) in values


def test_an_annex_without_steps_or_appointment_has_room_to_write() -> None:
    tree = document(Kind.ANNEX, COUPLE, "ru")
    (table,) = [block for block in tree.blocks if isinstance(block, Table)]
    assert len(table.rows) >= 3
    assert not [cell for row in table.rows for cell in row if list(cell.texts())]
    assert [fact.value for fact in _facts(tree)].count(Pair("")) == 2


def test_the_help_plan_shows_four_areas_and_counts_goals_through() -> None:
    goals = (
        PlanGoal(GoalArea.PARTICIPATION, BilingualText("Verein")),
        PlanGoal(GoalArea.HOUSING, BilingualText("Wohnung")),
    )
    tree = document(Kind.HELP_PLAN, replace(COUPLE, help_plan=HelpPlan(goals=goals)))
    headings = [block.text.de for block in tree.blocks if isinstance(block, Heading)]
    assert headings == [
        "Wohnen",
        "Ziel 1: Wohnung",
        "Sprache und Bildung",
        "Arbeit",
        "Gesellschaftliche Teilhabe",
        "Ziel 2: Verein",
        "Eigene Sicht auf den Hilfeplan",
    ]
    assert [fact.value.de for fact in _facts(tree)].count("zurzeit kein Ziel vereinbart") == 2


def test_an_update_names_the_plan_it_replaces() -> None:
    plan = HelpPlan(version=3, predecessor_date=date(2026, 6, 1))
    subtitle = document(Kind.HELP_PLAN, replace(COUPLE, help_plan=plan)).subtitle
    assert subtitle == Pair("2. Fortschreibung – ersetzt den Hilfeplan vom 1.\u00a0Juni 2026")


def test_each_measure_says_who_answers_for_it_and_until_when() -> None:
    def measure(who: Responsible, start: date | None = None) -> Measure:
        return Measure(BilingualText("Kurs"), "Sprachschule", who, None, start, date(2027, 2, 1))

    measures = (measure(Responsible.CLIENT), measure(Responsible.CITY), measure(Responsible.PARTNER, TODAY))
    goal = PlanGoal(GoalArea.WORK, BilingualText("Arbeit"), measures=measures)
    tree = document(Kind.HELP_PLAN, replace(COUPLE, help_plan=HelpPlan(goals=(goal,))), "ru")
    (table,) = [block for block in tree.blocks if isinstance(block, Table)]
    assert [row[2] for row in table.rows] == [
        Pair("Vertragspartner 1", "Сторона 1"),
        Pair("Stadt Dortmund", "город Дортмунд"),
        Pair("Träger der Maßnahme", "организация-исполнитель мероприятия"),
    ]
    assert table.rows[0][3] == Pair("bis 1.\u00a0Februar 2027", "до 1\u00a0февраля 2027\u00a0г.")
    assert table.rows[2][3].de == "22.\u00a0Dezember 2026 bis 1.\u00a0Februar 2027"


# -- confidentiality and hostile values --------------------------------------------------------------------------------


@pytest.mark.parametrize("code", [None, "ru", "ar"])
def test_internal_and_health_data_reach_no_document(code: str | None) -> None:
    canary = "KANARIE"
    hidden = replace(
        ANNA,
        address=canary,
        phone=canary,
        notes=canary,
        health=canary,
        legal_status=(LegalStatus(canary),),
        birth_name=canary,
        birth_place=canary,
    )
    case = replace(case_of([hidden, IGOR]), notes=canary, assessment=(Finding(canary, canary),))
    for kind in USUAL:
        assert canary not in repr(document(kind, case, code))


def test_the_help_plan_stays_out_of_agreement_and_annex() -> None:
    goal = PlanGoal(GoalArea.WORK, BilingualText("KANARIE"))
    case = replace(COUPLE, help_plan=HelpPlan(goals=(goal,), client_statement=BilingualText("KANARIE")))
    assert "KANARIE" in repr(document(Kind.HELP_PLAN, case))
    assert "KANARIE" not in repr(document(Kind.AGREEMENT, case)) + repr(document(Kind.ANNEX, case))


@pytest.mark.parametrize(
    "value", ["{{ 7*7 }}", "{name}", "{% x %}", '#eval("1")', "a & <b>", "=1+1", "x\ny", "ä" * 3000]
)
def test_a_value_is_printed_as_it_is(value: str) -> None:
    case = replace(COUPLE, agreement=replace(COUPLE.agreement, goals=(BilingualText(value, {"ru": value}),)))
    assert list(document(Kind.AGREEMENT, case, "ru").texts()).count(value) == 2


def test_the_same_case_gives_an_equal_tree() -> None:
    assert document(Kind.HELP_PLAN, COUPLE, "uk") == document(Kind.HELP_PLAN, COUPLE, "uk")


# -- reading a tree ----------------------------------------------------------------------------------------------------


def _rows(tree: Document) -> list[Row]:
    return [row for block in tree.blocks if isinstance(block, Clauses) for row in block.rows]


def _facts(tree: Document) -> list[Fact]:
    return [fact for block in tree.blocks if isinstance(block, Facts) for fact in block.rows]


def _clause_pairs(tree: Document) -> Iterator[Pair]:
    yield tree.title
    for row in _rows(tree):
        yield row.text
    for zone in tree.zones:
        yield zone.label


def _pairs(tree: Document) -> Iterator[Pair]:
    yield tree.title
    if tree.subtitle is not None:
        yield tree.subtitle
    for block in tree.blocks:
        if isinstance(block, Clauses):
            yield from (row.text for row in block.rows)
        elif isinstance(block, Heading):
            yield block.text
        elif isinstance(block, Facts):
            for fact in block.rows:
                yield from (fact.label, fact.value)
        else:
            yield from (column.header for column in block.columns)
            yield from (cell for row in block.rows for cell in row)
    yield tree.place_and_date
    yield from (zone.label for zone in tree.zones)


def _german(tree: Document) -> list[str]:
    return [pair.de for pair in _pairs(tree)]


def _second(tree: Document) -> list[str]:
    return [pair.tr for pair in _pairs(tree) if pair.tr]
