"""SIGTERM in the middle of the load: whatever was asked is answered, then the service ends."""

import json
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from http.client import HTTPConnection
from pathlib import Path
from threading import Barrier

import pytest

from tests.concurrency.held import cards_locked, wait_until_blocked
from tests.concurrency.pharmacy import INTERNAL, Pharmacy
from tests.patience import PATIENCE_SECONDS
from tests.servers.clients import BASE
from tests.servers.databases import PrivateDatabase
from tests.servers.kept_alive import WARM_UP_ANSWERS, ask_until_told_to_go
from tests.servers.processes import LiveServer, running_server

TILLS = 8


def test_a_stop_under_load_answers_every_request_that_was_sent(database: PrivateDatabase, tmp_path: Path) -> None:
    warm = Barrier(TILLS + 1)
    with ThreadPoolExecutor(TILLS) as threads, running_server(database, tmp_path) as server:
        pharmacy = Pharmacy(server.tenant())
        cards = [pharmacy.card() for _ in range(TILLS)]
        tills = [threads.submit(ask_until_told_to_go, server.port, partial(_sell, pharmacy, card), warm) for card in cards]
        warm.wait(PATIENCE_SECONDS)
        assert server.stop() == 0
        sold = [till.result() for till in tills]

    assert min(sold) >= WARM_UP_ANSWERS
    assert sum(sold) > TILLS * WARM_UP_ANSWERS
    rows = database.rows(
        "SELECT card_id, COUNT(*) FROM bills WHERE tenant_id = :tenant GROUP BY card_id", tenant=pharmacy.tenant.id
    )
    assert dict(map(tuple, rows)) == dict(zip(cards, sold, strict=True))


@pytest.mark.parametrize("database", ["mariadb"], indirect=True)
def test_a_request_that_waits_for_a_lock_is_finished_before_the_service_ends(database: PrivateDatabase, tmp_path: Path) -> None:
    assert database.server is not None
    with running_server(database, tmp_path) as server, ThreadPoolExecutor(2) as threads:
        pharmacy = Pharmacy(server.tenant())
        card, bill = pharmacy.card(), pharmacy.new_bill()
        with cards_locked(database, [card]):
            waiting = threads.submit(pharmacy.earn, card, bill)
            wait_until_blocked(database.server)
            stopping = threads.submit(server.stop)
            while not stopping.done() and _is_ready(server):
                pass
        assert waiting.result().json["pointsEarned"] == 25
        assert stopping.result() == 0

    assert database.rows("SELECT state FROM bills WHERE tenant_id = :tenant", tenant=pharmacy.tenant.id) == [("OPEN",)]


def _is_ready(server: LiveServer) -> bool:
    try:
        return server.root.get("/readyz").status == 200
    except OSError:
        return False


def _sell(pharmacy: Pharmacy, card: int, connection: HTTPConnection) -> None:
    headers = {"Authorization": f"Bearer {pharmacy.tenant.keys['billing']}", "Content-Type": "application/json"}
    items = [{"categoryId": 1, "amount": 100}]
    body = {"cardId": card, "billId": pharmacy.new_bill(), "billAmount": 100, "items": items}
    connection.request("POST", f"{BASE}{INTERNAL}/earn-points", json.dumps(body), headers)
