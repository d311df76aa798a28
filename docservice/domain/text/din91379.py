"""DIN 91379 (String.Latin+) as a table: the letters, the sequences and the search forms of legal names.

Source: String-Latin/DIN-91379-Characters-and-Sequences, version 1.3 (DIN 91379:2022-08), CC BY 4.0. Only code points
are kept here: 500 single letters and 149 sequences (group bll), 18 other characters (group bnlreq); together they are
the data type A of legal names. The search form of a letter is its base letter in capitals, but for the letters listed
in `SEARCH_EXCEPTIONS`.
"""

from __future__ import annotations

from collections.abc import Iterator

_LETTERS = """
    0041-005A 0061-007A 00C0-00D6 00D8-00F6 00F8-017E 0187-0188 018F 0197 01A0-01A1 01AF-01B0 01B7 01CD-01DC
    01DE-01DF 01E2-01F0 01F4-01F5 01F8-01FF 0212-0213 0218-021B 021E-021F 0227-0233 0259 0268 0292 1E02-1E03
    1E06-1E07 1E0A-1E11 1E17 1E1C-1E2B 1E2F-1E37 1E3A-1E3B 1E40-1E49 1E52-1E5B 1E5E-1E63 1E6A-1E6F 1E80-1E87
    1E8C-1E97 1E9E 1EA0-1EF9
"""

_SEQUENCES = """
    0041+030B 0043+0300 0043+0304 0043+0306 0043+0308 0043+0315 0043+0323 0043+0326 0043+0328+0306 0044+0302
    0046+0300 0046+0304 0047+0300 0048+0304 0048+0326 0048+0331 004A+0301 004A+030C 004B+0300 004B+0302 004B+0304
    004B+0307 004B+0315 004B+031B 004B+0326 004B+035F+0048 004B+035F+0068 004C+0302 004C+0325 004C+0325+0304
    004C+0326 004D+0300 004D+0302 004D+0306 004D+0310 004E+0302 004E+0304 004E+0306 004E+0326 0050+0300 0050+0304
    0050+0315 0050+0323 0052+0306 0052+0325 0052+0325+0304 0053+0300 0053+0304 0053+031B+0304 0053+0331 0054+0300
    0054+0304 0054+0308 0054+0315 0054+031B 0055+0307 005A+0300 005A+0304 005A+0306 005A+0308 005A+0327 0061+030B
    0063+0300 0063+0304 0063+0306 0063+0308 0063+0315 0063+0323 0063+0326 0063+0328+0306 0064+0302 0066+0300
    0066+0304 0067+0300 0068+0304 0068+0326 006A+0301 006B+0300 006B+0302 006B+0304 006B+0307 006B+0315 006B+031B
    006B+0326 006B+035F+0068 006C+0302 006C+0325 006C+0325+0304 006C+0326 006D+0300 006D+0302 006D+0306 006D+0310
    006E+0302 006E+0304 006E+0306 006E+0326 0070+0300 0070+0304 0070+0315 0070+0323 0072+0306 0072+0325
    0072+0325+0304 0073+0300 0073+0304 0073+031B+0304 0073+0331 0074+0300 0074+0304 0074+0315 0074+031B 0075+0307
    007A+0300 007A+0304 007A+0306 007A+0308 007A+0327 00C7+0306 00DB+0304 00E7+0306 00FB+0304 00FF+0301 010C+0315
    010C+0323 010D+0315 010D+0323 0113+030D 012A+0301 012B+0301 014D+030D 017D+0326 017D+0327 017E+0326 017E+0327
    1E32+0304 1E33+0304 1E62+0304 1E63+0304 1E6C+0304 1E6D+0304 1EA0+0308 1EA1+0308 1ECC+0308 1ECD+0308 1EE4+0304
    1EE4+0308 1EE5+0304 1EE5+0308
"""

_OTHER = "0020 0027 002C-002E 0060 007E 00A8 00B4 00B7 02B9-02BA 02BE-02BF 02C8 02CC 2019 2021"

_SEARCH = {
    "AA": "00C5 00E5 01FA 01FB",
    "AE": "00C4 00C6 00E4 00E6 01DE 01DF 01E2 01E3 01FC 01FD 1EA0+0308 1EA1+0308",
    "C": "0187 0188",
    "D": "00D0 00F0 0110 0111",
    "E": "018F 0259",
    "G": "01E4 01E5",
    "H": "0126 0127",
    "I": "0197 0268",
    "IJ": "0132 0133",
    "K": "0138",
    "L": "013F 0140 0141 0142",
    "N": "0149 014A 014B",
    "OE": "00D6 00D8 00F6 00F8 0152 0153 01FE 01FF 022A 022B 1ECC+0308 1ECD+0308",
    "SS": "1E9E",
    "T": "0166 0167",
    "TH": "00DE 00FE",
    "UE": "00DC 00FC 01D5 01D6 01D7 01D8 01D9 01DA 01DB 01DC 1EE4+0308 1EE5+0308",
    "Z": "01B7 01EE 01EF 0292",
}


def _read(table: str) -> Iterator[str]:
    """The characters of a table: "0041-005A" is a range, "0043+0328+0306" one sequence."""
    for entry in table.split():
        first, _, last = entry.partition("-")
        if last:
            yield from map(chr, range(int(first, 16), int(last, 16) + 1))
        else:
            yield "".join(chr(int(part, 16)) for part in entry.split("+"))


LETTERS: frozenset[str] = frozenset(_read(_LETTERS)) | frozenset(_read(_SEQUENCES))
"""The 649 letters, a sequence of several code points among them counting as one; all in NFC."""

OTHER: frozenset[str] = frozenset(_read(_OTHER))
"""The 18 characters that may stand between the letters of a legal name: space, apostrophes, hyphen, primes ..."""

TYPE_A: frozenset[str] = LETTERS | OTHER
"""Data type A: what a legal name is made of."""

LONGEST: int = max(map(len, LETTERS))
"""The most code points a letter has."""

SEARCH_EXCEPTIONS: dict[str, str] = {letter: form for form, table in _SEARCH.items() for letter in _read(table)}
"""The 73 letters whose search form is not their base letter in capitals."""
