"""Names in their original script, and free text that must be printable with the shipped fonts."""

from __future__ import annotations

import struct
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from docservice.domain.text.din91379 import TYPE_A
from docservice.domain.text.scripts import PRINTABLE, free_text_faults, script_faults

FONTS = Path(__file__).resolve().parents[4] / "templates" / "fonts"


@pytest.mark.parametrize(
    ("name", "script"),
    [
        ("Щербакова Юлия Геннадьевна", "Cyrl"),
        ("Єсипенко-Ґудзь Їжакевич", "Cyrl"),
        ("В’ячеслав", "Cyrl"),
        ("Знам\u02bcянська", "Cyrl"),
        ("И\u0306осипенко", "Cyrl"),  # decomposed й
        ("ظاهر الذهبي", "Arab"),
        ("مُحَمَّد", "Arab"),
        ("גרוסמן־וייס", "Hebr"),
    ],
)
def test_a_name_in_its_own_script_is_taken(name: str, script: str) -> None:
    assert script_faults(name, script) == ()


@pytest.mark.parametrize(
    ("name", "script", "position", "german"),
    [
        ("Лeвин", "Cyrl", 2, "lateinisches e (U+0065). Bitte das kyrillische е eingeben."),
        ("Иван3", "Cyrl", 5, "die Ziffer 3. Erlaubt sind kyrillische Buchstaben"),
        ("Анна\u0301", "Cyrl", 4, "а\u0301"),
        ("ظاهر X", "Arab", 6, "lateinisches X"),
        ("ظا\u0640هر", "Arab", 3, "Zierstrich"),
        ("לוין\u200f", "Hebr", 5, "Steuerzeichen für die Schreibrichtung"),
        ("Анна\u00a0Б", "Cyrl", 5, "geschütztes Leerzeichen"),
    ],
)
def test_a_foreign_letter_in_it_is_refused_with_its_position(
    name: str, script: str, position: int, german: str
) -> None:
    (fault,) = script_faults(name, script)
    assert fault.position == position
    assert german in fault.said.de


def test_there_are_three_original_scripts() -> None:
    with pytest.raises(ValueError, match="Latn"):
        script_faults("Anna", "Latn")


@pytest.mark.parametrize(
    "text",
    [
        "Kosten & Nutzen <b>",
        "{{ 7*7 }} {% if x %}",
        '#eval("1") *a* _b_ $x$ \\n',
        "=1+1; 100 %",
        "eins\nzwei\n\ndrei",
        "„Zitat“ «цитата» “quote” – — … € § 15 ½",
        "§\u00a015",
        "اتصل بالرقم 0231 50-12345",
        "הסכם",
        "x" * 3000,
    ],
)
def test_what_looks_like_code_and_what_people_write_is_only_text(text: str) -> None:
    assert free_text_faults(text) == ()


@pytest.mark.parametrize(
    "character",
    [
        *"\x00\x07\t\r\x0b\x1b\x7f\x85",
        *"\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069",
        *"\u200b\u200c\u200d\u200e\u200f\ufeff\u2060\u00ad\u2028\u2029",
        *"\ue000\U000f0000\U0001f600\U0001f1e9\u2764\u2713\u2192\ufffe\u0378",
        *"漢あ한ไ",
        "\ud800",
        "a" + "\u0301" * 6,
    ],
    ids=lambda character: f"U+{ord(character[-1]):04X}",
)
def test_what_cannot_be_seen_or_printed_is_refused_with_its_position(character: str) -> None:
    (fault,) = free_text_faults(f"Übung {character}")
    assert fault.position == 7
    assert fault.said.de.startswith("Zeichen 7 ist ")
    assert fault.said.en.startswith("Character 7 is ")


def test_an_emoji_of_several_code_points_is_one_fault_per_visible_sign() -> None:
    assert [fault.position for fault in free_text_faults("Wohnung \u2764\ufe0f")] == [9]


def test_an_invisible_joiner_is_refused_with_the_letter_it_hides_behind() -> None:
    (fault,) = free_text_faults("Wo\u034fhnung")
    assert fault.position == 2
    assert "unsichtbares Zeichen" in fault.said.de


def test_every_name_that_is_accepted_can_be_printed() -> None:
    assert all(PRINTABLE.issuperset(letter) for letter in TYPE_A)


def test_the_shipped_fonts_hold_every_printable_character() -> None:
    held = set().union(*(_characters_of(path) for path in FONTS.glob("*-Regular.ttf")))
    missing = sorted(f"U+{ord(character):04X}" for character in PRINTABLE if ord(character) not in held)
    assert missing == []


@given(st.text(max_size=80))
def test_any_text_gets_a_verdict_and_faults_in_order(text: str) -> None:
    positions = [fault.position for fault in free_text_faults(text)]
    assert positions == sorted(set(positions))


def _characters_of(font: Path) -> set[int]:
    """The code points of a TrueType font, read from its character map (formats 4 and 12)."""
    data = font.read_bytes()
    tables = {
        data[entry : entry + 4]: struct.unpack_from(">I", data, entry + 8)[0]
        for entry in range(12, 12 + 16 * struct.unpack_from(">H", data, 4)[0], 16)
    }
    cmap = tables[b"cmap"]
    subtables = [
        struct.unpack_from(">HHI", data, cmap + 4 + 8 * index)
        for index in range(struct.unpack_from(">H", data, cmap + 2)[0])
    ]
    characters: set[int] = set()
    for _, _, offset in subtables:
        start = cmap + offset
        if struct.unpack_from(">H", data, start)[0] == 12:
            count = struct.unpack_from(">I", data, start + 12)[0]
            groups = struct.iter_unpack(">III", data[start + 16 : start + 16 + 12 * count])
            characters.update(*(range(first, last + 1) for first, last, _ in groups))
        elif struct.unpack_from(">H", data, start)[0] == 4:
            count = struct.unpack_from(">H", data, start + 6)[0] // 2
            ends = struct.unpack_from(f">{count}H", data, start + 14)
            starts = struct.unpack_from(f">{count}H", data, start + 16 + 2 * count)
            characters.update(*(range(first, last + 1) for first, last in zip(starts, ends, strict=True)))
    return characters
