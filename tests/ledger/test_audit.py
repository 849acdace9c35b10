"""The audit finds every kind of wrong row, and nothing where nothing is wrong.

Each test falsifies rows in a transaction of its own, audits inside it, and takes it back: the run's own audit
at its end must find the books in order.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import Connection, text

from card_service.kit.context import Context
from card_service.kit.db.engine import build_engine
from card_service.kit.db.session import Session
from card_service.ledger.audit import CardAudit, audit_card
from card_service.ledger.audit_tenant import BATCH, audit_batch, count_cards
from tests.ledger.story import BILL, Story, balance_of, done, tell
from tests.servers.clock import NOON_OF_A_MONDAY
from tests.servers.databases import PrivateDatabase
from tests.servers.service import Service

CARDS = "UPDATE loyalty_cards SET {} WHERE tenant_id = :tenant AND id = :card"
LOTS = "UPDATE point_lots SET {} WHERE tenant_id = :tenant AND card_id = :card AND source = 'EARNED'"
SPENDS = "UPDATE lot_spends SET {} WHERE tenant_id = :tenant AND card_id = :card AND redemption_id IS NOT NULL"
BILLS = "UPDATE bills SET {} WHERE tenant_id = :tenant AND card_id = :card"
REDEMPTIONS = "UPDATE redemptions SET {} WHERE tenant_id = :tenant AND card_id = :card"
ENTRY = (
    "INSERT INTO point_transactions (tenant_id, card_id, seq, type, points, balance_after, reference_type, bill_id,"
    " performed_by, occurred_at, created_at) SELECT tenant_id, card_id, seq + {gap}, '{type}', {points}, balance_after + {after},"
    " reference_type, {bill}, performed_by, occurred_at, created_at FROM point_transactions"
    " WHERE tenant_id = :tenant AND card_id = :card ORDER BY seq DESC LIMIT 1"
)
# `one` point, in the units of the column, is put in for {one}: SQLite keeps hundredths.
FORGERIES = {
    "balance": (CARDS.format("points_balance = points_balance + {one}"), "balance and pending points"),
    "pending": (CARDS.format("points_pending = points_pending + {one}"), "balance and pending points"),
    "pending lot": (LOTS.format("is_pending = 1"), "pending points are those of the pending lots"),
    "date": (LOTS.format("expires_at = '2026-04-01 00:00:00.000000'"), "no lots fall due before the card says so"),
    "hold": (
        REDEMPTIONS.format("status = 'HELD', hold_expires_at = '2026-04-01 00:00:00.000000'"),
        "has given back all if it is over, and nothing before",
    ),
    "end of a hold": (
        REDEMPTIONS.format("status = 'HELD', hold_expires_at = '2026-04-01 00:00:00.000000'"),
        "no holds fall due before the card says so",
    ),
    "hold given back": (REDEMPTIONS.format("status = 'RELEASED'"), "has given back all if it is over, and nothing before"),
    "debt": (CARDS.format("points_debt = points_debt + {one}"), "less the debt"),
    "counter": (CARDS.format("seq = seq + 1"), "as many entries as the card has counted"),
    "total earned": (CARDS.format("total_points_earned = total_points_earned + {one}"), "total points earned"),
    "total redeemed": (CARDS.format("total_points_redeemed = total_points_redeemed + {one}"), "total points redeemed"),
    "total referral": (CARDS.format("total_referral_points_earned = {one}"), "total referral points"),
    "lot": (LOTS.format("remaining = remaining - {one}"), "what remains in the lots"),
    "lot of its own": (LOTS.format("remaining = remaining - {one}"), "holds what was put in less what was taken out"),
    "lot expired": (LOTS.format("expired = expired + {one}"), "holds what was put in less what was taken out"),
    "spend": (SPENDS.format("points = points + {one}"), "took out of lots what it redeemed"),
    "spend of an entry": (SPENDS.format("seq = seq + 1"), "took out of lots what it redeemed"),
    "restored": (REDEMPTIONS.format("points_restored = points_restored - {one}"), "gave back what its lots have got back"),
    "bill": (BILLS.format("points_earned = points_earned + {one}"), f"bill {BILL} has earned what was posted for it"),
    "bill reversed": (BILLS.format("points_reversed = points_reversed - {one}"), "what was reversed of it"),
    "bill lines": (BILLS.format("`lines` = '[]'"), f"the lines of bill {BILL} add up to what it has earned"),
    "bill gone": (BILLS.format("bill_id = 4711"), f"bill {BILL} has earned what was posted for it"),
    "bonus of no bill": (
        ENTRY.format(gap=1, type="BONUS", points="{one}", after="{one}", bill=str(BILL)),
        "the bonuses of bills are those that were posted",
    ),
    "entry doubled": (
        ENTRY.format(gap=1, type="ADJUSTED", points="{one}", after="{one}", bill="NULL"),
        "balance and pending points",
    ),
    "entry with a gap": (
        ENTRY.format(gap=5, type="ADJUSTED", points="{one}", after="{one}", bill="NULL"),
        "numbered without a gap",
    ),
    "entry of a bill": (
        ENTRY.format(gap=1, type="EARNED", points="{one}", after="{one}", bill=str(BILL)),
        f"bill {BILL} has earned",
    ),
    "running balance": (
        ENTRY.format(gap=1, type="ADJUSTED", points="{one}", after="0", bill="NULL")
        + ";"
        + CARDS.format("points_balance = points_balance + {one}, seq = seq + 1"),
        "the running balance of the last entry",
    ),
}


@contextmanager
def falsified(database: PrivateDatabase, story: Story, sql: str) -> Iterator[Connection]:
    """Change rows, and take it back afterwards."""
    engine = build_engine(database.url)
    one = "100" if database.kind == "sqlite" else "1.00"
    try:
        with engine.connect() as connection:
            # The service begins SQLite's transactions itself (kit/db/database.py); a statement alone would commit.
            connection.exec_driver_sql("BEGIN")
            for statement in filter(None, sql.format(one=one).split(";")):
                params = {"tenant": story.tenant_id, "card": story.card_id}
                assert connection.execute(text(statement), params).rowcount > 0
            yield connection
            connection.rollback()
    finally:
        engine.dispose()


def audited(connection: Connection, story: Story, card_id: int | None = None) -> CardAudit:
    """Audit one card of the story."""
    session = Session(connection, story.tenant_id, {})
    found = audit_card(session, context_of(story), story.card_id if card_id is None else card_id)
    assert found is not None
    return found


def context_of(story: Story) -> Context:
    return Context(tenant_id=story.tenant_id, performed_by="test", now=NOON_OF_A_MONDAY)


@pytest.mark.parametrize("name", FORGERIES)
def test_a_falsified_row_is_found(service: Service, database: PrivateDatabase, name: str) -> None:
    story = tell(service.tenant())
    sql, check = FORGERIES[name]
    with falsified(database, story, sql) as connection:
        proof = audited(connection, story)
        assert not proof.balanced
        assert any(check in difference.check for difference in proof.differences), proof.differences
        assert all(difference.expected != difference.found for difference in proof.differences)
        # The card beside it is not blamed.
        assert audited(connection, story, story.referrer_id).balanced


def test_the_whole_tenant_is_proved_in_batches_and_names_the_wrong_card(service: Service, database: PrivateDatabase) -> None:
    tenant = service.tenant()
    story = tell(tenant)
    with falsified(database, story, FORGERIES["balance"][0]) as connection:
        session = Session(connection, story.tenant_id, {})
        assert count_cards(session, context_of(story)) == 2 < BATCH
        proofs = audit_batch(session, context_of(story), 0)
        assert {proof.card_id: proof.balanced for proof in proofs} == {story.referrer_id: True, story.card_id: False}
        assert audit_batch(session, context_of(story), proofs[-1].card_id) == []


def test_right_books_have_no_difference(service: Service) -> None:
    tenant = service.tenant()
    story = tell(tenant)
    for card_id in (story.card_id, story.referrer_id):
        answer = done(tenant.admin.get(f"/cards/{card_id}/audit")).json
        assert answer == {"cardId": card_id, "balanced": True, "differences": [], "unsettledPoints": Decimal(0)}


def test_a_lot_past_its_date_is_counted_apart(service: Service) -> None:
    tenant = service.tenant()
    story = tell(tenant)
    today: date = service.clock.now.date()
    body: dict[str, Any] = {"points": 40, "reason": "gift", "expiresAt": today + timedelta(days=2)}
    done(tenant.admin.post(f"/cards/{story.card_id}/adjust-points", body))
    before = balance_of(tenant, story.card_id)
    assert done(tenant.admin.get(f"/cards/{story.card_id}/audit")).json["unsettledPoints"] == 0
    service.clock.advance(days=5)
    assert balance_of(tenant, story.card_id) == before - 40
    proof = done(tenant.admin.get(f"/cards/{story.card_id}/audit")).json
    assert (proof["balanced"], proof["unsettledPoints"]) == (True, Decimal(40))


def test_merged_cards_add_up_together(service: Service) -> None:
    tenant = service.tenant()
    story = tell(tenant)
    target = done(tenant.admin.post("/cards", {"customerName": "Customer again"})).json["id"]
    done(tenant.admin.post(f"/cards/{target}/merge", {"sourceCardId": story.card_id}))
    done(tenant.billing.post("/internal/cards/reverse-points", {"billId": BILL}))
    for card_id in (target, story.card_id, story.referrer_id):
        proof = done(tenant.admin.get(f"/cards/{card_id}/audit")).json
        assert proof["differences"] == []
    assert balance_of(tenant, target) == 100
