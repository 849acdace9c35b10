"""Sheets as a browser prints them: exact millimetres, nothing that sticks out, and every code read by the scanner."""

import re
import shutil
import subprocess
from dataclasses import dataclass
from itertools import groupby
from math import ceil
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from playwright.sync_api import sync_playwright

from card_service.cards.numbers import card_number
from card_service.cards.sheet import CardToPrint, draw_sheets
from scanner.decode.code import CODE128, QR
from scanner.decode.frames import read_frame
from scanner.decode.reader import Reader

KEY = bytes(range(32))
MM_PER_INCH = 25.4
COLOUR = "#7a1f5c"
NAMES = (
    "Asha Rao", "आशा राव", None, "श्रीमती लक्ष्मीनारायण वेंकटसुब्रह्मण्यम् चतुर्वेदी", "Priyadarshini Venkatasubramanian Raghunathan",
    "W" * 200, "औ" * 200, "क्षत्रिय " * 22, "Mx <b>O'Neil</b> & Sons", "علی رضا",
)  # fmt: skip
OWN = ("CARD001", "AP-KARNATAKA-12", "a" * 50, "9912345678901234", "7" * 30, "7" * 34, "7", "W" * 17, "~!#%")
"""Numbers of tenants' own: bars beside the QR code, below it, and too long for a card."""
WITHOUT_BARS = {"a" * 50, "7" * 34, "W" * 17}
ISSUED = [CardToPrint(place + 1, card_number(KEY, 1, place), name) for place, name in enumerate(NAMES)]
CARDS = [*ISSUED, *(CardToPrint(100 + place, number, "Ravi Menon") for place, number in enumerate(OWN))]
TENANTS = ("Sunrise Pharmacy", "सूर्योदय औषधालय एवं स्वास्थ्य केंद्र, महात्मा गांधी मार्ग", "W" * 200)

# Every box of a card, relative to it, in mm.
_BOXES = """() => [...document.querySelectorAll('.card')].map(card => {
  const home = card.getBoundingClientRect(), mm = 25.4 / 96;
  const box = (found) => found && (({left, top, right, bottom}) => ({
    left: (left - home.left) * mm, top: (top - home.top) * mm, right: (right - home.left) * mm, bottom: (bottom - home.top) * mm,
  }))(found.getBoundingClientRect());
  const boxes = {};
  for (const name of ['tenant', 'customer', 'number', 'bars', 'qr']) boxes[name] = box(card.querySelector('.' + name));
  boxes.name = box(card.querySelector('.customer .fit'));
  boxes.title = box(card.querySelector('.tenant .fit'));
  const range = document.createRange();
  range.selectNodeContents(card.querySelector('.number'));
  boxes.digits = box(range);
  return {left: home.left * mm, top: home.top * mm, width: home.width * mm, height: home.height * mm, boxes};
})"""


@dataclass(frozen=True)
class Printed:
    """What came out of the printer, and what the page measures on its way."""

    pdf: Path
    cards: list[dict[str, Any]]
    complaints: list[str]
    requests: list[str]


@pytest.fixture(scope="module")
def printed(tmp_path_factory: pytest.TempPathFactory) -> Printed:
    """Print every card."""
    return print_for(TENANTS[0], tmp_path_factory.mktemp("sheets"))


def print_for(tenant: str, folder: Path) -> Printed:
    """Print every card of a tenant."""
    chromium = shutil.which("chromium")
    assert chromium is not None, "The tests need Debian's chromium; type: sudo apt-get install chromium"
    page_file, pdf = folder / "sheets.html", folder / "sheets.pdf"
    page_file.write_text(draw_sheets(tenant, COLOUR, CARDS, 3).html, "utf-8")
    complaints: list[str] = []
    requests: list[str] = []
    with sync_playwright() as playwright:
        # Without the sandbox, which needs privileges that a container does not have; it only opens the page under test.
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        page = browser.new_page()
        page.on("console", lambda line: complaints.append(line.text))
        page.on("request", lambda sent: None if sent.url.startswith("data:") else requests.append(sent.url))
        page.goto(page_file.as_uri())
        page.emulate_media(media="print")
        cards = page.evaluate(_BOXES)
        page.pdf(path=pdf, prefer_css_page_size=True, print_background=True)
        browser.close()
    assert requests == [page_file.as_uri()]
    return Printed(pdf, cards, complaints, requests)


def as_pictures(pdf: Path, dpi: int, *, last: int = 2) -> list[Path]:
    """Draw the pages of a PDF, up to the `last`."""
    tool = shutil.which("pdftoppm")
    assert tool is not None, "The tests need Debian's poppler-utils; type: sudo apt-get install poppler-utils"
    subprocess.run([tool, "-l", str(last), "-r", str(dpi), "-png", str(pdf), str(pdf.with_suffix(f".{dpi}"))], check=True)
    return sorted(pdf.parent.glob(f"{pdf.stem}.{dpi}-*.png"))


