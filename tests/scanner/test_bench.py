"""`scanner bench` on a folder of pictures that are drawn here: what is counted as read, as wrong and as accepted."""

import csv
import json
from pathlib import Path

import cv2
import numpy as np
import pytest
import segno
from click.testing import CliRunner, Result
from zxingcpp import BarcodeFormat, create_barcode, write_barcode_to_image

from scanner.cli import main

CARD = "2100012809732267"
FORMATS = {"CODE128": BarcodeFormat.Code128, "EAN13": BarcodeFormat.EAN13, "UPCA": BarcodeFormat.UPCA}


def photograph(folder: Path, name: str, symbology: str, text: str) -> None:
    """Write a picture of `text` under `name`."""
    if symbology == "QR":
        segno.make_qr(text).save(str(folder / name), scale=4)
        return
    pixels = np.full((200, 300), 255, np.uint8)
    if symbology != "NEGATIVE":
        bars = np.asarray(write_barcode_to_image(create_barcode(text, FORMATS[symbology]), scale=3))
        pixels = np.pad(bars, 30, constant_values=255)
    (folder / name).write_bytes(cv2.imencode(".png", pixels)[1].tobytes())


def manifest(folder: Path, *rows: tuple[str, str, str]) -> None:
    with (folder / "manifest.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([("path", "symbology", "expected", "source"), *((*row, "drawn") for row in rows)])


def bench(*arguments: str | Path) -> Result:
    return CliRunner().invoke(main, ["bench", *map(str, arguments)])


def table(result: Result) -> dict[str, list[str]]:
    """Return the columns of each line by the name of its symbology, without the times."""
    return {line.split()[0]: line.split()[1:6] for line in result.stdout.splitlines()[1:]}


def test_each_symbology_has_its_line(tmp_path: Path) -> None:
    photograph(tmp_path, "a.png", "CODE128", CARD)
    photograph(tmp_path, "b.png", "EAN13", "4006209700068")
    photograph(tmp_path, "c.png", "UPCA", "036000291452")
    photograph(tmp_path, "d.png", "QR", "first\r\nsecond")
    photograph(tmp_path, "e.png", "NEGATIVE", "")
    photograph(tmp_path, "f.png", "NEGATIVE", "")
    manifest(
        tmp_path,
        ("a.png", "CODE128", CARD),
        ("f.png", "CODE128", CARD),
        ("missing.png", "CODE128", CARD),
        ("b.png", "EAN13", "4006209700068"),
        ("c.png", "EAN13", "0036000291452"),  # the same bars as the UPC-A 036000291452
        ("d.png", "QR", "first\nsecond"),
        ("e.png", "NEGATIVE", ""),
    )
    result = bench(tmp_path)
    assert result.exit_code == 0
    assert "wrong" not in result.stderr
    assert table(result) == {
        "CODE128": ["3", "1", "33.3", "0", "0"],
        "EAN13": ["2", "2", "100.0", "0", "0"],
        "QR": ["1", "1", "100.0", "0", "0"],
        "NEGATIVE": ["1", "0", "0.0", "0", "0"],
        "ALL": ["7", "4", "66.7", "0", "0"],
    }


def test_a_wrong_answer_is_named_and_fails_when_the_counter_would_take_it(tmp_path: Path) -> None:
    photograph(tmp_path, "a.png", "EAN13", "4006209700068")
    manifest(tmp_path, ("a.png", "EAN13", "4003626011159"))
    refused = bench(tmp_path)
    assert refused.exit_code == 0
    assert table(refused)["EAN13"] == ["1", "0", "0.0", "1", "0"]
    assert f"wrong: {tmp_path / 'a.png'}: '4006209700068', not '4003626011159' (not accepted)" in refused.stderr
    accepted = bench(tmp_path, "--ean-prefix", "4006")
    assert accepted.exit_code == 1
    assert table(accepted)["EAN13"] == ["1", "0", "0.0", "1", "1"]
    assert "(ACCEPTED)" in accepted.stderr
    assert bench(tmp_path, "--ean-prefix", "4006", "--pattern", "[0-9]{16}").exit_code == 0


def test_any_answer_to_a_picture_without_a_code_fails(tmp_path: Path) -> None:
    photograph(tmp_path, "a.png", "EAN13", "4006209700068")
    manifest(tmp_path, ("a.png", "NEGATIVE", ""))
    result = bench(tmp_path)
    assert result.exit_code == 1
    assert table(result)["NEGATIVE"] == ["1", "0", "0.0", "1", "0"]


def test_json_holds_the_same(tmp_path: Path) -> None:
    photograph(tmp_path, "a.png", "CODE128", CARD)
    photograph(tmp_path, "b.png", "CODE128", "2100012809732364")
    manifest(tmp_path, ("a.png", "CODE128", CARD), ("b.png", "CODE128", CARD))
    result = bench(tmp_path, "--json", "--repeat", "2")
    assert result.exit_code == 1
    answer = json.loads(result.stdout)
    line, total = answer["figures"]
    assert 0 < line.pop("cpu_ms_p50") <= line.pop("cpu_ms_p95") < 1000
    assert line == {
        "symbology": "CODE128",
        "pictures": 2,
        "read": 1,
        "read_percent": 50.0,
        "wrong": 1,
        "wrong_accepted": 1,
    }
    assert total["symbology"] == "ALL"
    assert answer["wrong"] == [
        {"path": str(tmp_path / "b.png"), "expected": CARD, "answers": ["2100012809732364"], "accepted": True}
    ]


@pytest.mark.parametrize("content", [None, "", "path,symbology\na.png,QR\n", "\xff\xfe"])
def test_a_folder_that_cannot_be_measured_gets_one_line(tmp_path: Path, content: str | None) -> None:
    if content is not None:
        (tmp_path / "manifest.csv").write_bytes(content.encode("latin-1"))
    result = bench(tmp_path)
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.startswith(f"scanner: {tmp_path}/manifest.csv: ")
    assert len(result.stderr.splitlines()) == 1


def test_a_pattern_that_is_none_is_wrong_usage(tmp_path: Path) -> None:
    photograph(tmp_path, "a.png", "NEGATIVE", "")
    manifest(tmp_path, ("a.png", "NEGATIVE", ""))
    result = bench(tmp_path, "--pattern", "[0-9")
    assert result.exit_code == 2
    assert "not a regular expression" in result.stderr
