"""The pharmacy that is measured: one tenant, its cards (each with a referrer and plenty of points), its categories."""

import json
from collections.abc import Sequence
from dataclasses import dataclass

from pymysql.cursors import Cursor

from bench.database import administrator
from tests.servers.commands import card_service
from tests.servers.databases import PrivateDatabase

POINTS = 1_000_000
"""What every card starts with, so that no redemption ever runs out."""

CATEGORIES = ((1, "Medicines", "2.00"), (2, "Wellness", "3.00"))


@dataclass(frozen=True)
class Pharmacy:
    """A tenant with its API keys by role, and its cards as pairs of id and number; every card has a referrer."""

    tenant_id: int
    keys: dict[str, str]
    cards: Sequence[tuple[int, str]]
    referrers: Sequence[int]


def open_pharmacy(database: PrivateDatabase, *, cards: int, name: str = "Bench Pharmacy") -> Pharmacy:
    """Make a tenant by command and `cards` customers and as many referrers by bulk insert; the books balance."""
    done = card_service(database, "tenant", "create", name, "--json")
    if done.returncode:
        raise RuntimeError(f"card-service tenant create failed:\n{done.stderr}")
    made = json.loads(done.stdout)
    return fill_pharmacy(database, made["tenantId"], made["keys"], cards)


def fill_pharmacy(database: PrivateDatabase, tenant_id: int, keys: dict[str, str], cards: int) -> Pharmacy:
    """Give a tenant its configuration and its cards, each with one adjustment that the points came by."""
    with administrator(database) as connection, connection.cursor() as cursor:
        cursor.execute("SET time_zone='+00:00'")
        _configure(cursor, tenant_id)
        referrers = insert_cards(cursor, tenant_id, cards, f"REF-{tenant_id}-", referrers=())
        customers = insert_cards(cursor, tenant_id, cards, f"CARD-{tenant_id}-", referrers=referrers)
        numbers = [f"CARD-{tenant_id}-{place:07d}" for place in range(cards)]
    return Pharmacy(tenant_id, keys, list(zip(customers, numbers, strict=True)), referrers)


def insert_cards(cursor: Cursor, tenant_id: int, count: int, prefix: str, referrers: Sequence[int]) -> list[int]:
    """Insert cards numbered `<prefix>0000000` upwards with their opening balance; gives their ids in that order."""
    cursor.executemany(
        "INSERT INTO loyalty_cards (tenant_id, card_number, referrer_card_id, points_balance, points_pending, points_debt,"
        " total_points_earned, total_points_redeemed, total_referral_points_earned, status, issued_at, seq, version,"
        " created_at, updated_at) VALUES (%s, %s, %s, %s, 0, 0, 0, 0, 0, 'ACTIVE', NOW(6), 1, 1, NOW(6), NOW(6))",
        [(tenant_id, f"{prefix}{place:07d}", referrers[place] if referrers else None, POINTS) for place in range(count)],
    )
    mine = (tenant_id, f"{prefix}%")
    cursor.execute(
        "INSERT INTO card_numbers (tenant_id, card_number, card_id)"
        " SELECT tenant_id, card_number, id FROM loyalty_cards WHERE tenant_id = %s AND card_number LIKE %s",
        mine,
    )
    cursor.execute(
        "INSERT INTO point_transactions (tenant_id, card_id, seq, type, points, balance_after, reference_type, performed_by,"
        " description, occurred_at, created_at) SELECT tenant_id, id, 1, 'ADJUSTED', points_balance, points_balance,"
        " 'ADJUSTMENT', 'bench', 'opening balance', NOW(6), NOW(6)"
        " FROM loyalty_cards WHERE tenant_id = %s AND card_number LIKE %s",
        mine,
    )
    cursor.execute(
        "INSERT INTO point_lots (tenant_id, card_id, opened_card_id, opened_seq, source, original, remaining, debt_repaid,"
        " expired, available_at, created_at) SELECT tenant_id, id, id, 1, 'ADJUSTED', points_balance, points_balance, 0, 0,"
        " NOW(6), NOW(6) FROM loyalty_cards WHERE tenant_id = %s AND card_number LIKE %s",
        mine,
    )
    cursor.execute(
        "SELECT id FROM loyalty_cards WHERE tenant_id = %s AND card_number LIKE %s ORDER BY card_number",
        mine,
    )
    return [row[0] for row in cursor.fetchall()]


def _configure(cursor: Cursor, tenant_id: int) -> None:
    cursor.execute("UPDATE card_configurations SET is_enabled = 1, version = version + 1 WHERE tenant_id = %s", (tenant_id,))
    cursor.executemany(
        "INSERT INTO category_point_configs (tenant_id, category_id, category_name, point_percentage, is_active, created_at,"
        " updated_at) VALUES (%s, %s, %s, %s, 1, NOW(6), NOW(6))",
        [(tenant_id, *category) for category in CATEGORIES],
    )
