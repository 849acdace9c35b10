"""What is a card that is shown, and how often it counts; times are seconds since some start."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.acceptance import Acceptance, Accepted, Refused, Verdict, clean
from scanner.decode.code import CODE39, CODE128, EAN13, QR, UPCA, Code

CARD = "2100012809732267"
HERE = ((0, 0), (100, 0), (100, 40), (0, 40))
BELOW = ((0, 200), (100, 200), (100, 240), (0, 240))


def code(number: str = CARD, symbology: str = CODE128, position: tuple[tuple[int, int], ...] = HERE) -> Code:
    return Code(number, symbology, position)


def shown(acceptance: Acceptance, *frames: list[Code], step: float = 0.1) -> list[Verdict | None]:
    """Judge frames that come one after the other, every `step` seconds."""
    return [acceptance.see(frame, number * step) for number, frame in enumerate(frames)]


def numbers(verdicts: list[Verdict | None]) -> list[str]:
    return [verdict.code.number for verdict in verdicts if isinstance(verdict, Accepted)]


@pytest.mark.parametrize(
    ("card", "frames"),
    [
        (code(), 1),
        (code("any text", QR), 1),
        (code("2100012809732268"), 2),  # wrong check digits: perhaps another shop's card, perhaps misread
        (code("21000128097322"), 2),  # sixteen digits are ours, fourteen are not
        (code(CARD, CODE39), 2),  # a Code 39 has no check digit of its own
    ],
)
def test_a_card_is_accepted_after_as_many_frames_as_it_needs(card: Code, frames: int) -> None:
    verdicts = shown(Acceptance(), *[[card]] * 6)
    assert [isinstance(verdict, Accepted) for verdict in verdicts] == [number == frames - 1 for number in range(6)]


def test_the_second_sight_may_be_five_frames_later_but_not_six() -> None:
    weak = code("ABC123")
    assert numbers(shown(Acceptance(), [weak], [], [], [], [], [weak])) == ["ABC123"]
    assert numbers(shown(Acceptance(), [weak], [], [], [], [], [], [weak])) == []


def test_a_card_counts_again_after_one_second_out_of_sight() -> None:
    acceptance = Acceptance()
    assert isinstance(acceptance.see([code()], 0.0), Accepted)
    assert acceptance.see([code()], 0.9) is None
    assert acceptance.see([code()], 1.8) is None  # in sight all the time, with a blink of 0.9 s
    assert acceptance.see([], 2.0) is None
    assert isinstance(acceptance.see([code()], 2.9), Accepted)


def test_another_card_counts_at_once() -> None:
    other = "2100012809732364"
    assert int(other) % 97 == 1
    assert numbers(shown(Acceptance(), [code()], [code(other)], [code()])) == [CARD, other]


def test_two_values_for_one_place_are_refused_once_and_do_not_count_as_sight() -> None:
    weak, rival = code("ABC123"), code("ABC128")
    verdicts = shown(Acceptance(), [weak, rival], [weak, rival], [weak], [weak])
    assert isinstance(verdicts[0], Refused)
    assert verdicts[0].codes == (weak, rival)
    assert "reads in two ways" in verdicts[0].reason
    assert verdicts[1:3] == [None, None]
    assert verdicts[3] == Accepted(weak)


def test_two_cards_in_two_places_are_refused_until_one_is_gone() -> None:
    verdicts = shown(Acceptance(), [code(), code("gift", QR, BELOW)], [code()])
    assert isinstance(verdicts[0], Refused)
    assert verdicts[0].reason == "two cards are in sight; show only one"
    assert verdicts[1] == Accepted(code())


def test_a_card_stays_said_while_a_second_one_is_refused_beside_it() -> None:
    both = [code(), code("gift", QR, BELOW)]
    assert numbers(shown(Acceptance(), [code()], both, both, both, [code()], step=0.5)) == [CARD]


def test_our_card_with_both_of_its_codes_is_one_card() -> None:
    assert numbers(shown(Acceptance(), [code(), code(CARD, QR, BELOW)])) == [CARD]


def test_a_product_beside_the_card_does_not_disturb() -> None:
    assert numbers(shown(Acceptance(), [code("4006209700068", EAN13, BELOW), code()])) == [CARD]


@pytest.mark.parametrize(("number", "symbology"), [("2990000000017", EAN13), ("299000000001", UPCA)])
def test_ean_and_upc_need_the_exact_prefix(number: str, symbology: str) -> None:
    card = code(number, symbology)
    for prefix in (None, "", "298", "29900000000175"):
        verdicts = shown(Acceptance(ean_prefix=prefix), [card], [card], [card])
        assert isinstance(verdicts[0], Refused)
        assert "barcode of a product" in verdicts[0].reason
        assert verdicts[1:] == [None, None]
    assert numbers(shown(Acceptance(ean_prefix="299"), [card], [card])) == [number]


def test_the_pattern_has_to_match_in_full() -> None:
    acceptance = Acceptance(pattern="CARD-[0-9]{3}")
    verdicts = shown(acceptance, [code("CARD-1234", QR)], [code("CARD-123", QR)])
    assert isinstance(verdicts[0], Refused)
    assert "not one of our card numbers" in verdicts[0].reason
    assert verdicts[1] == Accepted(code("CARD-123", QR))


@pytest.mark.parametrize(
    ("text", "number"),
    [
        (f"]C1{CARD}", CARD),
        (f"]Q3{CARD}\x1d", CARD),
        ("2100 0128 0973 2267\r\n", CARD),
        ("]C", "]C"),
        ("]C1", ""),
        ("A]C1B", "A]C1B"),
    ],
)
def test_what_a_reader_adds_is_taken_off(text: str, number: str) -> None:
    assert clean(text) == number


@given(st.text(alphabet="0123456789ABC-/", min_size=1))
def test_what_is_clean_stays_as_it_is(number: str) -> None:
    assert clean(number) == number


def test_a_reader_that_decodes_by_itself_is_heard_at_once_and_again_after_a_second() -> None:
    acceptance = Acceptance(pattern="[0-9]+")
    assert acceptance.hear(f"]C0{CARD}", "UNKNOWN", 0.0) == Accepted(Code(CARD, "UNKNOWN", ()))
    assert acceptance.hear(CARD, "UNKNOWN", 0.5) is None  # a reader in presentation mode says it again and again
    assert acceptance.hear(CARD, "UNKNOWN", 1.6) == Accepted(Code(CARD, "UNKNOWN", ()))
    assert isinstance(acceptance.hear("HELLO", CODE128, 1.7), Refused)
    assert acceptance.hear("\r\n", "UNKNOWN", 5.0) is None


@given(
    st.lists(
        st.lists(st.sampled_from([code(), code("weak"), code("weak", CODE39, BELOW), code("4006209700068", EAN13)]), max_size=3),
        max_size=40,
    )
)
def test_no_number_is_accepted_twice_within_a_second(frames: list[list[Code]]) -> None:
    step = 0.3
    verdicts = shown(Acceptance(), *frames, step=step)
    said: dict[str, int] = {}
    for at, verdict in enumerate(verdicts):
        if isinstance(verdict, Accepted):
            number = verdict.code.number
            assert number not in said or (at - said[number]) * step >= 1.0
            assert number in {seen.number for seen in frames[at]}
            said[number] = at
