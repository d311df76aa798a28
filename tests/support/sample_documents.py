"""Document trees built by hand, for tests of the renderings: every block, every language direction, hard values."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from docservice.domain.documents import (
    Block,
    Clauses,
    Column,
    Document,
    Fact,
    Facts,
    Heading,
    Letterhead,
    Pair,
    Role,
    Row,
    RowKind,
    SignatureZone,
    Table,
)
from docservice.domain.kinds import Kind
from docservice.domain.languages import LANGUAGES, LRM

LONG_NAME = "Maximiliane-Wilhelmine von und zu Hohenstein-Schönborn-Wittgensteiner"  # 69 letters
LONG_WORD = "Donaudampfschifffahrtselektrizitätswerke"  # 40 letters
HARD_VALUE = 'Söhne & <b>Töchter</b> {{ 7*7 }} {% raw %} #eval("1") $x$ *_`@ \\ // /* */ [x] <zone> "Ende"'
PARTIES = (
    "Frau Anna Miller",
    "Herr Igor Weiß",
    f"Frau {LONG_NAME}",
    "Herr Jürgen Çelik",
    "Kim Sommer",
    "Lea Jäger (geb. 2011), gesetzlich vertreten durch Frau Anna Jäger",
    "Frau Dr. Ludmila Łukasiewicz-Ņikolajeva",
)

_TR: dict[str, dict[str, str]] = {
    "ru": {
        "title": "I. Соглашение об интеграции",
        "header": "Перевод на русский язык",
        "note": "Перевод не проверен",
        "between": "между",
        "and": "и",
        "city": "городом Дортмунд в лице",
        "intro": "для содействия равноправному участию в общественной жизни Федеративной Республики заключается "
        "следующее соглашение об интеграции:",
        "lead": "Город Дортмунд обязуется активно поддерживать Сторону 1 при интеграции в общество Федеративной "
        "Республики и в рамках настоящего договора предоставляет следующие услуги:",
        "item": "Обеспечение поддерживающей и сопровождающей помощи для достижения самостоятельности в течение "
        "всего срока действия процедуры составления плана помощи.",
        "text": "Нарушения обязанности содействия могут повлечь санкции в рамках соответствующих законов.",
        "precedence": "Настоящее соглашение составлено на немецком языке. Перевод служит только для лучшего "
        "понимания. Юридически обязательным является только немецкий текст.",
        "goals": "Согласование целей",
        "review": "Дата проверки",
        "place": "Дортмунд, 3 декабря 2026 г.",
        "signature": "Подпись",
        "party": "Сторона 1",
        "step": "Записаться на языковой курс",
        "phone": "Телефон: 0231 50-12345",
    },
    "ar": {
        "title": "أولاً. اتفاقية الاندماج",
        "header": "الترجمة العربية",
        "note": "ترجمة غير مدقَّقة",
        "between": "بين",
        "and": "و",
        "city": "مدينة دورتموند، ويمثلها",
        "intro": "تُبرم اتفاقية الاندماج التالية لتعزيز فرصة المشاركة "
        "المتكافئة في الحياة الاجتماعية في الجمهورية الاتحادية:",
        "lead": "تلتزم مدينة دورتموند بدعم الطرف الأول دعمًا فعّالاً في الاندماج في مجتمع الجمهورية الاتحادية "
        "وتقدم في إطار هذا العقد الخدمات التالية:",
        "item": "تأمين المساعدات الداعمة والمرافِقة لتحقيق الاستقلالية خلال مدة إجراء خطة المساعدة.",
        "text": "يمكن أن تترتب على مخالفة واجب التعاون عقوبات في إطار قوانين الخدمات ذات الصلة.",
        "precedence": "حُرِّرت هذه الاتفاقية باللغة الألمانية. الترجمة للتوضيح فقط. النص الألماني وحده هو الملزم قانونًا.",
        "goals": "اتفاق الأهداف",
        "review": "تاريخ المراجعة",
        "place": f"دورتموند، {LRM}3 ديسمبر 2026{LRM}",
        "signature": "التوقيع",
        "party": "الطرف الأول",
        "step": "التسجيل في دورة اللغة",
        "phone": f"الهاتف: {LRM}0231 50-12345{LRM}",
    },
    "pl": {
        "title": "I. Porozumienie integracyjne",
        "header": "Tłumaczenie polskie",
        "note": "Tłumaczenie niesprawdzone",
        "between": "pomiędzy",
        "and": "a",
        "city": "Miastem Dortmund, reprezentowanym przez",
        "intro": "w celu wspierania równoprawnego udziału w życiu społecznym Republiki Federalnej zostaje zawarte "
        "następujące porozumienie integracyjne:",
        "lead": "Miasto Dortmund zobowiązuje się aktywnie wspierać Stronę 1 w integracji ze społeczeństwem "
        "Republiki Federalnej i w ramach niniejszej umowy zapewnia następujące świadczenia:",
        "item": "Zapewnienie pomocy wspierającej i towarzyszącej w osiągnięciu samodzielności w czasie trwania "
        "procedury planu pomocy.",
        "text": "Naruszenia obowiązku współdziałania mogą podlegać sankcjom w ramach właściwych ustaw.",
        "precedence": "Niniejsze porozumienie sporządzono w języku niemieckim. Tłumaczenie służy wyłącznie lepszemu "
        "zrozumieniu. Prawnie wiążący jest wyłącznie tekst niemiecki.",
        "goals": "Uzgodnienie celów",
        "review": "Data przeglądu",
        "place": "Dortmund, 3 grudnia 2026",
        "signature": "Podpis",
        "party": "Strona 1",
        "step": "Zapisać się na kurs językowy",
        "phone": "Telefon: 0231 50-12345",
    },
}


def _pair(language: str | None, german: str, key: str) -> Pair:
    return Pair(german, _TR[language][key] if language else None)


def _same(language: str | None, text: str) -> Pair:
    """A value that reads the same in both languages (names), marked left-to-right inside right-to-left text."""
    if language is None:
        return Pair(text)
    return Pair(text, f"{LRM}{text}{LRM}" if LANGUAGES[language].right_to_left else text)


def zones(language: str | None, parties: Sequence[str]) -> tuple[SignatureZone, ...]:
    """One zone for each party, one for the city, one optional for the interpreter."""
    signed = [
        SignatureZone(
            f"party-{number}",
            Role.PARTY,
            name,
            True,
            Pair(f"Unterschrift {name}", f"{_TR[language]['signature']} {name}" if language else None),
        )
        for number, name in enumerate(parties, start=1)
    ]
    city = _pair(language, "Unterschrift – Stadt Dortmund –", "signature")
    interpreter = _pair(language, "Unterschrift der dolmetschenden Person", "signature")
    return (
        *signed,
        SignatureZone("city-1", Role.CITY, "Frau Karin König", True, city),
        SignatureZone("interpreter-1", Role.INTERPRETER, "Herr Oleg Brandt", False, interpreter),
    )


def _document(
    kind: Kind,
    language: str | None,
    title: Pair,
    blocks: tuple[Block, ...],
    parties: Sequence[str],
    subtitle: Pair | None,
    version: str,
) -> Document:
    names = {Kind.AGREEMENT: "Integrationsvereinbarung", Kind.ANNEX: "Anlage 1", Kind.HELP_PLAN: "Hilfeplan"}
    languages = f"DE/{language.upper()}" if language else "DE"
    return Document(
        kind=kind,
        template=f"{kind.value}/{version}",
        language=LANGUAGES[language] if language else None,
        date=date(2026, 12, 3),
        letterhead=Letterhead("Stadt Dortmund", "Zentrales Integrationsbüro", ("Südwall 2–4", "44137 Dortmund")),
        reference="IV-2026-0815",
        title=title,
        subtitle=subtitle,
        column_headers=Pair("Deutsch (verbindlich)", _TR[language]["header"] if language else None),
        translation_note=_pair(language, "Übersetzung ungeprüft", "note") if language else None,
        footer_line=f"IV-2026-0815 · {names[kind]} · Fassung 1 · {languages}",
        page_label="Seite {page} von {pages}",
        blocks=blocks,
        place_and_date=_pair(language, "Dortmund, den 3. Dezember 2026", "place"),
        zones=zones(language, parties),
    )


def agreement(
    language: str | None = "ru",
    parties: Sequence[str] = PARTIES[:2],
    extra: Sequence[str] = (),
    version: str = "2026-11",
) -> Document:
    """An agreement of about two pages; each text of `extra` becomes a further numbered clause in both columns."""

    def row(kind: RowKind, german: str, key: str, number: str = "") -> Row:
        return Row(kind, _pair(language, german, key), number)

    rows = [row(RowKind.TEXT, "zwischen", "between")]
    rows += [Row(RowKind.PARTY, _same(language, name)) for name in parties]
    rows += [
        row(RowKind.TEXT, "und", "and"),
        row(RowKind.TEXT, "der Stadt Dortmund, vertreten durch", "city"),
        Row(RowKind.PARTY, _same(language, "Frau Karin König und Herrn Peter Paul")),
        row(
            RowKind.TEXT,
            "wird zur Förderung der Chance auf eine gleichberechtigte Teilhabe am gesellschaftlichen "
            "Leben der Bundesrepublik folgende Integrationsvereinbarung geschlossen:",
            "intro",
        ),
    ]
    leads = (
        "Die Stadt Dortmund verpflichtet sich, Vertragspartner 1 bei der Integration in die Gesellschaft der "
        "Bundesrepublik aktiv zu unterstützen und wird im Rahmen dieses Vertrages folgende Leistungen einbringen:",
        "Vertragspartner 1 verpflichten sich zur aktiven Mitwirkung an den vereinbarten Maßnahmen und zur "
        "Einhaltung der mit der Stadt Dortmund getroffenen Absprachen. Dazu gehören:",
    )
    for number, lead in enumerate(leads, start=1):
        rows.append(row(RowKind.LEAD, lead, "lead", f"{number}."))
        rows += [
            row(
                RowKind.ITEM,
                "Die Sicherung der unterstützenden und begleitenden Hilfen zur Erreichung der "
                "Verselbstständigung während der Dauer des Hilfeplanverfahrens.",
                "item",
            )
        ] * 4
    rows.append(
        row(
            RowKind.TEXT,
            "Verletzungen der Mitwirkungspflicht können im Rahmen der jeweiligen Leistungsgesetze sanktioniert werden.",
            "text",
        )
    )
    rows += [Row(RowKind.LEAD, _same(language, text), f"{number}.") for number, text in enumerate(extra, start=3)]
    rows.append(
        row(
            RowKind.NOTE,
            "Diese Vereinbarung ist in deutscher Sprache abgefasst. Die Übersetzung dient nur "
            "dem besseren Verständnis. Rechtlich verbindlich ist allein der deutsche Text.",
            "precedence",
        )
    )
    goals = Facts(
        (
            Fact(
                _pair(language, "Zielvereinbarung", "goals"),
                Pair(
                    "1. Eingliederung in den Arbeitsmarkt und damit Unabhängigkeit von der Sozialhilfe\n"
                    "2. Möglichkeit zur aktiven Teilnahme am gesellschaftlichen Leben der Stadt Dortmund",
                    _TR[language]["text"] if language else None,
                ),
            ),
            Fact(_pair(language, "Überprüfung am", "review"), _same(language, "3. Juni 2027")),
        )
    )
    title = _pair(language, "I. Integrationsvereinbarung", "title")
    return _document(Kind.AGREEMENT, language, title, (Clauses(tuple(rows)), goals), parties, None, version)


def annex(
    language: str | None = "ru", steps: int = 4, parties: Sequence[str] = PARTIES[:2], version: str = "2026-11"
) -> Document:
    """An annex: facts, a table of work steps and two lines for handwriting."""
    columns = (
        Column(_pair(language, "Arbeitsschritt", "step"), 3),
        Column(_pair(language, "Wer", "party"), 1),
        Column(_pair(language, "Bis wann", "review"), 1),
    )
    step = (
        _pair(language, "Zum Sprachkurs anmelden", "step"),
        _pair(language, "Anna Miller", "party"),
        _same(language, "15. Januar 2027"),
    )
    empty = (Pair(""), Pair(""), Pair(""))
    blocks: tuple[Block, ...] = (
        Facts(
            (
                Fact(_pair(language, "Integrationsvereinbarung mit", "party"), _same(language, " · ".join(parties))),
                Fact(_pair(language, "Nächster Gesprächstermin", "review"), Pair("")),
                Fact(_pair(language, "Telefon", "party"), _pair(language, "0231 50-12345", "phone")),
            )
        ),
        Heading(_pair(language, "Arbeitsschritte", "goals")),
        Table(columns, (*[step] * steps, empty, empty)),
    )
    title = _pair(language, "Anlage zur Integrationsvereinbarung vom 3. Dezember 2026", "title")
    return _document(Kind.ANNEX, language, title, blocks, parties, None, version)


def help_plan(
    language: str | None = "ru", goals: int = 4, parties: Sequence[str] = PARTIES[:2], filler: str = ""
) -> Document:
    """A help plan with `goals` goals, each with facts and a table of measures; four goals fill three pages."""
    columns = (
        Column(_pair(language, "Maßnahme", "goals"), 4),
        Column(_pair(language, "Träger", "party"), 2),
        Column(_pair(language, "Verantwortlich", "party"), 2),
        Column(_pair(language, "Frist", "review"), 2),
    )
    measure = (
        _pair(language, f"Teilnahme am Sprachkurs B1 mit Abschlussprüfung {filler}".strip(), "step"),
        _same(language, "Auslandsgesellschaft e. V."),
        _pair(language, "Vertragspartner 1", "party"),
        _same(language, "30. September 2027"),
    )
    blocks: list[Block] = [
        Facts(
            (
                Fact(_pair(language, "Gemeinsam erstellt am", "review"), _same(language, "3. Dezember 2026")),
                Fact(_pair(language, "Überprüfung am", "review"), Pair("")),
            )
        ),
    ]
    for number in range(1, goals + 1):
        blocks += [
            Heading(_pair(language, f"Zielbereich {number}: Sprache und Bildung", "goals")),
            Facts(
                (
                    Fact(
                        _pair(language, "Ziel", "goals"),
                        _pair(language, f"Deutschkenntnisse auf dem Niveau B1 erreichen {filler}".strip(), "step"),
                    ),
                    Fact(
                        _pair(language, "Ausgangslage", "party"),
                        _pair(language, "Kenntnisse auf dem Niveau A1; Kursplatz fehlt.", "text"),
                    ),
                    Fact(
                        _pair(language, "Woran wir es erkennen", "goals"),
                        _pair(language, "Zertifikat liegt vor.", "step"),
                    ),
                )
            ),
            Heading(_pair(language, "Maßnahmen", "goals"), 3),
            Table(columns, (measure, measure, measure)),
        ]
    return _document(
        Kind.HELP_PLAN,
        language,
        _pair(language, "Hilfeplan", "title"),
        tuple(blocks),
        parties,
        _pair(language, "1. Fortschreibung vom 3. Dezember 2026", "review"),
        "2026-11",
    )


def samples() -> dict[str, Document]:
    """The samples by name: every kind in three languages and alone, and the hard ones."""
    found: dict[str, Document] = {}
    for language in (None, *_TR):
        name = language or "de"
        found[f"agreement-{name}"] = agreement(language)
        found[f"annex-{name}"] = annex(language)
        found[f"help_plan-{name}"] = help_plan(language)
    found["seven-parties"] = agreement("ru", PARTIES)
    found["long-name"] = agreement("ru", (f"Frau {LONG_NAME}",))
    found["hard-values"] = agreement("ru", (HARD_VALUE, LONG_WORD), extra=(HARD_VALUE, "Wort " * 600))
    found["historic-agreement"] = agreement(None, version="dortmund-2003")
    found["historic-annex"] = annex(None, version="dortmund-2003")
    found["many-steps"] = annex("ar", steps=40)
    found["full-plan"] = help_plan("ru", filler=f"{LONG_WORD} und {HARD_VALUE}")
    return found
