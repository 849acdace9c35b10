"""Whether requests become dearer as the ledger grows: the same calls at ten thousand, a million and ten million rows."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import click

from bench import calls
from bench.filling import fill_ledger
from bench.pharmacy import Pharmacy, open_pharmacy
from bench.report import Figure, Label, line
from bench.service import Target, running_target
from tests.servers.clients import Client
from tests.servers.databases import PrivateDatabase

CLIENTS = 8
PAGE = 5
PAGES_TO_THE_LAST = 1000
ROWS_OF_LONG_CARD = PAGE * PAGES_TO_THE_LAST
FIRST_BILL = 1_000_000_000


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


@dataclass
class Growth:
    """Fills one tenant after the other, each larger than the last, and measures the same calls on each."""

    database: PrivateDatabase
    folder: Path
    seconds: float

    def run(self, scales: Sequence[Scale]) -> list[Figure]:
        """Fill and measure every size; the figures come size by size."""
        figures: list[Figure] = []
        for scale in scales:
            pharmacy = open_pharmacy(self.database, cards=scale.cards + 1, name=f"Growth {scale.rows}")
            cards = [card for card, _ in pharmacy.cards]
            fill_ledger(self.database, cards[:-1], scale.rows_a_card)
            fill_ledger(self.database, cards[-1:], ROWS_OF_LONG_CARD)
            with running_target(self.database, self.folder) as target:
                figures += self._measure(target, pharmacy, scale)
        return figures

    def _measure(self, target: Target, pharmacy: Pharmacy, scale: Scale) -> list[Figure]:
        long_card = pharmacy.cards[-1][0]
        mine = replace(pharmacy, cards=pharmacy.cards[:-1])
        history = f"/api/v1/cards/{long_card}/transactions?limit={PAGE}"
        bills = FIRST_BILL
        target.measure(Label("", "", CLIENTS), calls.earn(mine, bills), 2.0)
        last = f"{history}&cursor={_cursor_of_last_page(target, pharmacy, long_card)}"
        streams = {
            "earn": calls.earn(mine, bills + 10_000_000),
            "balance": calls.balance(mine),
            "history, page 1": calls.page(pharmacy, history),
            "history, page 1000": calls.page(pharmacy, last),
        }
        figures = []
        for call, requests in streams.items():
            figure = target.measure(Label(call, f"{call}, {scale.rows:,} rows", CLIENTS), requests, self.seconds)
            click.echo(line(figure))
            figures.append(figure)
        return figures


def _cursor_of_last_page(target: Target, pharmacy: Pharmacy, card: int) -> str:
    """Walk the history as a caller would; the cursor that the page before the thousandth gives."""
    client = Client(target.live.send, f"Bearer {pharmacy.keys['billing']}")
    cursor: str | None = None
    for _ in range(PAGES_TO_THE_LAST - 1):
        answer = client.get(f"/cards/{card}/transactions", limit=PAGE, cursor=cursor)
        cursor = answer.json["nextCursor"]
        if cursor is None:
            raise RuntimeError("the history ended before its thousandth page")
    return str(cursor)
