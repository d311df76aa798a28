"""Files of strangers become pictures of their pages, or sentences; whatever they hold, nothing else happens."""

from __future__ import annotations

import io
import json
import os
import resource
import signal
import subprocess
import sys
import threading
import time
import zlib
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import replace
from multiprocessing import get_context
from pathlib import Path

import cv2
import numpy as np
import pikepdf
import pillow_heif
import pytest
from PIL import Image

from docservice.tools.untrusted.pictures import FileFacts, FileLimits, FileRefused, Picture, PictureFiles, Pixels
from tests.support.hostile_files import (
    HOSTILE,
    PIXELS,
    Hostile,
    hanging_pages,
    jpeg_object,
    one_page,
    page_of_print,
    pdf,
    saved,
    stream,
)

LIMITS = FileLimits(page_cpu_seconds=1.5)
FILES = PictureFiles(LIMITS)
HARSH = PictureFiles(replace(LIMITS, page_cpu_seconds=1.0, lost_seconds=2.5))
GREY = page_of_print(620, 877)
COLOUR = Image.merge("RGB", (GREY, GREY.point(lambda value: 255 - value // 2), page_of_print(620, 877, seed=2)))
BLACK = GREY.point(lambda value: 255 if value > 128 else 0).convert("1")


@pytest.fixture
def keep(tmp_path: Path) -> Callable[[bytes], Path]:
    def kept(data: bytes) -> Path:
        path = tmp_path / "file"
        path.write_bytes(data)
        return path

    return kept


def pixels_of(image: Image.Image) -> Pixels:
    return np.asarray(image.convert("L") if image.mode == "1" else image, np.uint8)


def only(path: Path, files: PictureFiles = FILES) -> Picture:
    (picture,) = files.pages(path)
    assert isinstance(picture, Picture), picture
    return picture


def difference(one: Pixels, other: Pixels) -> float:
    """Mean difference of two pictures of the same page, in grey levels."""
    grey, others = (picture if picture.ndim == 2 else picture.mean(axis=2) for picture in (one, other))
    size = (others.shape[1], others.shape[0])
    return float(np.abs(cv2.resize(np.asarray(grey, np.float64), size, interpolation=cv2.INTER_AREA) - others).mean())


def image_object(image: Image.Image, entries: bytes = b"") -> bytes:
    """A picture of a PDF, kept without loss."""
    bits, colours = {"1": (1, b"/DeviceGray"), "L": (8, b"/DeviceGray"), "RGB": (8, b"/DeviceRGB")}[image.mode]
    return stream(
        zlib.compress(image.tobytes()),
        b"/Type/XObject/Subtype/Image/Width %d/Height %d/BitsPerComponent %d%b/Filter/FlateDecode%b"
        % (*image.size, bits, b"" if b"ImageMask" in entries else b"/ColorSpace" + colours, entries),
    )


def frames(*images: Image.Image, **options: object) -> bytes:
    return saved(images[0], "TIFF", save_all=True, append_images=images[1:], **options)


def heic(image: Image.Image) -> bytes:
    target = io.BytesIO()
    pillow_heif.from_pillow(image).save(target, quality=95)
    return target.getvalue()


# --- PDF


@pytest.mark.parametrize("image", [GREY, COLOUR, BLACK], ids=["grey", "colour", "black and white"])
def test_a_page_that_is_one_picture_is_that_picture(keep: Callable[[bytes], Path], image: Image.Image) -> None:
    picture = only(keep(one_page(image=image_object(image))))
    assert np.array_equal(picture.pixels, pixels_of(image))
    assert picture.dpi == pytest.approx(75, abs=0.1)
    assert picture.bilevel == (image is BLACK)


def test_a_colour_scan_without_colour_becomes_grey(keep: Callable[[bytes], Path]) -> None:
    picture = only(keep(one_page(image=image_object(GREY.convert("RGB")))))
    assert np.array_equal(picture.pixels, pixels_of(GREY))


@pytest.mark.parametrize("turn", [0, 90, 180, 270])
@pytest.mark.parametrize("by", ["page", "content"])
def test_a_turned_page_comes_as_a_reader_sees_it(keep: Callable[[bytes], Path], turn: int, by: str) -> None:
    seen = GREY.rotate(-turn, expand=True)
    if by == "page":
        data = one_page(image=image_object(GREY), page=b"/Rotate %d" % turn)
    else:
        matrices = {0: b"595 0 0 842 0 0", 90: b"0 -595 842 0 0 595", 180: b"-595 0 0 -842 595 842"}
        matrix = matrices.get(turn, b"0 595 -842 0 842 0")
        box = b"0 0 842 595" if turn % 180 else b"0 0 595 842"
        data = one_page(b"q %b cm /Im0 Do Q" % matrix, image=image_object(GREY), box=box)
    assert np.array_equal(only(keep(data)).pixels, pixels_of(seen))


def test_a_picture_that_does_not_fill_its_page_is_seen_with_its_margins(keep: Callable[[bytes], Path]) -> None:
    picture = only(keep(one_page(b"q 297 0 0 421 0 421 cm /Im0 Do Q", image=image_object(GREY))))
    height, width = picture.pixels.shape
    assert (picture.pixels[height // 2 + 2 :] == 255).all()
    assert difference(picture.pixels[: height // 2, : width // 2], pixels_of(GREY)) < 12


def test_what_lies_outside_the_page_is_not_seen(keep: Callable[[bytes], Path]) -> None:
    picture = only(keep(one_page(image=image_object(GREY), page=b"/CropBox[0 421 595 842]")))
    assert picture.pixels.shape[0] < picture.pixels.shape[1]
    assert difference(picture.pixels, pixels_of(GREY)[:438]) < 12


def test_the_unseen_text_of_an_ocr_changes_nothing(keep: Callable[[bytes], Path]) -> None:
    hidden = b"q 595 0 0 842 0 0 cm /Im0 Do Q BT 3 Tr /F0 40 Tf 100 100 Td (hidden) Tj ET"
    assert np.array_equal(only(keep(one_page(hidden, image=image_object(GREY)))).pixels, pixels_of(GREY))


@pytest.mark.parametrize(
    ("content", "page"),
    [
        (b" 0 g 100 100 300 300 re f", b""),
        (b"", b"/Annots[<</Type/Annot/Subtype/Stamp/Rect[100 100 400 400]/AP<</N 6 0 R>>>>]"),
        (b"", b"/Annots[<</Type/Annot/Subtype/Widget/FT/Tx/T(a)/Rect[100 100 400 400]/AP<</N 6 0 R>>>>]"),
    ],
    ids=["drawn", "stamped", "filled in"],
)
def test_what_a_reader_sees_upon_the_picture_is_there(
    keep: Callable[[bytes], Path], content: bytes, page: bytes
) -> None:
    look = stream(b"0 g 0 0 300 300 re f", b"/Type/XObject/Subtype/Form/BBox[0 0 300 300]")
    white = image_object(Image.new("L", GREY.size, 255))
    data = one_page(
        b"q 595 0 0 842 0 0 cm /Im0 Do Q" + content,
        page=page,
        image=white,
        more={6: look},
        catalogue=b"/AcroForm<</Fields[]>>",
    )
    picture = only(keep(data))
    assert float((picture.pixels == 0).mean()) == pytest.approx(300 * 300 / (595 * 842), rel=0.02)


def test_a_masked_picture_is_seen_through_its_mask(keep: Callable[[bytes], Path]) -> None:
    mask = Image.new("L", GREY.size, 0)
    data = one_page(image=image_object(GREY, b"/SMask 6 0 R"), more={6: image_object(mask)})
    assert (only(keep(data)).pixels == 255).all()


@pytest.mark.parametrize("page", ["stencil", "strips"])
def test_pages_of_one_bit_stay_black_and_white(keep: Callable[[bytes], Path], page: str) -> None:
    if page == "stencil":
        data = one_page(image=image_object(BLACK, b"/ImageMask true"))
    else:
        upper, lower = BLACK.crop((0, 0, 620, 438)), BLACK.crop((0, 438, 620, 877))
        content = b"q 595 0 0 420.5 0 421.5 cm /Im0 Do Q q 595 0 0 421.5 0 0 cm /Fm0 Do Q"
        data = one_page(content, image=image_object(upper), more={6: image_object(lower)})
    picture = only(keep(data))
    assert picture.bilevel
    assert difference(picture.pixels, pixels_of(BLACK)) < 25


def test_a_page_without_a_picture_is_drawn_at_300_dpi(keep: Callable[[bytes], Path]) -> None:
    picture = only(keep(one_page(b"0 g 100 100 100 100 re f")))
    assert (picture.pixels.shape, picture.dpi) == ((3508, 2479), 300)


# --- TIFF


@pytest.mark.parametrize(
    ("image", "options"),
    [
        (BLACK, {"compression": "group4"}),
        (BLACK, {"compression": "group3"}),
        (BLACK, {"compression": "packbits", "tiffinfo": {278: 16}}),
        (BLACK, {}),
        (GREY, {"compression": "tiff_lzw"}),
        (GREY, {"compression": "tiff_adobe_deflate", "tiffinfo": {278: 50}}),
        (GREY, {}),
        (COLOUR, {"compression": "tiff_lzw"}),
        (COLOUR, {"big_tiff": True}),
    ],
    ids=["group 4", "group 3", "strips", "black", "lzw", "deflate", "grey", "colour", "big"],
)
def test_each_frame_of_a_tiff_is_a_page(
    keep: Callable[[bytes], Path], image: Image.Image, options: dict[str, object]
) -> None:
    path = keep(frames(image, image.transpose(Image.Transpose.ROTATE_180), dpi=(75, 75), **options))
    assert FILES.inspect(path) == FileFacts("image/tiff", 2)
    first, second = FILES.pages(path)
    assert isinstance(first, Picture)
    assert isinstance(second, Picture)
    assert np.array_equal(first.pixels, pixels_of(image))
    assert np.array_equal(second.pixels, pixels_of(image)[::-1, ::-1])
    assert (first.dpi, first.bilevel) == (75, image is BLACK)


def test_a_tiff_of_jpegs_is_read(keep: Callable[[bytes], Path]) -> None:
    assert difference(only(keep(frames(COLOUR, compression="jpeg"))).pixels, pixels_of(COLOUR)) < 25


@pytest.mark.parametrize("tells", [True, False], ids=["told", "by its width"])
def test_a_fax_is_stretched_until_its_pixels_are_square(keep: Callable[[bytes], Path], tells: bool) -> None:
    fax = page_of_print(1728, 1145).point(lambda value: 255 if value > 128 else 0).convert("1")
    picture = only(keep(frames(fax, compression="group3", **({"dpi": (204, 98)} if tells else {}))))
    assert picture.pixels.shape == (round(1145 * 204 / 98), 1728)
    assert (picture.dpi, picture.bilevel) == (204, True)


# --- JPEG, PNG, HEIC


@pytest.mark.parametrize("kind", ["JPEG", "TIFF"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_photo_stands_upright(keep: Callable[[bytes], Path], kind: str, orientation: int) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    upright = GREY.resize((310, 438))
    back = {2: 0, 3: 3, 4: 1, 5: 5, 6: 2, 7: 6, 8: 4}  # undoes what the file asks for
    stored = upright.transpose(Image.Transpose(back[orientation])) if orientation > 1 else upright
    options: dict[str, object] = {"tiffinfo": {274: orientation}} if kind == "TIFF" else {"exif": exif, "quality": 95}
    picture = only(keep(saved(stored, kind, dpi=(75, 75), **options)))
    assert difference(picture.pixels, pixels_of(upright)) < 4


def test_a_jpeg_in_printing_colours_is_read(keep: Callable[[bytes], Path]) -> None:
    picture = only(keep(saved(COLOUR.convert("CMYK"), "JPEG", quality=95)))
    assert difference(picture.pixels, pixels_of(COLOUR)) < 6


def test_what_is_transparent_is_white(keep: Callable[[bytes], Path]) -> None:
    clear = Image.new("RGBA", (300, 400), (0, 0, 0, 0))
    clear.paste((200, 0, 0, 255), (100, 100, 200, 200))
    picture = only(keep(saved(clear, "PNG")))
    assert picture.pixels[0, 0].tolist() == [255, 255, 255]
    assert picture.pixels[150, 150].tolist() == [200, 0, 0]


def test_sixteen_bits_become_eight(keep: Callable[[bytes], Path]) -> None:
    wide = Image.fromarray(np.asarray(GREY, np.uint16) * 257)
    picture = only(keep(saved(wide, "PNG")))
    assert np.abs(picture.pixels.astype(int) - pixels_of(GREY)).max() <= 1


def test_a_phone_s_heic_is_read(keep: Callable[[bytes], Path]) -> None:
    path = keep(heic(COLOUR))
    assert FILES.inspect(path) == FileFacts("image/heic", 1)
    assert difference(only(path).pixels, pixels_of(COLOUR)) < 12


def test_a_phone_photo_has_no_resolution(keep: Callable[[bytes], Path]) -> None:
    assert only(keep(saved(Image.new("L", (4000, 3000), 200), "JPEG", dpi=(72, 72)))).dpi is None


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "TIFF"])
def test_a_page_with_very_many_pixels_is_made_smaller(keep: Callable[[bytes], Path], kind: str) -> None:
    files = PictureFiles(replace(LIMITS, picture_pixels=200_000))
    for image in (GREY, BLACK):
        if kind == "JPEG" and image is BLACK:
            continue
        picture = only(keep(saved(image, kind, dpi=(600, 600))), files)
        assert picture.pixels.shape[1] == pytest.approx(310, abs=1)
        assert picture.dpi == pytest.approx(300, rel=0.01)
        assert picture.bilevel == (image is BLACK)


# --- One page, and its neighbours


def stack(pages: list[bytes]) -> bytes:
    """A PDF with a page for each picture object."""
    kids = b" ".join(b"%d 0 R" % (10 + 2 * number) for number in range(len(pages)))
    objects = {
        1: b"<</Type/Catalog/Pages 2 0 R>>",
        2: b"<</Type/Pages/Kids[%b]/Count %d/MediaBox[0 0 595 842]>>" % (kids, len(pages)),
        3: stream(b"q 595 0 0 842 0 0 cm /Im0 Do Q"),
    }
    for number, picture in enumerate(pages):
        at = 10 + 2 * number
        objects[at] = b"<</Type/Page/Parent 2 0 R/Contents 3 0 R/Resources<</XObject<</Im0 %d 0 R>>>>>>" % (at + 1)
        objects[at + 1] = picture
    return pdf(objects)


def codes(pages: Iterator[Picture | FileRefused]) -> list[str]:
    return [page.code if isinstance(page, FileRefused) else PIXELS for page in pages]


def test_a_bad_page_says_which_it_is_and_its_neighbours_are_read(keep: Callable[[bytes], Path]) -> None:
    cut = jpeg_object(GREY)
    cut = stream(saved(GREY, "JPEG")[:5000], cut[2 : cut.index(b"/Length")])
    path = keep(stack([jpeg_object(GREY), cut, jpeg_object(GREY)]))
    before, bad, after = FILES.pages(path)
    assert isinstance(before, Picture)
    assert isinstance(after, Picture)
    assert isinstance(bad, FileRefused)
    assert (bad.code, bad.page) == ("truncated", 1)
    assert bad.detail.startswith("Page 2 ends too early")
    assert bad.detail_de.startswith("Seite 2 endet zu früh")


def test_a_page_that_hangs_costs_no_more_than_itself(keep: Callable[[bytes], Path]) -> None:
    with pikepdf.open(io.BytesIO(hanging_pages(1))) as document:
        for number in range(4):
            with pikepdf.open(io.BytesIO(one_page())) as good:
                document.pages.insert(number // 2 * 3, good.pages[0])
        target = io.BytesIO()
        document.save(target)
    assert codes(FILES.pages(keep(target.getvalue()))) == [PIXELS, PIXELS, "too_slow", PIXELS, PIXELS]


def test_a_page_that_waits_for_a_busy_machine_is_no_slow_page(keep: Callable[[bytes], Path]) -> None:
    pages = FILES.pages(keep(stack([jpeg_object(page_of_print(2480, 3508))] * 8)))
    found = [next(pages)]
    (child,) = children()
    os.kill(child, signal.SIGSTOP)
    alarm = threading.Timer(5, os.kill, (child, signal.SIGCONT))  # meanwhile it gets no processor time at all
    alarm.start()
    found.extend(pages)
    alarm.join()
    assert codes(iter(found)) == [PIXELS] * 8


def test_pages_that_hang_are_charged_no_more_than_they_may_cost(keep: Callable[[bytes], Path]) -> None:
    hangs = SAYS + "sys.stdout.flush()\nimport time\ntime.sleep(60)"
    limits = FileLimits(page_cpu_seconds=1.0, page_seconds=2.0, lost_seconds=2.5)
    files = PictureFiles(limits, (sys.executable, "-c", hangs, json.dumps([{"pages": 4}])))
    assert codes(files.pages(keep(one_page()))) == ["too_slow", "too_slow", "too_slow", "given_up"]


def test_a_process_that_is_killed_costs_one_page(keep: Callable[[bytes], Path]) -> None:
    pages = FILES.pages(keep(stack([jpeg_object(page_of_print(2480, 3508))] * 8)))
    found = [next(pages)]
    (child,) = children()
    os.kill(child, signal.SIGKILL)
    found.extend(pages)
    assert len(found) == 8
    assert codes(iter(found)).count("broken") == 1


def test_pages_may_be_read_from_the_middle(keep: Callable[[bytes], Path]) -> None:
    path = keep(stack([jpeg_object(page_of_print(seed=seed)) for seed in range(5)]))
    everything = [page for page in FILES.pages(path) if isinstance(page, Picture)]
    some = [page for page in FILES.pages(path, 3, 16) if isinstance(page, Picture)]
    assert len(some) == 2
    assert np.array_equal(some[0].pixels, everything[3].pixels)
    assert list(FILES.pages(path, 5, 16)) == []


def test_a_reader_that_leaves_early_leaves_no_process_behind(keep: Callable[[bytes], Path]) -> None:
    pages = FILES.pages(keep(stack([jpeg_object(GREY)] * 50)))
    next(pages)
    assert len(children()) == 1
    pages.close()  # type: ignore[attr-defined]
    assert children() == []


def test_a_long_stack_is_read_in_little_memory(keep: Callable[[bytes], Path]) -> None:
    path = keep(frames(*[BLACK.resize((1240, 1754))] * 60, compression="group4"))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert sum(isinstance(page, Picture) for page in FILES.pages(path)) == 60
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 40 << 10  # KiB; all pages are 130 MB


def test_two_files_are_read_at_once(tmp_path: Path) -> None:
    paths = []
    for seed in range(4):
        paths.append(tmp_path / str(seed))
        paths[-1].write_bytes(stack([image_object(page_of_print(seed=seed))] * 3))
    with ThreadPoolExecutor(4) as pool:
        read = list(pool.map(lambda path: list(FILES.pages(path)), paths))
    for seed, pages in enumerate(read):
        for page in pages:
            assert isinstance(page, Picture)
            assert np.array_equal(page.pixels, pixels_of(page_of_print(seed=seed)))


def test_the_process_dies_with_its_worker(keep: Callable[[bytes], Path]) -> None:
    path = keep(hanging_pages(1))
    program = (
        "import sys, pathlib; from docservice.tools.untrusted.pictures import FileLimits, PictureFiles\n"
        "print('reading', flush=True)\n"
        "files = PictureFiles(FileLimits(page_seconds=60, page_cpu_seconds=60))\n"
        "next(files.pages(pathlib.Path(sys.argv[1])))"
    )
    worker = subprocess.Popen([sys.executable, "-c", program, str(path)], stdout=subprocess.PIPE)
    try:
        assert eventually(lambda: children(worker.pid))
        (child,) = children(worker.pid)
    finally:
        worker.kill()
        worker.communicate(timeout=10)
    assert eventually(lambda: not runs(child))


# --- Files that want to do harm


def _read_and_measured(path: Path) -> tuple[set[str], float, int, list[int]]:
    """How the reading of a file ends, its seconds, the memory of its largest child in KiB, and the children left.
    Runs in a process of its own, since the system counts the largest child a process ever had."""
    begun = time.monotonic()
    ends = set(outcomes(path))
    seconds = time.monotonic() - begun
    return ends, seconds, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss, children()


@pytest.mark.parametrize("hostile", HOSTILE, ids=lambda hostile: hostile.name)
def test_a_hostile_file_is_refused_or_read_as_pixels_quickly(
    keep: Callable[[bytes], Path], tmp_path: Path, hostile: Hostile
) -> None:
    path = keep(hostile.make())
    with ProcessPoolExecutor(1, get_context("fork")) as pool:
        ends, seconds, most, left = pool.submit(_read_and_measured, path).result(60)
    assert seconds < 10
    assert ends & set(hostile.ends), ends
    assert not ends - set(hostile.ends) - {"given_up"}, ends
    assert most < 1 << 20  # KiB
    assert left == children() == []
    assert [left.name for left in tmp_path.iterdir()] == ["file"]


def outcomes(path: Path) -> list[str]:
    """How a file ends, seen as a whole or page by page."""
    try:
        HARSH.inspect(path)
        return codes(HARSH.pages(path))
    except FileRefused as refused:
        for sentence in (refused.detail, refused.detail_de):
            assert sentence.endswith(".")
            assert len(sentence) > 30
        return [refused.code]


def test_the_next_good_file_is_read(keep: Callable[[bytes], Path]) -> None:
    assert outcomes(keep(HOSTILE[-1].make())) != [PIXELS]
    assert outcomes(keep(one_page())) == [PIXELS]


SAYS = "import json, struct, sys\nfor header in json.loads(sys.argv[1]):\n    text = json.dumps(header).encode()\n"
SAYS += "    sys.stdout.buffer.write(struct.pack('>II', len(text), 6) + text + bytes(6))\n"
PAGE = {"width": 3, "height": 2, "layout": "L", "stride": 3, "dpi_x": 0, "dpi_y": 0, "turn": 0, "bilevel": False}


@pytest.mark.parametrize(
    "page",
    [
        {**PAGE, "width": 30},
        {**PAGE, "width": "3"},
        {**PAGE, "height": -2},
        {**PAGE, "stride": 0},
        {**PAGE, "layout": "XYZ"},
        {**PAGE, "turn": 45},
        {},
        {"refused": "of no kind", "found": 0, "limit": 0},
        {"refused": "broken", "found": "many", "limit": 0},
    ],
    ids=str,
)
def test_a_decoder_that_was_taken_over_cannot_do_more_than_fail(
    keep: Callable[[bytes], Path], page: dict[str, object]
) -> None:
    files = PictureFiles(LIMITS, (sys.executable, "-c", SAYS, json.dumps([{"pages": 1}, page])))
    assert codes(files.pages(keep(one_page()))) == ["broken"]


@pytest.mark.parametrize("pages", [0, -1, 10**9, "x", None, 1.5e300])
def test_a_number_of_pages_that_cannot_be_is_not_believed(keep: Callable[[bytes], Path], pages: object) -> None:
    files = PictureFiles(LIMITS, (sys.executable, "-c", SAYS, json.dumps([{"pages": pages}])))
    with pytest.raises(FileRefused) as refused:
        files.inspect(keep(one_page()))
    assert refused.value.code == "broken"


def test_absurd_resolutions_are_unknown_ones(keep: Callable[[bytes], Path]) -> None:
    for dpi_x, dpi_y in ((float("nan"), 1.0), (float("inf"), 1.0), (-3.0, 5.0), (1.0, 1000.0)):
        said = [{"pages": 1}, {**PAGE, "dpi_x": dpi_x, "dpi_y": dpi_y}]
        picture = only(keep(one_page()), PictureFiles(LIMITS, (sys.executable, "-c", SAYS, json.dumps(said))))
        assert picture.pixels.shape == (2, 3)


def test_a_limit_is_told_with_its_numbers(keep: Callable[[bytes], Path]) -> None:
    huge = next(hostile for hostile in HOSTILE if hostile.name == "huge.png")
    with pytest.raises(FileRefused) as refused:
        FILES.inspect(keep(huge.make()))
    assert "1200 million, at most 120 million" in refused.value.detail
    assert "1200 Millionen, höchstens 120 Millionen" in refused.value.detail_de


@pytest.mark.parametrize("size", [(149, 800), (800, 149), (1, 1)], ids=str)
@pytest.mark.parametrize("kind", ["PNG", "JPEG", "PDF"])
def test_a_logo_is_no_page(keep: Callable[[bytes], Path], size: tuple[int, int], kind: str) -> None:
    logo = Image.new("L", size, 90)
    box = b"0 0 %d %d" % size
    fills = b"q %d 0 0 %d 0 0 cm /Im0 Do Q" % size
    data = one_page(fills, image=image_object(logo), box=box) if kind == "PDF" else saved(logo, kind)
    (refused,) = FILES.pages(keep(data))
    assert isinstance(refused, FileRefused)
    assert refused.code == "too_few_pixels"
    told = f"({min(size)} pixels on its narrow side, at least 150)"
    assert told in refused.detail
    assert f"({min(size)} Bildpunkte an der schmalen Seite, mindestens 150)" in refused.detail_de


def test_a_page_with_a_small_logo_on_it_is_a_page(keep: Callable[[bytes], Path]) -> None:
    logo = image_object(Image.new("L", (40, 30), 90))
    assert codes(FILES.pages(keep(one_page(b"q 80 0 0 60 50 700 cm /Im0 Do Q", image=logo)))) == [PIXELS]


def test_a_file_is_told_for_what_it_is(keep: Callable[[bytes], Path]) -> None:
    with pytest.raises(FileRefused, match="a web page"):
        FILES.inspect(keep(b"<!DOCTYPE html><html></html>"))


def test_a_file_larger_than_allowed_is_not_opened(keep: Callable[[bytes], Path]) -> None:
    with pytest.raises(FileRefused) as refused:
        PictureFiles(FileLimits(file_bytes=1 << 20)).inspect(keep(one_page() + bytes(2 << 20)))
    assert refused.value.code == "file_too_large"
    assert "2.1 MiB, at most 1 MiB" in refused.value.detail


def children(of: int | None = None) -> list[int]:
    """The processes that open files, started by this one (or another), that still run."""
    parent = of or os.getpid()
    found = (int(folder.name) for folder in Path("/proc").glob("[0-9]*"))
    return [pid for pid in found if runs(pid) and state_of(pid)[1] == str(parent) and opens_files(pid)]


def opens_files(pid: int) -> bool:
    """Other tests of this process may keep engines of their own for a while."""
    try:
        return b"picture_child" in Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return False


def runs(pid: int) -> bool:
    return state_of(pid)[0] not in "ZX"


def state_of(pid: int) -> list[str]:
    """State, parent, and so on (proc(5)); X for a process that is gone."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return ["X", ""]


def eventually(holds: Callable[[], object], seconds: float = 20) -> bool:
    deadline = time.monotonic() + seconds
    while not holds() and time.monotonic() < deadline:
        time.sleep(0.02)
    return bool(holds())
