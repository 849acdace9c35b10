"""`scanner decode` as a person at the counter types it: a program, files, lines and an exit code."""

import json
import subprocess
import sys
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

import cv2
import numpy as np
import pytest
import segno
from barcode import get_barcode_class
from barcode.writer import ImageWriter

ROOT = Path(__file__).parents[2]
NUMBER = "2100012809732267"
RUN = "from scanner.cli import main; main(prog_name='scanner')"


def scanner(*arguments: str | Path, before: str = "", options: Sequence[str] = ()) -> subprocess.CompletedProcess[str]:
    """Run the command in a program of its own, after the Python statement `before`."""
    return subprocess.run(
        [sys.executable, *options, "-c", f"{before}\n{RUN}", *map(str, arguments)],
        check=False,
        capture_output=True,
        encoding="utf-8",
        timeout=60,
        cwd=ROOT,
    )


def draw(folder: Path, kind: str, number: str = NUMBER, ending: str = "png") -> Path:
    """Write a picture of `number` and return its path."""
    path = folder / f"{kind}.{ending}"
    if kind == "qr":
        segno.make_qr(number).save(str(path), scale=6)
    else:
        with path.open("wb") as file:
            get_barcode_class(kind)(number, writer=ImageWriter(format=ending.upper())).write(file)
    return path


@pytest.mark.parametrize(
    ("kind", "number", "line"),
    [
        ("code128", NUMBER, f"{NUMBER}\tCODE128"),
        ("code128", "card-001/A", "card-001/A\tCODE128"),
        ("code39", "CARD001", "CARD001\tCODE39"),
        ("ean13", "5901234123457", "5901234123457\tEAN13"),
        ("upca", "036000291452", "036000291452\tUPCA"),
        ("qr", NUMBER, f"{NUMBER}\tQRCODE"),
        ("qr", "7", "7\tQRCODE"),
    ],
)
def test_number_and_symbology_are_printed(tmp_path: Path, kind: str, number: str, line: str) -> None:
    if kind == "code39":  # without the check character that the library would add
        path = tmp_path / "code39.png"
        with path.open("wb") as file:
            get_barcode_class(kind)(number, writer=ImageWriter(), add_checksum=False).write(file)
    else:
        path = draw(tmp_path, kind, number)
    done = scanner("decode", path)
    assert (done.returncode, done.stdout, done.stderr) == (0, f"{line}\t{path}\n", "")


@pytest.mark.parametrize("ending", ["jpg", "webp", "bmp", "tiff"])
def test_other_formats_of_pictures_are_read(tmp_path: Path, ending: str) -> None:
    picture = cv2.imread(str(draw(tmp_path, "code128")))
    assert picture is not None
    path = tmp_path / f"Karte für Zoë.{ending}"
    path.write_bytes(cv2.imencode(f".{ending}", picture)[1].tobytes())
    assert scanner("decode", path).stdout == f"{NUMBER}\tCODE128\t{path}\n"


@pytest.mark.parametrize("turn", [cv2.ROTATE_90_CLOCKWISE, cv2.ROTATE_180])
def test_a_card_held_another_way_is_read(tmp_path: Path, turn: int) -> None:
    picture = cv2.imread(str(draw(tmp_path, "code128")))
    assert picture is not None
    path = tmp_path / "turned.png"
    path.write_bytes(cv2.imencode(".png", cv2.rotate(picture, turn))[1].tobytes())
    assert scanner("decode", path).stdout == f"{NUMBER}\tCODE128\t{path}\n"


def test_json_prints_an_object_a_line(tmp_path: Path) -> None:
    bars, qr = draw(tmp_path, "code128"), draw(tmp_path, "qr", "line\nbreak")
    done = scanner("decode", "--json", bars, qr)
    assert done.returncode == 0
    assert [json.loads(line) for line in done.stdout.splitlines()] == [
        {"file": str(bars), "number": NUMBER, "symbology": "CODE128"},
        {"file": str(qr), "number": "line\nbreak", "symbology": "QRCODE"},
    ]


