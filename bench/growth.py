"""Whether requests become dearer as the ledger grows: the same calls at ten thousand, a million and ten million rows."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import click

from bench import calls
from bench.filling import fill_ledger
from bench.pharmacy import Pharmacy, open_pharmacy
from bench.report import Figure, Label, line
from bench.service import Target, running_target
from tests.servers.clients import Client
from tests.servers.databases import mariadb_database
from tests.servers.mariadb import MariaDB

CLIENTS = 8
PAGE = 5
PAGES_TO_THE_LAST = 1000
ROWS_OF_LONG_CARD = PAGE * PAGES_TO_THE_LAST
FIRST_BILL = 1_000_000_000
BILLS_A_ROUND = 10_000_000
ROUNDS = 3
CALLS = ("earn", "balance", "history, page 1", "history, page 1000")


@dataclass(frozen=True)
class Scale:
    """How many cards with how many ledger rows each; beside them always one card with five thousand."""

    cards: int
    rows_a_card: int

    @property
    def rows(self) -> int:
        """Ledger rows of the customers in all."""
        return self.cards * self.rows_a_card + ROWS_OF_LONG_CARD


SHORT = (Scale(cards=500, rows_a_card=10), Scale(cards=9_950, rows_a_card=100))
LONG = Scale(cards=9_995, rows_a_card=1000)


@dataclass(frozen=True)
class _Filled:
    """A database filled to a scale, the service on it, and what to ask it."""

    scale: Scale
    target: Target
    pharmacy: Pharmacy
    last_page: str

    @property
    def first_page(self) -> str:
        """The path of the newest entries of the long card."""
        return _history(self.pharmacy)

    def requests(self, call: str, first_bill: int) -> Iterator[bytes]:
        """Give the requests of a call."""
        customers = replace(self.pharmacy, cards=self.pharmacy.cards[:-1])
        streams = {
            "earn": calls.earn(customers, first_bill),
            "balance": calls.balance(customers),
            "history, page 1": calls.page(self.pharmacy, self.first_page),
            "history, page 1000": calls.page(self.pharmacy, self.last_page),
        }
        return streams[call]


def measure_growth(server: MariaDB, folder: Path, scales: Sequence[Scale], seconds: float) -> list[Figure]:
    """Fill a database for each scale, then measure each call on all of them in turn, several times over.

    Taken in turn, a busy minute of the machine falls on all sizes; of the rounds the one with the least CPU counts, being
    the least disturbed.
    """
    with ExitStack() as stack:
        filled = [stack.enter_context(_filled(server, folder, scale)) for scale in scales]
        figures: list[Figure] = []
        for call in CALLS:
            best: dict[int, Figure] = {}
            for number in range(ROUNDS):
                for place, one in enumerate(filled):
                    label = Label(call, f"{call}, {one.scale.rows:,} rows", CLIENTS)
                    requests = one.requests(call, FIRST_BILL + number * BILLS_A_ROUND)
                    figure = one.target.measure(label, requests, seconds)
                    best[place] = min(best.get(place, figure), figure, key=lambda each: each.total_ms)
            for figure in best.values():
                click.echo(line(figure))
                figures.append(figure)
        return figures


@contextmanager
def _filled(server: MariaDB, folder: Path, scale: Scale) -> Iterator[_Filled]:
    database = mariadb_database(server, f"rows_{scale.rows}")
    pharmacy = open_pharmacy(database, cards=scale.cards + 1)
    cards = [card for card, _ in pharmacy.cards]
    fill_ledger(database, cards[:-1], scale.rows_a_card)
    fill_ledger(database, cards[-1:], ROWS_OF_LONG_CARD)
    with running_target(database, folder) as target:
        target.measure(Label("", "", CLIENTS), calls.earn(pharmacy, FIRST_BILL - BILLS_A_ROUND, pharmacy.cards[:-1]), 2.0)
        yield _Filled(scale, target, pharmacy, _last_page(target, pharmacy))


def _history(pharmacy: Pharmacy) -> str:
    return f"/api/v1/cards/{pharmacy.cards[-1][0]}/transactions?limit={PAGE}"


def _last_page(target: Target, pharmacy: Pharmacy) -> str:
    """Walk the history as a caller would, and give the path of its thousandth page."""
    client = Client(target.live.send, f"Bearer {pharmacy.keys['billing']}", base="")
    path = _history(pharmacy)
    for _ in range(PAGES_TO_THE_LAST - 1):
        cursor = client.get(path).json["nextCursor"]
        if cursor is None:
            raise RuntimeError("the history ended before its thousandth page")
        path = f"{_history(pharmacy)}&cursor={cursor}"
    return path
