"""Settling what nobody has touched: which cards are due, and that settling them again changes nothing."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from card_service.kit.context import Context
from card_service.kit.db.database import Database
from card_service.ledger.settle import due_cards, settle_card
from tests.concurrency.pharmacy import Pharmacy
from tests.points.over_time import hold, points_of
from tests.servers.service import Service

DAY = timedelta(days=1)


class Books:
    """The use cases on the database of a pharmacy, at the instant of its clock."""

    def __init__(self, service: Service, pharmacy: Pharmacy) -> None:
        """Open the database."""
        self._clock, self._tenant = service.clock, pharmacy.tenant.id
        self._database = Database(service.database.url)
        self.engine = self._database.engine

    @property
    def _context(self) -> Context:
        return Context(tenant_id=self._tenant, performed_by="job", now=self._clock.now)

    def due(self, before: datetime, after_id: int = 0, limit: int = 50) -> list[int]:
        """List the cards that are due."""
        return self._database.read(due_cards, self._context, before, after_id, limit)

    def settle(self, card: int) -> tuple[Any, Any, Any]:
        """Settle a card; what became available, what was given back, what expired."""
        done = self._database.transact(settle_card, self._context, card)
        return done.available, done.given_back, done.expired


@pytest.fixture
def pharmacy(service: Service) -> Pharmacy:
    """Open a pharmacy of the test's own whose points wait for two days and last for a month."""
    pharmacy = Pharmacy(service.tenant())
    pharmacy.configure(pendingDays=2, expiryPolicy="ROLLING", expiryMonths=1)
    return pharmacy


def test_each_thing_is_due_at_its_instant_and_done_once(service: Service, pharmacy: Pharmacy) -> None:
    books, now = Books(service, pharmacy), service.clock.now
    card = pharmacy.card(100)
    assert pharmacy.earn(card, pharmacy.new_bill()).status == 200
    assert hold(pharmacy, card, pharmacy.new_bill(), 60).status == 200
    assert books.due(now) == []
    assert books.settle(card) == (0, 0, 0)
    version = pharmacy.show(card)["version"]
    seen = []
    for step in (timedelta(seconds=900), 2 * DAY, 40 * DAY):
        service.clock.now = now + step
        assert books.due(service.clock.now) == [card]
        before = points_of(pharmacy, card)
        seen.append(books.settle(card))
        assert points_of(pharmacy, card) == before
        assert books.due(service.clock.now) == []
        assert books.settle(card) == (0, 0, 0)
    assert seen == [(0, 60, 0), (25, 0, 0), (0, 0, 125)]
    assert pharmacy.show(card)["version"] == version + 3
    pharmacy.assert_books_balance()
    books.engine.dispose()


def test_all_that_is_due_at_once_happens_in_the_order_of_its_instants(service: Service, pharmacy: Pharmacy) -> None:
    books, bill = Books(service, pharmacy), pharmacy.new_bill()
    pharmacy.configure(pendingDays=0)
    card = pharmacy.card()
    assert pharmacy.earn(card, bill).status == 200
    assert hold(pharmacy, card, pharmacy.new_bill(), 25).status == 200
    assert pharmacy.reverse(bill).json["newBalance"] == -25
    pharmacy.configure(pendingDays=2)
    assert pharmacy.earn(card, pharmacy.new_bill(), "400.00").status == 200
    service.clock.advance(days=60)

    # The hold lapsed first and has repaid all of the debt, so that what became available later expired whole.
    assert points_of(pharmacy, card) == (0, 0, 0)
    assert books.settle(card) == (10, 25, 10)
    assert points_of(pharmacy, card) == (0, 0, 0)
    pharmacy.assert_books_balance()
    books.engine.dispose()


def test_due_cards_come_in_pages_by_id(service: Service, pharmacy: Pharmacy) -> None:
    books = Books(service, pharmacy)
    cards = [pharmacy.card() for _ in range(5)]
    for card in cards[1:]:
        assert pharmacy.earn(card, pharmacy.new_bill()).status == 200
    due_at = service.clock.now + 2 * DAY

    assert books.due(due_at - DAY) == []
    assert books.due(due_at, limit=3) == cards[1:4]
    assert books.due(due_at, after_id=cards[3], limit=3) == cards[4:]
    books.engine.dispose()
