"""How often a call goes to the database, COMMIT included: the figure that decides what it costs."""

import contextlib
from collections.abc import Callable, Iterator
from functools import partial

import pytest

from tests.servers.databases import mariadb_database
from tests.servers.mariadb import MariaDB
from tests.servers.service import start_service

CALLS = 5
ITEMS = [{"categoryId": 1, "amount": 500}, {"categoryId": 2, "amount": 500}]


class Questions:
    """Counts what the server is sent, from one connection that is kept: the end of one is counted when the server gets to it."""

    def __init__(self, server: MariaDB) -> None:
        self._connection = server.connect()

    def during(self, call: Callable[[], object]) -> int:
        """Count the statements that a call sends."""
        before = self._read()
        call()
        # The reading after it counts itself.
        return self._read() - before - 1

    def per_call(self, call: Callable[[int], object]) -> float:
        """Count the statements of each of some calls, after a first one that reads the rules of the tenant."""
        call(0)
        return sum(self.during(partial(call, number)) for number in range(1, CALLS + 1)) / CALLS

    def close(self) -> None:
        """End the connection."""
        self._connection.close()

    def _read(self) -> int:
        with self._connection.cursor() as cursor:
            cursor.execute("SHOW GLOBAL STATUS LIKE 'Questions'")
            row = cursor.fetchone()
        assert row is not None
        return int(row[1])


@pytest.fixture
def questions(mariadb: MariaDB) -> Iterator[Questions]:
    with contextlib.closing(Questions(mariadb)) as counter:
        yield counter


def test_an_earn_takes_nine_round_trips_and_a_calculate_five(mariadb: MariaDB, questions: Questions) -> None:
    """Issue 2, section 5: at most 9 per earn and 5 per calculate."""
    database = mariadb_database(mariadb, "round_trips")
    tenant = start_service(database).tenant()
    tenant.admin.put("/card-config", {"isEnabled": True})
    for category, points in ((1, 2), (2, 3)):
        body = {"categoryId": category, "categoryName": f"Category {category}", "pointPercentage": points}
        tenant.admin.post("/card-config/categories", body)
    referrer = tenant.admin.post("/cards", {"customerId": 1}).json["id"]
    card = tenant.admin.post("/cards", {"customerId": 2, "referrerCardId": referrer}).json

    def earn(number: int) -> None:
        body = {"cardNumber": card["cardNumber"], "billId": 100 + number, "billAmount": 1000, "items": ITEMS}
        assert tenant.billing.post("/internal/cards/earn-points", body).json["referrerPointsEarned"] == 5

    def with_campaigns(number: int) -> None:
        body = {"cardNumber": card["cardNumber"], "billId": 300 + number, "billAmount": 1000, "items": ITEMS}
        answer = tenant.billing.post("/internal/cards/earn-points", body).json
        assert [one["applies"] for one in answer["campaigns"]] == [True, True]
        assert answer["pointsEarned"] == 75

    def calculate(number: int) -> None:
        body = {"cardNumber": card["cardNumber"], "billId": 200 + number, "items": ITEMS}
        assert tenant.billing.post("/internal/cards/calculate", body).status == 200

    def quote(_number: int) -> None:
        body = {"cardNumber": card["cardNumber"], "items": ITEMS, "points": 100}
        assert tenant.cashier.post("/internal/cards/calculate", body).status == 200

    assert questions.per_call(earn) <= 9
    assert questions.per_call(calculate) <= 5
    assert questions.per_call(quote) <= 4

    # docs/programme.md section 3: two campaigns with caps cost one locking SELECT and one INSERT more.
    alone = questions.per_call(lambda number: earn(400 + number))
    for multiplier, cap in ((2, {"maxUses": 1000}), (3, {"budget": 100_000})):
        window = {"startsAt": "2026-01-01T00:00:00Z", "endsAt": "2027-01-01T00:00:00Z"}
        body = {"name": f"{multiplier} times", "type": "POINTS_MULTIPLIER", "multiplier": multiplier, **window, **cap}
        made = tenant.admin.post("/campaigns", body).json
        assert tenant.admin.post(f"/campaigns/{made['id']}/activate").status == 200
    assert questions.per_call(with_campaigns) <= alone + 2


def test_tiers_cost_no_further_statement_while_the_figures_run(mariadb: MariaDB, questions: Questions) -> None:
    """Issue 4: the bills of a card are added up by the database only when one of them has fallen out of its window."""
    database = mariadb_database(mariadb, "round_trips_tiers")
    service = start_service(database)
    tenant = service.tenant()
    tenant.admin.put("/card-config", {"isEnabled": True})
    body = {"categoryId": 1, "categoryName": "Category 1", "pointPercentage": 2}
    tenant.admin.post("/card-config/categories", body)
    tenant.admin.post("/tiers/presets", {"preset": "bronze-silver-gold-platinum"})
    referrer = tenant.admin.post("/cards", {"customerId": 1}).json["id"]
    card = tenant.admin.post("/cards", {"customerId": 2, "referrerCardId": referrer}).json

    def earn(number: int) -> None:
        bill = {"cardNumber": card["cardNumber"], "billId": 100 + number, "billAmount": 1000, "items": ITEMS[:1]}
        assert tenant.billing.post("/internal/cards/earn-points", bill).json["tier"]["name"] == "BRONZE"

    def calculate(number: int) -> None:
        bill = {"cardNumber": card["cardNumber"], "billId": 200 + number, "items": ITEMS}
        assert tenant.billing.post("/internal/cards/calculate", bill).json["progress"]["nextTier"]["name"] == "SILVER"

    def give_back(number: int) -> None:
        assert tenant.billing.post("/internal/cards/reverse-points", {"billId": 100 + number}).json["tierChanged"] is None

    assert questions.per_call(earn) <= 9
    assert questions.per_call(calculate) <= 5
    questions.per_call(give_back)
    # A year later every bill has fallen out, and the first earn adds up what is left; all of them came back, so that it also
    # asks which bill is the card's first purchase now.
    service.clock.advance(days=365)
    assert questions.during(lambda: earn(300)) == 11
