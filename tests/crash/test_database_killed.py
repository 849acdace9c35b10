"""Kill -9 of the database in the middle of the load, and its return."""

from pathlib import Path

from tests.concurrency.pharmacy import Pharmacy
from tests.crash.load import Load
from tests.servers.databases import PrivateDatabase
from tests.servers.processes import running_server


def test_what_was_acknowledged_survives_the_database_and_what_was_not_lands_once(
    own_mariadb: PrivateDatabase, tmp_path: Path
) -> None:
    assert own_mariadb.server is not None
    with running_server(own_mariadb, tmp_path) as server:
        pharmacy = Pharmacy(server.tenant())
        with Load(pharmacy, [pharmacy.card() for _ in range(4)]) as load:
            load.wait_for(acknowledged=60)
            own_mariadb.server.kill()
            load.wait_for(interrupted=6)
            own_mariadb.server.start()
            load.wait_for(acknowledged=60)

        load.assert_each_bill_counts_once(own_mariadb)
        assert server.root.get("/readyz").status == 200
