"""Values inside a text that no line may tear as it likes: what is one, and where it may be parted."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from docservice.domain.text.isolates import bound, pieces, spans


def values(text: str) -> list[str]:
    return [text[start:end] for start, end in spans(text)]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (
            "Bitte an muel-ler@integrationsbuero.example.org, nicht an info@x.de.",
            "muel-ler@integrationsbuero.example.org|info@x.de",
        ),
        (
            "Siehe (https://amt.example/a-b/c?d=e&f=g#h), www.bva.example!",
            "https://amt.example/a-b/c?d=e&f=g#h|www.bva.example",
        ),
        ("Seite https://amt.example/wiki/Haus_(Amt).", "https://amt.example/wiki/Haus_(Amt)"),
        ("Telefon (0231) 50-12345 oder +49 (0) 231 / 50-12345.", "(0231) 50-12345|+49 (0) 231 / 50-12345"),
        ("Konto DE02 1203 0000 0000 2020 51 der Bank", "DE02 1203 0000 0000 2020 51"),
        ("Konto PL61109010140000071219812874", "PL61109010140000071219812874"),
        ("vom 01.02.2027 – 28.02.2027, am 2027-01-15.", "01.02.2027 – 28.02.2027|2027-01-15"),
        ("1.–5.3.2027, 10:00–12:00 Uhr", "1.–5.3.2027|10:00–12:00 Uhr"),
        ("Az. IV-2026-0815 und 50/3-12-4711", "IV-2026-0815|50/3-12-4711"),
        ("12,5 km, 1.234,56 €, 20 %, -5 °C, § 16a SGB II", "12,5 km|1.234,56 €|20 %|-5 °C|§ 16a"),
        ("2026-27, 2026 bis 2028, 10 bis 12 Personen, 5–10", "2026-27|2026 bis 2028|10 bis 12|5–10"),
        ("Salma Haddad jun.", "jun."),
        (
            "+380 (44) 279-12-34, +7 (495) 123-45-67, 8 (800) 555-35-35",
            "+380 (44) 279-12-34|+7 (495) 123-45-67|8 (800) 555-35-35",
        ),
        ("EUR 1.234,56 und 563,- € und -12", "EUR 1.234,56|563,- €|-12"),
        ("BG 35502//0012345 am 2026-12-03T14:30+01:00", "35502//0012345|2026-12-03T14:30+01:00"),
        ("Niveau B1+ (#Ankommen), @amt-a", "B1+|#Ankommen|@amt-a"),
        ("z. B. Frau Anna K. mit u.a. §§ 53 ff. usw.", "z. B.|K.|u.a.|§§ 53|ff.|usw."),
        ("يرجى الاتصال على الرقم (0231) 50-12345 قبل الموعد", "(0231) 50-12345"),
        ("راسلنا على وinfo@example.org، شكرا", "info@example.org"),
        ("\u200e+49 231 50-12345\u200e", "+49 231 50-12345"),
        ("Напишите на info@example.org до 15.01.2027 г.", "info@example.org|15.01.2027"),
    ],
)
def test_values_are_found_without_the_sentence_around_them(text: str, found: str) -> None:
    assert values(text) == found.split("|")


@pytest.mark.parametrize(
    "text",
    [
        "B1-Kurs, 24-Stunden-Betreuung und A2-Prüfungsvorbereitungskurs",
        "Müller-Lüdenscheidt, Nord-/Südstadt, km/h, und/oder, Gruppe B.",
        "Am 3. Dezember im Jahr 2026, Platz 7, Klasse 5.",
        "Vom 3. Mai 2027 bis 30. September 2027, 3 May 2027 – 30 September 2027.",
        "٣/٢/٢٠٢٧ الأربعاء",
        "@",
        "",
    ],
)
def test_ordinary_words_are_left_alone(text: str) -> None:
    assert values(text) == []


@pytest.mark.parametrize(
    ("value", "parts"),
    [
        ("mueller@amt.example.org", ["mueller@", "amt.", "example.", "org"]),
        ("https://amt.example/a-b?c=d", ["https://", "amt.", "example/", "a-", "b?", "c=", "d"]),
        ("DE02 1203 0000 0000 2020 51", ["DE02 ", "1203 ", "0000 ", "0000 ", "2020 ", "51"]),
        ("DE02120300000000202051", ["DE02", "1203", "0000", "0000", "2020", "51"]),
        ("(0231) 50-12345", ["(0231) ", "50-", "12345"]),
        ("-5 °C", ["-5 ", "°C"]),
    ],
)
def test_a_value_parts_after_its_signs_and_between_groups(value: str, parts: list[str]) -> None:
    (piece,) = pieces(value)
    assert list(piece.parts) == parts


def test_a_closing_dash_stays_with_its_word() -> None:
    assert bound("vertreten durch Frau Rot – nachfolgend Partnerin 2 –") == (
        "vertreten durch Frau Rot – nachfolgend Partnerin\u00a02\u00a0–"
    )
    assert bound("Unterschrift – Stadt –\nFrau Rot") == "Unterschrift – Stadt\u00a0–\nFrau Rot"
    assert bound("Montag – Freitag") == "Montag – Freitag"


@given(st.text(alphabet="ab@./-:+() 0159€%§\u200e\u00a0–عä\n_?", max_size=60))
def test_pieces_and_parts_are_the_text_letter_by_letter(text: str) -> None:
    found = pieces(text)
    assert "".join(piece.text for piece in found) == text
    for piece in found:
        assert not piece.parts or "".join(piece.parts) == piece.text


@pytest.mark.parametrize("unit", ["a-", "a.", "1-", "1.", "0 ", "a@", "(", "DE02 ", "1–", "//", "x"])
def test_no_text_takes_long(unit: str) -> None:
    started = time.process_time()
    pieces((unit * 3000)[:3000] + "!1")
    assert time.process_time() - started < 1
