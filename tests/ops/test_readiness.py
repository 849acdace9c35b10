"""`/readyz` says 503 when requests could not be served, and why; `/healthz` goes on."""

from card_service import migrate
from tests.servers.databases import PrivateDatabase
from tests.servers.service import start_service


def test_a_database_behind_is_not_ready(own_sqlite: PrivateDatabase) -> None:
    service = start_service(own_sqlite)
    own_sqlite.execute("UPDATE alembic_version SET version_num = '0001'")
    answer = service.root.get("/readyz")
    own_sqlite.execute(f"UPDATE alembic_version SET version_num = '{migrate.head_revision()}'")
    assert answer.status == 503
    assert answer.json["checks"] == {"database": "ok", "migrations": "behind: run `card-service db upgrade`"}
    assert service.root.get("/readyz").status == 200


def test_a_database_that_is_gone_is_not_ready_and_comes_back(own_mariadb: PrivateDatabase) -> None:
    service = start_service(own_mariadb)
    assert own_mariadb.server is not None
    assert service.root.get("/readyz").status == 200
    own_mariadb.server.kill()
    answer = service.root.get("/readyz")
    assert (answer.status, answer.json["checks"]["database"]) == (503, "unreachable")
    assert service.root.get("/healthz").status == 200
    own_mariadb.server.start()
    assert service.root.get("/readyz").status == 200
