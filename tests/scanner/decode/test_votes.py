"""Whom to believe when the engines disagree; most cases are readings of real photographs."""

from scanner.decode.code import CODE39, CODE128, EAN13, QR, UPCA, Code
from scanner.decode.votes import MATCHER, ZBAR, ZXING, Votes

CARD = "2100012809732267"
HERE = ((0, 0), (100, 0), (100, 40), (0, 40))
BELOW = ((0, 200), (100, 200), (100, 240), (0, 240))


def code(number: str, symbology: str, position: tuple[tuple[int, int], ...] = HERE) -> Code:
    return Code(number, symbology, position)


def believed(*readings: tuple[str, Code]) -> list[str]:
    """Return the numbers that are believed after these readings, each on a rendering of its own."""
    votes = Votes()
    for engine, reading in readings:
        votes.add(engine, [reading])
    return [reading.number for reading in votes.believed()]


def test_an_ean_needs_two_engines() -> None:
    ean = code("4006209700068", EAN13)
    assert believed((ZXING, ean), (ZXING, ean), (ZXING, ean)) == []
    assert believed((ZBAR, ean), (ZBAR, ean), (ZBAR, ean)) == []
    assert believed((ZXING, ean), (ZBAR, ean)) == ["4006209700068"]
    assert believed((ZBAR, ean), (MATCHER, ean)) == ["4006209700068"]


def test_one_engine_repeating_itself_does_not_outvote_two() -> None:
    right, wrong = code("012546619592", UPCA), code("022121000066", UPCA)
    assert believed((ZBAR, wrong), (ZBAR, wrong), (ZBAR, wrong), (ZXING, right)) == []
    assert believed((ZBAR, wrong), (ZBAR, wrong), (ZBAR, wrong), (ZXING, right), (MATCHER, right)) == ["012546619592"]


def test_two_values_with_two_witnesses_in_one_place_are_both_refused() -> None:
    one, other = code("4006209700068", EAN13), code("4003626011159", EAN13)
    both = ((ZXING, one), (ZBAR, one), (ZXING, other), (ZBAR, other))
    assert believed(*both) == []
    there = code("4003626011159", EAN13, BELOW)
    assert believed((ZXING, one), (ZBAR, one), (ZXING, there), (ZBAR, there)) == ["4006209700068", "4003626011159"]


def test_what_proves_itself_needs_one_reading() -> None:
    assert believed((ZBAR, code("http://example.org", QR))) == ["http://example.org"]
    assert believed((ZXING, code(CARD, CODE128))) == [CARD]
    assert believed((ZXING, code("2100012809732268", CODE128))) == []


def test_zbar_alone_is_not_believed_on_code_128() -> None:
    latin, ascii_only = code("óóóó1234", CODE128), code("ssss1234", CODE128)
    assert believed((ZBAR, ascii_only), (ZBAR, ascii_only), (ZBAR, ascii_only)) == []
    assert believed((ZXING, latin), (ZBAR, ascii_only), (ZBAR, ascii_only), (ZXING, latin)) == ["óóóó1234"]
    assert believed((ZBAR, code("ABC", CODE39)), (ZBAR, code("ABC", CODE39))) == ["ABC"]


def test_the_same_code_twice_on_one_rendering_is_one_vote() -> None:
    votes = Votes()
    votes.add(ZXING, [code("ABC", CODE39), code("ABC", CODE39, BELOW)])
    assert votes.believed() == []


def test_it_is_settled_when_nothing_seen_waits_for_a_witness() -> None:
    votes = Votes()
    assert not votes.settled()
    votes.add(ZXING, [code(CARD, CODE128)])
    assert votes.settled()
    votes.add(ZXING, [code("ABC", CODE39, BELOW)])
    assert not votes.settled()
    votes.add(ZBAR, [code("ABC", CODE39, BELOW)])
    assert votes.settled()
