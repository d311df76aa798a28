"""Adds to Noto Sans one composed glyph for each DIN 91379 sequence (base letter and marks), and a text hyphen.

PDF writers give every glyph of a cluster the text of the cluster, and readers then extract "A" and mark as two
letters. With a glyph of its own, each of the 149 sequences is extracted exactly, by any reader. Outlines and
positions are the font's own: the composed glyph is made of its base and mark glyphs as HarfBuzz places them.

    python -m authoring.compose_letters SEQUENCES.txt IN.ttf OUT.ttf       (needs fonttools and uharfbuzz)

SEQUENCES.txt holds one sequence a line, as code points in hexadecimal.
"""

from __future__ import annotations

import copy
import sys
import unicodedata
from pathlib import Path
from typing import Any

import uharfbuzz
from fontTools.ttLib import TTFont
from fontTools.ttLib.tables import otTables
from fontTools.ttLib.tables._g_l_y_f import Glyph, GlyphComponent


def main(sequences: str, source: str, target: str) -> None:
    lines = Path(sequences).read_text(encoding="ascii").splitlines()
    texts = ["".join(chr(int(point, 16)) for point in line.split()) for line in lines if line.strip()]
    font = TTFont(source, recalcTimestamp=False)
    shaper = uharfbuzz.Font(uharfbuzz.Face(uharfbuzz.Blob.from_file_path(source)))
    order = list(font.getGlyphOrder())
    font["GSUB"], font["hmtx"], font["GDEF"]  # decompiled before the glyph order grows
    ligatures: dict[str, list[otTables.Ligature]] = {}
    for text in dict.fromkeys(unicodedata.normalize("NFC", text) for text in texts):
        plain = [order[info.codepoint] for info, _ in shape(shaper, text, {"ccmp": False, "mark": False})]
        placed = shape(shaper, text, {})
        name = "din" + "_".join(f"{ord(letter):04X}" for letter in text)
        add_glyph(font, name, [(order[info.codepoint], position) for info, position in placed])
        ligature = otTables.Ligature()
        ligature.LigGlyph, ligature.Component, ligature.CompCount = name, plain[1:], len(plain)
        ligatures.setdefault(plain[0], []).append(ligature)
    add_text_hyphen(font, ligatures)
    add_lookup(font, ligatures)
    stamp(font)
    del font["DSIG"]
    font.save(target)


def shape(font: uharfbuzz.Font, text: str, features: dict[str, bool]) -> list[tuple[Any, Any]]:
    buffer = uharfbuzz.Buffer()
    buffer.add_str(text)
    buffer.guess_segment_properties()
    uharfbuzz.shape(font, buffer, features)
    return list(zip(buffer.glyph_infos, buffer.glyph_positions, strict=True))


def add_glyph(font: TTFont, name: str, parts: list[tuple[str, Any]]) -> None:
    glyph = Glyph()
    glyph.numberOfContours = -1
    glyph.components = []
    pen = 0
    for number, (part, position) in enumerate(parts):
        if font["glyf"][part].numberOfContours == 0:
            continue
        component = GlyphComponent()
        component.glyphName = part
        component.x, component.y = pen + position.x_offset, position.y_offset
        component.flags = 0x4 | (0x200 if number == 0 else 0)  # round to grid; metrics of the base
        glyph.components.append(component)
        pen += position.x_advance
    font.setGlyphOrder([*font.getGlyphOrder(), name])
    font["glyf"].setGlyphOrder(font.getGlyphOrder())
    font["glyf"].glyphs[name] = glyph
    font["hmtx"][name] = (pen, 0)
    glyph.recalcBounds(font["glyf"])
    font["hmtx"][name] = (pen, glyph.xMin)
    font["GDEF"].table.GlyphClassDef.classDefs[name] = 1


def add_text_hyphen(font: TTFont, ligatures: dict[str, list[otTables.Ligature]]) -> None:
    """A glyph of its own for a hyphen of the text, so that it is not extracted as the soft hyphen of a line's end
    (which a typesetter takes from the font without substitutions)."""
    hyphen = font.getBestCmap()[ord("-")]
    name = f"{hyphen}.text"
    font.setGlyphOrder([*font.getGlyphOrder(), name])
    font["glyf"].setGlyphOrder(font.getGlyphOrder())
    font["glyf"].glyphs[name] = copy.deepcopy(font["glyf"][hyphen])
    font["hmtx"][name] = font["hmtx"][hyphen]
    ligature = otTables.Ligature()
    ligature.LigGlyph, ligature.Component, ligature.CompCount = name, [], 1
    ligatures.setdefault(hyphen, []).append(ligature)


def add_lookup(font: TTFont, ligatures: dict[str, list[otTables.Ligature]]) -> None:
    """A ligature lookup ahead of all others, run by every ccmp feature."""
    table = font["GSUB"].table
    subtable = otTables.LigatureSubst()
    subtable.ligatures = {
        first: sorted(found, key=lambda ligature: -ligature.CompCount) for first, found in ligatures.items()
    }
    lookup = otTables.Lookup()
    lookup.LookupType, lookup.LookupFlag, lookup.SubTable, lookup.SubTableCount = 4, 0, [subtable], 1
    for feature in {id(record.Feature): record for record in table.FeatureList.FeatureRecord}.values():
        indices = [index + 1 for index in feature.Feature.LookupListIndex]
        feature.Feature.LookupListIndex = [0, *indices] if feature.FeatureTag == "ccmp" else indices
        feature.Feature.LookupCount = len(feature.Feature.LookupListIndex)
    for old in table.LookupList.Lookup:
        for record in records(old):
            record.LookupListIndex += 1
    table.LookupList.Lookup.insert(0, lookup)
    table.LookupList.LookupCount += 1


def records(node: object, seen: set[int] | None = None) -> list[otTables.SubstLookupRecord]:
    seen = set() if seen is None else seen
    if id(node) in seen:
        return []
    seen.add(id(node))
    if isinstance(node, otTables.SubstLookupRecord):
        return [node]
    if isinstance(node, list | tuple):
        return [record for item in node for record in records(item, seen)]
    if hasattr(node, "__dict__"):
        if hasattr(node, "ensureDecompiled"):
            node.ensureDecompiled()
        return [record for item in vars(node).values() for record in records(item, seen)]
    return []


def stamp(font: TTFont) -> None:
    for record in font["name"].names:
        if record.nameID == 5:
            record.string = str(record) + "; with composed glyphs for the DIN 91379 sequences and a text hyphen"
        elif record.nameID == 3:
            record.string = str(record) + ";DIN91379"


if __name__ == "__main__":
    main(*sys.argv[1:])
