"""History is append-only: the database itself refuses to change or remove a row of the ledger."""

import pytest
from sqlalchemy.exc import DBAPIError

from card_service.kit.db.engine import build_engine
from card_service.kit.db.faults import code_of
from tests.guards.pharmacy import Pharmacy, differences, fill, state
from tests.servers.databases import PrivateDatabase
from tests.servers.service import Service, start_service

COMMAND_DENIED = 1142
CHANGES = {
    "update": "UPDATE point_transactions SET points = points + 1 WHERE tenant_id = :tenant",
    "update to the same": "UPDATE point_transactions SET points = points WHERE tenant_id = :tenant",
    "update a word": "UPDATE point_transactions SET description = 'x' WHERE tenant_id = :tenant",
    "move to another tenant": "UPDATE point_transactions SET tenant_id = 1 WHERE tenant_id = :tenant",
    "delete": "DELETE FROM point_transactions WHERE tenant_id = :tenant",
    "delete all": "DELETE FROM point_transactions",
}
REPLACE = "REPLACE INTO point_transactions SELECT * FROM point_transactions WHERE tenant_id = :tenant"
ONLY_ON_MARIADB = {
    "update with a join": "UPDATE point_transactions t JOIN loyalty_cards c ON c.id = t.card_id"
    " SET t.points = 5 WHERE t.tenant_id = :tenant",
    "delete with a join": "DELETE t FROM point_transactions t JOIN loyalty_cards c ON c.id = t.card_id"
    " WHERE t.tenant_id = :tenant",
    "upsert": "INSERT INTO point_transactions SELECT * FROM point_transactions WHERE tenant_id = :tenant"
    " ON DUPLICATE KEY UPDATE point_transactions.points = 5",
    "truncate": "TRUNCATE TABLE point_transactions",
    "drop": "DROP TABLE point_transactions",
    "alter": "ALTER TABLE point_transactions DROP COLUMN points",
    "trigger": "DROP TRIGGER point_transactions_no_update",
}


@pytest.fixture
def pharmacy(service: Service) -> Pharmacy:
    return fill(service)


def test_the_application_may_not_change_the_ledger(service: Service, pharmacy: Pharmacy) -> None:
    before = state(service.database, pharmacy.tenant.id)
    assert len(before["point_transactions"]) > 3
    changes = CHANGES if service.database.kind == "sqlite" else CHANGES | ONLY_ON_MARIADB | {"replace": REPLACE}
    for name, sql in changes.items():
        _assert_refused(service.database, name, sql, pharmacy.tenant.id)
    assert not differences(before, state(service.database, pharmacy.tenant.id))


def test_a_row_of_the_ledger_cannot_be_replaced(own_sqlite: PrivateDatabase) -> None:
    """The one statement of SQLite that removes a row without a DELETE, on a connection as the service makes it."""
    fill(start_service(own_sqlite))
    engine = build_engine(own_sqlite.url)
    try:
        with engine.connect() as connection, pytest.raises(DBAPIError, match="the ledger is append-only"):
            connection.exec_driver_sql("REPLACE INTO point_transactions SELECT * FROM point_transactions")
    finally:
        engine.dispose()


def test_not_even_the_owner_changes_the_ledger(service: Service, pharmacy: Pharmacy) -> None:
    """Where triggers are allowed they stop the owner of the schema, too; a slip by hand is a slip all the same."""
    for name in ("update", "delete"):
        with pytest.raises(DBAPIError, match="the ledger is append-only: post a correction instead"):
            service.database.execute(CHANGES[name], as_owner=True, tenant=pharmacy.tenant.id)


def test_the_application_reads_and_adds(service: Service, pharmacy: Pharmacy) -> None:
    """What is refused above is refused for what it does, not because nothing at all is allowed."""
    count = "SELECT COUNT(*) FROM point_transactions WHERE tenant_id = :tenant"
    ((before,),) = service.database.rows(count, tenant=pharmacy.tenant.id)
    url = f"/cards/{pharmacy.ints['card']}/adjust-points"
    assert pharmacy.tenant.admin.post(url, {"points": 1, "reason": "one more"}).status == 200
    assert service.database.rows(count, tenant=pharmacy.tenant.id) == [(before + 1,)]


def _assert_refused(database: PrivateDatabase, name: str, sql: str, tenant_id: int) -> None:
    with pytest.raises(DBAPIError) as caught:
        database.execute(sql, tenant=tenant_id)
    if database.kind == "mariadb":
        assert code_of(caught.value) == COMMAND_DENIED, f"{name}: {caught.value}"
    else:
        assert "the ledger is append-only" in str(caught.value), f"{name}: {caught.value}"
