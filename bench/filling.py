"""Fills the ledger with earns by the hundred thousand, as if each had been posted: bill, entry, lot and stored answer."""

import json
from collections.abc import Sequence

import click

from bench.database import administrator
from tests.servers.databases import PrivateDatabase

ROWS_A_STATEMENT = 100_000
POINTS_A_ROW = 10

# The bill's number follows from the card and the entry; sequences as tables are MariaDB's own.
_BILL = "5000000000 + card.id * 10000 + entry.seq"
_SOURCE = """
  FROM loyalty_cards AS card JOIN seq_2_to_5000 AS entry
 WHERE card.id BETWEEN %(low)s AND %(high)s AND entry.seq <= %(last)s
"""
_AT = "TIMESTAMPADD(SECOND, entry.seq, '2026-01-01')"

_STATEMENTS = tuple(
    head.replace("<bill>", _BILL).replace("<at>", _AT) + _SOURCE
    for head in (
        """
INSERT INTO bills (tenant_id, bill_id, card_id, state, bill_amount, `lines`, points_precision, points_earned,
       points_reversed, referral_percent, referrer_points_earned, referrer_points_reversed, occurred_at, earned_at,
       created_at, updated_at)
SELECT card.tenant_id, <bill>, card.id, 'OPEN', 500, %(lines)s, 2, %(points)s, 0, 0, 0, 0, <at>, <at>, <at>, <at>""",
        """
INSERT INTO point_transactions (tenant_id, card_id, seq, type, points, balance_after, reference_type, reference_id,
       bill_id, bill_amount, category_id, category_name, percentage, performed_by, occurred_at, created_at)
SELECT card.tenant_id, card.id, entry.seq, 'EARNED', %(points)s, card.points_balance + %(points)s * (entry.seq - 1), 'BILL',
       <bill>, <bill>, 500, 1, 'Medicines', 2, 'bench', <at>, <at>""",
        """
INSERT INTO point_lots (tenant_id, card_id, opened_card_id, opened_seq, source, original, remaining, debt_repaid, expired,
       available_at, bill_id, category_id, created_at)
SELECT card.tenant_id, card.id, card.id, entry.seq, 'EARNED', %(points)s, %(points)s, 0, 0, <at>, <bill>, 1, <at>""",
        """
INSERT INTO idempotency_keys (tenant_id, operation, idempotency_key, fingerprint, status, body, created_at)
SELECT card.tenant_id, 'earn-points', CONCAT('bill:', <bill>), REPEAT('0', 64), 200, '{}', <at>""",
    )
)
_UPDATE = """
UPDATE loyalty_cards SET points_balance = points_balance + %(points)s * (%(last)s - 1), seq = %(last)s, version = %(last)s,
       total_points_earned = %(points)s * (%(last)s - 1), first_earned_at = NOW(6), last_transaction_at = NOW(6)
 WHERE id BETWEEN %(low)s AND %(high)s
"""
_LINES = json.dumps(
    [
        {
            "category_id": 1,
            "category_name": "Medicines",
            "loyalty_eligible": True,
            "amount": 500.00,
            "base": 500.00,
            "percentage": 2.00,
            "multiplier": 1,
            "points": 10.00,
            "earn_blocked": False,
            "redeem_blocked": False,
        }
    ]
)


def fill_ledger(database: PrivateDatabase, cards: Sequence[int], rows_a_card: int) -> None:
    """Bring cards that have their opening entry only to `rows_a_card` entries each; `cards` are adjacent ids, ascending."""
    at_once = max(1, ROWS_A_STATEMENT // rows_a_card)
    steps = [cards[place : place + at_once] for place in range(0, len(cards), at_once)]
    with administrator(database) as connection, connection.cursor() as cursor:
        # The rows are right by construction; checking each key again would only make the filling slow.
        cursor.execute("SET time_zone='+00:00', foreign_key_checks=0, unique_checks=0")
        with click.progressbar(steps, label=f"filling {len(cards) * rows_a_card:,} ledger rows") as bar:
            for step in bar:
                values = {"low": step[0], "high": step[-1], "last": rows_a_card, "points": POINTS_A_ROW, "lines": _LINES}
                for statement in (*_STATEMENTS, _UPDATE):
                    cursor.execute(statement, values)
        cursor.execute("ANALYZE TABLE loyalty_cards, point_transactions, point_lots, bills, idempotency_keys")