@pytest.mark.parametrize("dpi", [150, 300])
def test_every_code_on_every_sheet_is_read_by_the_scanner(printed: Printed, dpi: int) -> None:
    pages = as_pictures(printed.pdf, dpi)
    assert len(pages) == ceil(len(CARDS) / 10)
    for page, (_, group) in zip(pages, groupby(enumerate(CARDS), key=lambda placed: placed[0] // 10), strict=True):
        numbers = [card.number for _, card in group]
        expected = {(number, QR) for number in numbers} | {(number, CODE128) for number in numbers if number not in WITHOUT_BARS}
        found = [(code.number, code.symbology) for code in Reader().still(read_frame(page))]
        assert sorted(found) == sorted(expected), page


def test_a_card_measures_85_6_by_54_mm_on_a4(printed: Printed) -> None:
    assert printed.complaints == []
    for place, card in enumerate(printed.cards):
        assert (card["width"], card["height"]) == pytest.approx((85.6, 54), abs=0.2), place
        row, column = divmod(place % 10, 2)
        top = place // 10 * 297 + 7.5 + row * 57
        assert (card["left"], card["top"]) == pytest.approx((16.4 + column * 91.6, top), abs=0.2), place
    size = subprocess.run(["pdfinfo", printed.pdf], check=True, capture_output=True, text=True).stdout
    assert re.search(r"Page size: .*\(A4\)", size)


def test_the_printed_sheet_has_these_measures_too(printed: Printed) -> None:
    """In the picture of the page itself, at 600 dpi: the tenant's band is as wide as a card, a module is 0.339 mm."""
    scale = 600 / MM_PER_INCH
    picture = cv2.imread(str(as_pictures(printed.pdf, 600, last=1)[0]))
    assert picture is not None
    blue, green, red = (int(COLOUR[place : place + 2], 16) for place in (5, 3, 1))
    coloured = cv2.inRange(picture, (blue - 15, green - 15, red - 15), (blue + 15, green + 15, red + 15))
    for place in range(10):
        row, column = divmod(place, 2)
        left, top = 16.4 + column * 91.6, 7.5 + row * 57
        # A line through the upper edge of the band, where no letter stands, from the middle of one gap to the next.
        line = np.flatnonzero(coloured[round((top + 0.6) * scale), round((left - 2.5) * scale) : round((left + 88) * scale)])
        assert (line[-1] - line[0] + 1) / scale == pytest.approx(85.6, abs=0.2)
        # The left edge of the card, from the band at its top to the strip at its bottom.
        edge = np.flatnonzero(coloured[round((top - 1.2) * scale) : round((top + 55.2) * scale), round((left + 1) * scale)])
        assert (edge[-1] - edge[0] + 1) / scale == pytest.approx(54, abs=0.2)
        bars = picture[round((top + 44) * scale), round((left + 2) * scale) : round((left + 50) * scale), 1] < 128
        dark = np.flatnonzero(bars)
        assert (dark[-1] - dark[0] + 1) / 123 / scale == pytest.approx(0.339, abs=0.001)


@pytest.mark.parametrize("tenant", TENANTS, ids=["short", "hindi", "long"])
def test_nothing_sticks_out_or_lies_on_something_else(tenant: str, tmp_path: Path) -> None:
    for shown, card in zip(print_for(tenant, tmp_path).cards, CARDS, strict=True):
        boxes = {name: box for name, box in shown["boxes"].items() if box}
        assert ("name" in boxes, "bars" in boxes) == (card.name is not None, card.number not in WITHOUT_BARS), card
        for name, box in boxes.items():
            assert box["left"] >= -0.01, (card, name, box)
            assert box["top"] >= -0.01, (card, name, box)
            assert box["right"] <= 85.61, (card, name, box)
            assert box["bottom"] <= 54.01, (card, name, box)
        assert _within(boxes["title"], boxes["tenant"]), card
        assert "name" not in boxes or _within(boxes["name"], boxes["customer"]), (card, boxes)
        apart = [boxes[name] for name in ("tenant", "name", "digits", "bars", "qr") if name in boxes]
        for place, one in enumerate(apart):
            for other in apart[place + 1 :]:
                assert not _overlap(one, other), (card, one, other)


def test_hindi_is_set_in_letters_of_its_own(printed: Printed) -> None:
    fonts = subprocess.run(["pdffonts", printed.pdf], check=True, capture_output=True, text=True).stdout
    assert "Devanagari" in fonts, "The tests need a Devanagari font; type: sudo apt-get install fonts-lohit-deva"
    text = subprocess.run(["pdftotext", printed.pdf, "-"], check=True, capture_output=True, text=True).stdout
    assert "2100 01" in text


def _within(inner: dict[str, float], outer: dict[str, float]) -> bool:
    before = all(inner[side] >= outer[side] - 0.05 for side in ("left", "top"))
    return before and all(inner[side] <= outer[side] + 0.05 for side in ("right", "bottom"))


def _overlap(one: dict[str, float], other: dict[str, float]) -> bool:
    return (
        one["left"] < other["right"] - 0.01
        and other["left"] < one["right"] - 0.01
        and one["top"] < other["bottom"] - 0.01
        and other["top"] < one["bottom"] - 0.01
    )