def test_a_line_break_inside_a_code_stays_on_its_line(tmp_path: Path) -> None:
    path = draw(tmp_path, "qr", "first\nsecond\tthird")
    assert scanner("decode", path).stdout == f"first\\nsecond\\tthird\tQRCODE\t{path}\n"


def test_two_codes_on_one_picture_are_two_lines_from_the_top_down(tmp_path: Path) -> None:
    qr, bars = cv2.imread(str(draw(tmp_path, "qr", "above"))), cv2.imread(str(draw(tmp_path, "code128")))
    assert qr is not None
    assert bars is not None
    page = np.full((qr.shape[0] + 2 * bars.shape[0] + 40, bars.shape[1], 3), 255, np.uint8)
    page[: qr.shape[0], : qr.shape[1]] = qr
    page[qr.shape[0] + 20 :][: bars.shape[0]] = bars
    page[-bars.shape[0] :] = bars  # the same card once more is no third line
    path = tmp_path / "page.png"
    path.write_bytes(cv2.imencode(".png", page)[1].tobytes())
    assert scanner("decode", path).stdout == f"above\tQRCODE\t{path}\n{NUMBER}\tCODE128\t{path}\n"


def test_what_cannot_be_read_gets_one_line_and_the_rest_is_read(tmp_path: Path) -> None:
    good = draw(tmp_path, "code128")
    names = ("blank.png", "empty.png", "text.png", "cut.png", "half.png")
    blank, empty, text, cut, half = (tmp_path / name for name in names)
    blank.write_bytes(cv2.imencode(".png", np.full((200, 300), 255, np.uint8))[1].tobytes())
    empty.write_bytes(b"")
    text.write_text("not a picture\n")
    cut.write_bytes(good.read_bytes()[:60])
    half.write_bytes(good.read_bytes()[: good.stat().st_size // 2])
    done = scanner("decode", tmp_path / "missing.png", tmp_path, blank, empty, text, cut, half, good)
    assert done.returncode == 1
    assert done.stdout == f"{NUMBER}\tCODE128\t{good}\n"
    missing, folder, *rest = done.stderr.splitlines()
    advice = "give the name of a picture or video you may read"
    assert missing == f"scanner: {tmp_path}/missing.png: No such file or directory; {advice}"
    assert folder == f"scanner: {tmp_path}: Is a directory; {advice}"
    assert rest == [
        f"scanner: {blank}: no barcode found; take the picture closer, sharper and without glare",
        *(f"scanner: {bad}: neither a picture nor a video that can be read; give another file" for bad in (empty, text)),
        *(f"scanner: {bad}: not a picture; give a PNG, JPEG, WebP, BMP or TIFF file" for bad in (cut, half)),
    ]


def film(path: Path, *pictures: Path | None, frames: int = 3) -> Path:
    """Write a video that shows each picture for some frames; None is an empty table."""
    size = (900, 400)
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"MJPG"), 10, size)
    for picture in pictures:
        page = np.full((size[1], size[0], 3), 200, np.uint8)
        if picture is not None:
            shown = cv2.imread(str(picture))
            assert shown is not None
            page[20 : 20 + shown.shape[0], 20 : 20 + shown.shape[1]] = shown
        for _ in range(frames):
            writer.write(page)
    writer.release()
    return path


def test_each_code_of_a_video_is_a_line_in_the_order_in_which_it_came(tmp_path: Path) -> None:
    qr, bars, product = draw(tmp_path, "qr"), draw(tmp_path, "code128", "card-001/A"), draw(tmp_path, "ean13", "5901234123457")
    path = film(tmp_path / "counter.avi", None, qr, None, bars, product, qr)
    done = scanner("decode", path)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines() == [
        f"{NUMBER}\tQRCODE\t{path}",
        f"card-001/A\tCODE128\t{path}",
        f"5901234123457\tEAN13\t{path}",
    ]


