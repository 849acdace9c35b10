"""The requests that are measured, as endless streams of bytes; every earn and redemption has a bill of its own."""

import itertools
from collections.abc import Iterator, Sequence

from bench.load import http_request
from bench.pharmacy import Pharmacy

Stream = Iterator[bytes]

_ITEMS = '"items":[{"categoryId":1,"amount":500.00},{"categoryId":2,"amount":500.00}]'
_INTERNAL = "/api/v1/internal/cards"


def earn(pharmacy: Pharmacy, first_bill: int, cards: Sequence[tuple[int, str]] | None = None) -> Stream:
    """Two categories, a referrer, a bill of 1000.00; the cards in turn."""
    return _posts(
        pharmacy,
        "earn-points",
        (
            f'{{"cardNumber":"{number}","billId":{bill},"billAmount":1000.00,{_ITEMS}}}'
            for bill, (_, number) in zip(itertools.count(first_bill), itertools.cycle(cards or pharmacy.cards))
        ),
    )


def calculate(pharmacy: Pharmacy) -> Stream:
    """A bill looked at by the till before it has a number: nothing is written."""
    return _posts(
        pharmacy,
        "calculate",
        (f'{{"cardNumber":"{number}",{_ITEMS}}}' for _, number in itertools.cycle(pharmacy.cards)),
    )


def calculate_bill(pharmacy: Pharmacy, first_bill: int) -> Stream:
    """The same with a bill's number: what is payable is remembered."""
    return _posts(
        pharmacy,
        "calculate",
        (
            f'{{"cardNumber":"{number}","billId":{bill},{_ITEMS}}}'
            for bill, (_, number) in zip(itertools.count(first_bill), itertools.cycle(pharmacy.cards))
        ),
    )


def redeem(pharmacy: Pharmacy, first_bill: int) -> Stream:
    """A hundred points on a bill of 1000.00."""
    return _posts(
        pharmacy,
        "redeem-points",
        (
            f'{{"cardId":{card},"billId":{bill},"points":100,"billAmount":1000.00,{_ITEMS}}}'
            for bill, (card, _) in zip(itertools.count(first_bill), itertools.cycle(pharmacy.cards))
        ),
    )


def reverse(pharmacy: Pharmacy, bills: Sequence[int]) -> Stream:
    """Whole reversals of bills that were earned; it ends with them."""
    return _posts(pharmacy, "reverse-points", (f'{{"billId":{bill},"reason":"returned"}}' for bill in bills))


def balance(pharmacy: Pharmacy) -> Stream:
    """The balance of each card in turn."""
    return _gets(pharmacy, (f"/api/v1/cards/{card}/balance" for card, _ in itertools.cycle(pharmacy.cards)))


def page(pharmacy: Pharmacy, path: str) -> Stream:
    """One page of a card's history, again and again."""
    return _gets(pharmacy, itertools.repeat(path))


def _posts(pharmacy: Pharmacy, call: str, bodies: Iterator[str]) -> Stream:
    token = pharmacy.keys["billing"]
    return (http_request("POST", f"{_INTERNAL}/{call}", token=token, body=body.encode()) for body in bodies)


def _gets(pharmacy: Pharmacy, paths: Iterator[str]) -> Stream:
    return (http_request("GET", path, token=pharmacy.keys["billing"]) for path in paths)
