"""`card-service audit` names the first card that does not add up, and what is wrong with it."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.ledger.story import Story, tell
from tests.servers.commands import card_service
from tests.servers.databases import PrivateDatabase, mariadb_database, sqlite_database
from tests.servers.mariadb import MariaDB
from tests.servers.service import start_service


@pytest.fixture(params=["sqlite", "mariadb"])
def books(request: pytest.FixtureRequest, tmp_path: Path, mariadb: MariaDB) -> Iterator[PrivateDatabase]:
    """Give a database whose books may be left wrong."""
    yield sqlite_database(tmp_path) if request.param == "sqlite" else mariadb_database(mariadb, "wrong_books")
    if request.param == "mariadb":
        with mariadb.connect() as connection, connection.cursor() as cursor:
            cursor.execute("DROP DATABASE wrong_books")


@pytest.fixture
def stories(books: PrivateDatabase) -> list[Story]:
    """Give three tenants with two cards each."""
    service = start_service(books)
    told = [tell(service.tenant()) for _ in range(3)]
    service.app.extensions["database"].engine.dispose()
    return told


def test_right_books_are_told_in_one_line(books: PrivateDatabase, stories: list[Story]) -> None:
    done = card_service(books, "audit")
    assert (done.returncode, done.stdout) == (0, "6 cards of 3 tenants: every balance adds up\n")
    assert "Auditing" in done.stderr
    one = card_service(books, "audit", "--tenant", str(stories[1].tenant_id), "--json")
    assert json.loads(one.stdout) == {"balanced": True, "cards": 2, "tenants": 1, "unsettledPoints": 0.0, "wrong": None}


def test_the_first_wrong_card_is_named_with_each_difference(books: PrivateDatabase, stories: list[Story]) -> None:
    wrong = stories[1]
    one = 100 if books.kind == "sqlite" else 1
    changed = books.execute(
        "UPDATE loyalty_cards SET points_balance = points_balance + :one, total_points_redeemed = total_points_redeemed + :one"
        " WHERE tenant_id = :tenant AND id = :card",
        one=one,
        tenant=wrong.tenant_id,
        card=wrong.card_id,
    )
    assert changed == 1
    done = card_service(books, "audit")
    assert (done.returncode, done.stdout) == (1, "")
    said = done.stderr.splitlines()
    assert f"Card {wrong.card_id} of tenant {wrong.tenant_id} does not add up:" in said
    assert "  total points redeemed are those redeemed less those given back: 30.00 expected, 31.00 found" in said
    assert any(line.startswith("  balance and pending points are the sum of the ledger: ") for line in said)

    done = card_service(books, "audit", "--json")
    named = json.loads(done.stdout)
    assert (done.returncode, named["balanced"]) == (1, False)
    assert (named["wrong"]["tenantId"], named["wrong"]["cardId"]) == (wrong.tenant_id, wrong.card_id)
    assert len(named["wrong"]["differences"]) == 2

    assert card_service(books, "audit", "--tenant", str(stories[0].tenant_id)).returncode == 0
