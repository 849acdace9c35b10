"""EAN digits by how they look: right or nothing, and never a number that is not there."""

import cv2
import numpy as np
import pytest
from zxingcpp import BarcodeFormat, create_barcode, write_barcode_to_image

from scanner.decode.matcher import match_ean
from tests.scanner.cards import Grey


def bars(number: str, blur: float, noise: float, seed: int) -> Grey:
    """Draw an EAN-13 with 4 pixels a module; `blur` is a standard deviation in modules, `noise` one in grey levels."""
    drawn = np.asarray(write_barcode_to_image(create_barcode(number, BarcodeFormat.EAN13), scale=4), np.uint8)[:100]
    page = np.pad(drawn, ((40, 40), (60, 60)), constant_values=255).astype(np.float32) * 0.6 + 30
    seen = cv2.GaussianBlur(page, (0, 0), blur * 4) + np.random.default_rng(seed).normal(0, noise, page.shape)
    pixels: Grey = np.clip(seen, 0, 255).astype(np.uint8)
    return pixels


def ean(seed: int) -> str:
    digits = [int(digit) for digit in np.random.default_rng(seed).integers(0, 10, 12)]
    total = sum(digit * (3 if place % 2 else 1) for place, digit in enumerate(digits))
    return "".join(map(str, digits)) + str(-total % 10)


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("blur", [0.3, 0.5])
def test_every_band_shows_the_number(seed: int, blur: float) -> None:
    number = ean(seed)
    cutting = bars(number, blur, 3, seed)[40:140]
    assert set(match_ean(cutting)) == {number}
    assert set(match_ean(np.ascontiguousarray(cutting[::-1, ::-1]))) == {number}


@pytest.mark.parametrize("blur", [0.7, 0.9])
def test_what_is_too_blurred_for_single_digits_is_read_as_a_whole(blur: float) -> None:
    read = 0
    for seed in range(10):
        number, cutting = ean(seed), bars(ean(seed), blur, 3, seed)[40:140]
        shown = match_ean(np.ascontiguousarray(cutting[::-1, ::-1]) if seed % 2 else cutting)
        assert set(shown) <= {number}
        read += len(shown) > 1
    assert read >= 7


@pytest.mark.parametrize("seed", [134, 148])
def test_a_pair_of_digits_that_looks_like_another_pair_is_not_read_as_that(seed: int) -> None:
    for blur in (1.4, 1.6, 1.8):
        for noise in (1, 3):
            assert set(match_ean(bars(ean(seed), blur, noise, seed - 100)[40:140])) <= {ean(seed)}


def test_what_is_too_blurred_gives_nothing_rather_than_another_number() -> None:
    for seed in range(8):
        for blur in (0.9, 1.4, 1.8):
            assert set(match_ean(bars(ean(seed), blur, 3, seed)[40:140])) <= {ean(seed)}


def test_noise_and_other_stripes_are_no_ean() -> None:
    random = np.random.default_rng(5)
    for _ in range(10):
        stripes = np.repeat(random.integers(0, 2, 140) * 200, 4).astype(np.uint8)
        assert match_ean(np.tile(stripes, (100, 1))) == []
        assert match_ean(random.integers(0, 255, (100, 560)).astype(np.uint8)) == []
