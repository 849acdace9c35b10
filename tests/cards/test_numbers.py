"""Card numbers: their form, their check digits, and a permutation that really is one."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from card_service.cards.numbers import (
    SERIALS,
    CardNumbersExhausted,
    card_number,
    has_valid_check_digits,
    permuted,
)

KEY = bytes(range(32))
keys = st.binary(min_size=16, max_size=64)
tenants = st.integers(0, 2**63 - 1)
serials = st.integers(0, SERIALS - 1)


def test_the_numbers_of_a_key_never_change() -> None:
    # Cards are printed. These three were made once and written down here; another algorithm would make doubles.
    assert [card_number(KEY, 1, 0), card_number(KEY, 1, 1), card_number(KEY, 10_001, SERIALS - 1)] == [
        "2100012572851574",
        "2100012039525786",
        "2100013610847798",
    ]


@given(keys, tenants, serials)
def test_form(key: bytes, tenant_id: int, serial: int) -> None:
    number = card_number(key, tenant_id, serial)
    assert len(number) == 16
    assert number.isascii()
    assert number.isdigit()
    assert number[:2] == "21"
    assert number[2:6] == f"{tenant_id % 10_000:04d}"
    assert int(number) % 97 == 1
    assert has_valid_check_digits(number)


@given(keys, tenants, st.lists(serials, min_size=2, max_size=50, unique=True))
def test_different_serials_give_different_numbers(key: bytes, tenant_id: int, some: list[int]) -> None:
    assert len({card_number(key, tenant_id, serial) for serial in some}) == len(some)


@pytest.mark.parametrize("size", [1, 2, 3, 7, 97, 100, 101, 1000, 2500])
def test_every_value_is_reached_exactly_once(size: int) -> None:
    # Squares (100, 2500) fill the network exactly; the others, worst 101, have to walk.
    for tenant_id in (1, 10_001):
        assert sorted(permuted(KEY, tenant_id, value, size) for value in range(size)) == list(range(size))


@given(keys, tenants, st.integers(1, 300))
def test_it_is_a_permutation_for_every_key_tenant_and_size(key: bytes, tenant_id: int, size: int) -> None:
    assert {permuted(key, tenant_id, value, size) for value in range(size)} == set(range(size))


def test_neighbouring_serials_are_not_neighbours() -> None:
    hidden = [permuted(KEY, 1, serial, SERIALS) for serial in range(400)]
    steps = [abs(later - earlier) for earlier, later in pairwise(hidden)]
    # Of a random order one step in 50,000 is shorter than 1,000, and the mean is a third of the range.
    assert min(steps) > 1_000
    assert 0.28 < sum(steps) / len(steps) / SERIALS < 0.39


def test_keys_and_tenants_with_the_same_digits_have_unrelated_numbers() -> None:
    first, other_key, other_tenant = (
        {card_number(key, tenant_id, serial) for serial in range(500)}
        for key, tenant_id in ((KEY, 7), (KEY[::-1], 7), (KEY, 10_007))
    )
    assert not first & other_key
    assert not first & other_tenant


def test_the_serial_after_the_last_is_refused_with_a_clear_error() -> None:
    assert has_valid_check_digits(card_number(KEY, 1, SERIALS - 1))
    with pytest.raises(CardNumbersExhausted, match="All 100,000,000 card numbers of this tenant are used"):
        card_number(KEY, 1, SERIALS)


@pytest.mark.parametrize(("key", "tenant_id", "serial"), [(KEY, 1, -1), (KEY, -1, 1), (b"", 1, 1), (KEY[:15], 1, 1)])
def test_arguments_that_make_no_sense_are_refused(key: bytes, tenant_id: int, serial: int) -> None:
    with pytest.raises(ValueError, match=r"below zero|at least 16 bytes"):
        card_number(key, tenant_id, serial)


def test_a_wrong_digit_and_swapped_neighbours_are_found() -> None:
    number = card_number(KEY, 42, 4711)
    for place in range(16):
        for digit in "0123456789":
            wrong = number[:place] + digit + number[place + 1 :]
            assert has_valid_check_digits(wrong) == (wrong == number)
        swapped = number[:place] + number[place : place + 2][::-1] + number[place + 2 :]
        assert has_valid_check_digits(swapped) == (swapped == number)


@pytest.mark.parametrize(
    "number",
    ["", "1", "0000000000000098 ", "\u0660" * 15 + "\u0661", "1" * 17, "+000000000000001", "000000000000000_1"],
)
def test_what_is_not_sixteen_ascii_digits_has_no_valid_check_digits(number: str) -> None:
    assert not has_valid_check_digits(number)