def test_one_frame_of_a_video_does_not_prove_a_number(tmp_path: Path) -> None:
    product = draw(tmp_path, "ean13", "5901234123457")
    path = film(tmp_path / "glimpse.avi", None, product, None, frames=1)
    done = scanner("decode", path)
    sentence = f"scanner: {path}: no barcode found; take the picture closer, sharper and without glare\n"
    assert (done.returncode, done.stdout, done.stderr) == (1, "", sentence)
    # A video of one frame is a picture, which is looked at for as long as it takes.
    path = film(tmp_path / "still.avi", product, frames=1)
    assert scanner("decode", path).stdout == f"5901234123457\tEAN13\t{path}\n"


@pytest.mark.parametrize("arguments", [["decode"], ["decode", "--no-such-option", "x.png"], ["no-such-command"]])
def test_wrong_usage_is_exit_code_2(arguments: list[str]) -> None:
    done = scanner(*arguments)
    assert done.returncode == 2
    assert done.stdout == ""
    assert "Usage: scanner" in done.stderr


def test_help_names_everything_a_user_has_to_know() -> None:
    assert "decode" in scanner("--help").stdout
    text = scanner("decode", "--help").stdout
    for word in ("FILE...", "--json", "stderr", "Exit code"):
        assert word in text


def bare_interpreter(folder: Path, *packages: str) -> str:
    """Return the statement that gives a Python without installed packages (-S) only those that are named."""
    for package in packages:
        spec = find_spec(package)
        assert spec is not None
        assert spec.submodule_search_locations is not None
        for location in (Path(place) for place in spec.submodule_search_locations):
            (folder / package).symlink_to(location)
            libraries = location.with_name(f"{package}.libs")
            if libraries.exists():
                (folder / libraries.name).symlink_to(libraries)
    return f"import sys; sys.path[:0] = [{str(ROOT)!r}, {str(folder)!r}]"


@pytest.mark.parametrize(("installed", "missing"), [(["click"], "pyzbar"), (["click", "pyzbar"], "cv2")])
def test_without_the_extra_it_says_what_to_install(tmp_path: Path, installed: list[str], missing: str) -> None:
    before = bare_interpreter(tmp_path, *installed)
    done = scanner("decode", "card.png", "other.png", before=before, options=["-S", "-I"])
    expected = f"scanner: the Python package {missing} is not installed; type: pip install 'card-service[scanner]'\n"
    assert (done.returncode, done.stdout, done.stderr) == (1, "", expected)
    assert scanner("--help", before=before, options=["-S", "-I"]).returncode == 0


def test_without_libzbar_it_says_what_to_install() -> None:
    # The library cannot be taken from the system for a test; ctypes is the one that would not find it.
    done = scanner("decode", "card.png", before="import ctypes.util; ctypes.util.find_library = lambda name: None")
    expected = "scanner: the zbar library is not installed; on Debian or Ubuntu type: sudo apt-get install libzbar0\n"
    assert (done.returncode, done.stdout, done.stderr) == (1, "", expected)


def test_a_library_that_does_not_load_is_named(tmp_path: Path) -> None:
    before = bare_interpreter(tmp_path, "click", "pyzbar")
    (tmp_path / "cv2.py").write_text("raise ImportError('libGL.so.1: cannot open shared object file')\n")
    done = scanner("decode", "card.png", before=before, options=["-S", "-I"])
    assert done.returncode == 1
    assert done.stderr.startswith("scanner: a library of the scanner does not load (libGL.so.1: cannot open")


def test_it_needs_nothing_of_the_service(tmp_path: Path) -> None:
    path = draw(tmp_path, "code128")
    done = scanner("decode", path, before="import sys; sys.modules.update(card_service=None, config=None)")
    assert (done.returncode, done.stdout) == (0, f"{NUMBER}\tCODE128\t{path}\n")
