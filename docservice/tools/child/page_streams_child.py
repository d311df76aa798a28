"""The process that takes single pages out of one PDF of a stranger: `page_streams` starts it and reads its frames.

Its order is its first argument, the file is its standard input.
"""

from __future__ import annotations

import hashlib
import io
import json
import sys
from typing import Any

import pikepdf
from pikepdf import Dictionary, Name, Pdf, Stream

from docservice.tools.child import sandbox
from docservice.tools.child.frames import tell

_KEPT = frozenset({"/Type", "/Subtype", "/Length", "/Width", "/Height", "/ColorSpace", "/BitsPerComponent", "/Decode"})
_KEPT |= {"/DecodeParms", "/Filter", "/ImageMask"}
_MASKS = ("/SMask", "/Mask")
_PLACING = ("q", "Q", "cm", "Do")
_SILENT = frozenset({"gs", "BT", "ET", "Tf", "Tr", "Tm", "Td", "TD", "T*", "Tc", "Tw", "Tz", "TL", "Ts", "BMC"})
_SILENT |= {"BDC", "EMC", "MP", "DP", "BX", "EX", "g", "G", "rg", "RG", "k", "K", "cs", "CS", "sc", "SC", "scn", "SCN"}
_SHOWING = frozenset({"Tj", "TJ", "'", '"'})
_INVISIBLE = 3


def main() -> None:
    """Follow the order, then end."""
    sandbox.die_with_parent()
    order = json.loads(sys.argv[1])
    _warm_up()
    sandbox.lock(order["memory_bytes"], order["cpu_seconds"])
    try:
        with Pdf.open(sys.stdin.buffer) as source:
            for position in order["positions"]:
                taken = _taken(source, position)
                if taken is not None:
                    tell({"position": position, "sha256": taken[1]}, taken[0])
    except (pikepdf.PdfError, MemoryError):
        return  # the listener does without


def _warm_up() -> None:
    """Load what is loaded at first use: later nothing can be."""
    with Pdf.new() as pdf:
        pdf.add_blank_page()
        pdf.save(io.BytesIO())


def _taken(source: Pdf, position: int) -> tuple[bytes, str] | None:
    """A PDF of the page's picture alone and the hash of its encoded bytes; None when it is more than one picture."""
    try:
        page = source.pages[position]
        drawn = _only_picture(page)
        return None if drawn is None else _alone(page, *drawn)
    except (pikepdf.PdfError, IndexError, KeyError, ValueError, TypeError, AttributeError, NotImplementedError):
        return None


def _only_picture(page: pikepdf.Page) -> tuple[str, list[Any]] | None:
    """The name of the one picture and what puts it in its place, when nothing else on the page can be seen."""
    placing: list[Any] = []
    names: list[str] = []
    mode, kept = 0, list[int]()  # how text is drawn: a part of the state that `q` keeps and `Q` brings back
    if page.obj.get(Name.Annots):
        return None
    for instruction in pikepdf.parse_content_stream(page):
        name = str(instruction.operator)
        if name == "Tr":
            mode = int(instruction.operands[0])
        elif name == "q":
            kept.append(mode)
        elif name == "Q" and kept:
            mode = kept.pop()
        if name in _PLACING:
            placing.append((list(instruction.operands), instruction.operator))
            names += [str(instruction.operands[0])] if name == "Do" else []
        elif name not in _SILENT and not (name in _SHOWING and mode == _INVISIBLE):
            return None
    return (names[0], placing) if len(names) == 1 else None


def _alone(page: pikepdf.Page, name: str, placing: list[Any]) -> tuple[bytes, str] | None:
    image = page.resources.XObject[name]
    if image.Subtype != Name.Image or any(mask in image for mask in _MASKS) or _shares(image):
        return None
    raw = image.read_raw_bytes()
    with Pdf.new() as target:
        stream = target.copy_foreign(image)
        for key in set(stream.keys()).difference(_KEPT):
            del stream[key]
        box = [float(side) for side in page.mediabox.as_list()]
        added = target.add_blank_page(page_size=(max(3.0, box[2] - box[0]), max(3.0, box[3] - box[1])))
        added.obj.MediaBox = pikepdf.Array(box)
        added.obj.Rotate = int(page.obj.get(Name.Rotate, 0))
        added.obj.Resources = Dictionary(XObject=Dictionary({name: stream}))
        added.obj.Contents = Stream(target, pikepdf.unparse_content_stream(placing))
        result = io.BytesIO()
        target.save(
            result,
            deterministic_id=True,
            compress_streams=False,
            stream_decode_level=pikepdf.StreamDecodeLevel.none,
            object_stream_mode=pikepdf.ObjectStreamMode.disable,
        )
    return result.getvalue(), hashlib.sha256(raw).hexdigest()


def _shares(image: pikepdf.Object) -> bool:
    """Whether its code words lie in a table that other pages use too (JBIG2): it would show what is on them."""
    parameters = image.get(Name.DecodeParms, Dictionary())
    each = parameters.as_list() if isinstance(parameters, pikepdf.Array) else [parameters]
    return any(isinstance(one, Dictionary) and Name.JBIG2Globals in one for one in each)


if __name__ == "__main__":
    main()
