"""The limit: the posting of an earn as hand-written SQL over a bare driver, with nothing else around it.

It locks card and referrer, writes the stored answer, three ledger rows, three lots, both cards and the bill, and commits:
the same rows under the same constraints as the service, seven round trips, and no reading, checking or answering.
"""

import itertools
import json
import multiprocessing
import threading
import time
from array import array
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from sqlalchemy.engine import make_url

from bench.database import Meter, require_server
from bench.load import Outcome
from bench.pharmacy import Pharmacy
from bench.report import Figure, Label
from tests.servers.databases import PrivateDatabase

PROCESSES = 2
BILLS_A_PROCESS = 10_000_000
DRIVERS = ("pymysql", "mysqlclient")

_LOCK = (
    "SELECT id, seq, points_balance, points_debt FROM loyalty_cards"
    " WHERE tenant_id = %s AND id IN (%s, %s) ORDER BY id FOR UPDATE"
)
_REMEMBER = (
    "INSERT INTO idempotency_keys (tenant_id, operation, idempotency_key, fingerprint, status, body, created_at)"
    " VALUES (%s, 'earn', %s, %s, 200, %s, %s)"
)
_POST = (
    "INSERT INTO point_transactions (tenant_id, card_id, seq, type, points, balance_after, reference_type, reference_id,"
    " bill_id, bill_amount, category_id, category_name, percentage, performed_by, occurred_at, created_at)"
    " VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)"
)
_OPEN_LOTS = (
    "INSERT INTO point_lots (tenant_id, card_id, opened_card_id, opened_seq, source, original, remaining, debt_repaid,"
    " expired, available_at, bill_id, category_id, created_at) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)"
)
_CREDIT = (
    "UPDATE loyalty_cards SET points_balance = points_balance + IF(id = %s, 25, 5),"
    " total_points_earned = total_points_earned + IF(id = %s, 25, 0),"
    " total_referral_points_earned = total_referral_points_earned + IF(id = %s, 0, 5),"
    " seq = seq + IF(id = %s, 2, 1), version = version + 1, last_transaction_at = %s, updated_at = %s"
    " WHERE tenant_id = %s AND ((id = %s AND seq = %s) OR (id = %s AND seq = %s))"
)
_BILL = (
    "INSERT INTO bills (tenant_id, bill_id, card_id, state, bill_amount, `lines`, points_precision, points_earned,"
    " points_reversed, referrer_card_id, referral_percent, referrer_points_earned, referrer_points_reversed, occurred_at,"
    " earned_at, created_at, updated_at) VALUES (%s, %s, %s, 'OPEN', 1000, %s, 2, 25, 0, %s, 0.5, 5, 0, %s, %s, %s, %s)"
)
# What the service writes for the same bill; the answer is only as long as the real one.
_LINES = json.dumps(
    [
        {
            "category_id": category,
            "category_name": name,
            "loyalty_eligible": True,
            "amount": 500.00,
            "base": 500.00,
            "percentage": percentage,
            "multiplier": 1,
            "points": 5 * percentage,
            "earn_blocked": False,
            "redeem_blocked": False,
        }
        for category, name, percentage in ((1, "Medicines", 2), (2, "Wellness", 3))
    ]
)
_ANSWER, _FINGERPRINT = "x" * 420, "0" * 64


@dataclass(frozen=True)
class _Share:
    """What one process does: its part of the cards, its bill ids, its threads."""

    driver: str
    url: str
    tenant_id: int
    cards: Sequence[tuple[int, int]]
    first_bill: int
    threads: int
    seconds: float


def connect(driver: str, url: str) -> Any:
    """Open a connection of a bare driver, autocommit off, READ COMMITTED."""
    address = make_url(url)
    options: dict[str, Any] = {
        "host": address.host,
        "port": address.port,
        "user": address.username,
        "password": address.password,
        "database": address.database,
        "charset": "utf8mb4",
    }
    if driver == "pymysql":
        import pymysql  # noqa: PLC0415 - only the driver measured is loaded

        connection: Any = pymysql.connect(**options)
    else:
        import MySQLdb  # noqa: PLC0415 - an extra, and only the driver measured is loaded

        connection = MySQLdb.connect(**options)
    cursor = connection.cursor()
    cursor.execute("SET SESSION tx_isolation='READ-COMMITTED', time_zone='+00:00', autocommit=0")
    return connection


def post(connection: Any, tenant_id: int, pair: tuple[int, int], bill: int) -> None:
    """Post one earn of a card and its referrer: 500.00 at 2 %, 500.00 at 3 %, and 0.5 % for the referrer."""
    card, referrer = pair
    cursor = connection.cursor()
    cursor.execute(_LOCK, (tenant_id, card, referrer))
    rows = {row[0]: row[1:] for row in cursor.fetchall()}
    seq, balance, debt = rows[card]
    referrer_seq, referrer_balance, referrer_debt = rows[referrer]
    now = datetime.now(UTC).replace(tzinfo=None)
    cursor.execute(_REMEMBER, (tenant_id, f"bill:{bill}", _FINGERPRINT, _ANSWER, now))
    first, second, third = balance - debt + 10, balance - debt + 25, referrer_balance - referrer_debt + 5
    of_bill = ("BILL", bill, bill, 1000)
    by = ("billing", now, now)
    # Both drivers send the rows of executemany as one INSERT, one round trip, when VALUES holds nothing but parameters.
    cursor.executemany(
        _POST,
        [
            (tenant_id, card, seq + 1, "EARNED", 10, first, *of_bill, 1, "Medicines", 2, *by),
            (tenant_id, card, seq + 2, "EARNED", 15, second, *of_bill, 2, "Wellness", 3, *by),
            (tenant_id, referrer, referrer_seq + 1, "REFERRAL_EARNED", 5, third, *of_bill, None, None, None, *by),
        ],
    )
    cursor.executemany(
        _OPEN_LOTS,
        [
            (tenant_id, card, card, seq + 1, "EARNED", 10, 10, 0, 0, now, bill, 1, now),
            (tenant_id, card, card, seq + 2, "EARNED", 15, 15, 0, 0, now, bill, 2, now),
            (tenant_id, referrer, referrer, referrer_seq + 1, "REFERRAL_EARNED", 5, 5, 0, 0, now, bill, None, now),
        ],
    )
    cursor.execute(_CREDIT, (card, card, card, card, now, now, tenant_id, card, seq, referrer, referrer_seq))
    cursor.execute(_BILL, (tenant_id, bill, card, _LINES, referrer, now, now, now, now))
    connection.commit()


@dataclass(frozen=True)
class Limit:
    """Measures how many such postings a second two processes get through, for some seconds."""

    database: PrivateDatabase
    pharmacy: Pharmacy
    seconds: float

    def measure(self, driver: str, threads: int, first_bill: int, *, one_card: bool = False) -> Figure:
        """Post over `threads` connections in each process: no two of them on the same card, or all on one."""
        server = require_server(self.database)
        context = multiprocessing.get_context("fork")
        pipes: list[Any] = []
        processes = []
        for share in self._shares(driver, threads, first_bill, one_card=one_card):
            here, there = context.Pipe()
            process = context.Process(target=_process, args=(there, share))
            process.start()
            there.close()
            pipes.append(here)
            processes.append(process)
        for pipe in pipes:
            pipe.recv()
        meter = Meter(server)
        for pipe in pipes:
            pipe.send("go")
        done: list[Outcome] = [pipe.recv() for pipe in pipes]
        cost = meter.stop()
        for process in processes:
            process.join()
        together = Outcome(
            seconds=max(one.seconds for one in done),
            latencies=array("d", sorted(itertools.chain.from_iterable(one.latencies for one in done))),
        )
        cost = replace(cost, service_seconds=sum(one.cpu_seconds for one in done))
        label = (
            Label("hot limit", f"hand-written SQL, {driver}, one card", PROCESSES * threads)
            if one_card
            else Label("limit", f"hand-written SQL, {driver}", PROCESSES * threads)
        )
        return Figure.of(label, together, cost)

    def _shares(self, driver: str, threads: int, first_bill: int, *, one_card: bool) -> list[_Share]:
        mine = self.pharmacy
        pairs = [(card, referrer) for (card, _), referrer in zip(mine.cards, mine.referrers, strict=True)]
        if one_card:
            pairs = pairs[:1] * (PROCESSES * threads)
        return [
            _Share(
                driver,
                self.database.url,
                mine.tenant_id,
                pairs[number::PROCESSES],
                first_bill + number * BILLS_A_PROCESS,
                threads,
                self.seconds,
            )
            for number in range(PROCESSES)
        ]


def _process(pipe: Any, share: _Share) -> None:
    connections = [connect(share.driver, share.url) for _ in range(share.threads)]
    pipe.send("ready")
    pipe.recv()
    outcome = Outcome()
    bills = itertools.count(share.first_bill)
    cpu, start = time.process_time(), time.perf_counter()
    threads = [
        threading.Thread(target=_post_for, args=(connection, share, place, bills, outcome.latencies.append))
        for place, connection in enumerate(connections)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    outcome.seconds = time.perf_counter() - start
    outcome.cpu_seconds = time.process_time() - cpu
    for connection in connections:
        connection.close()
    pipe.send(outcome)


def _post_for(connection: Any, share: _Share, place: int, bills: Iterator[int], record: Callable[[float], None]) -> None:
    deadline = time.perf_counter() + share.seconds
    for pair in itertools.cycle(share.cards[place :: share.threads]):
        began = time.perf_counter()
        if began >= deadline:
            return
        post(connection, share.tenant_id, pair, next(bills))
        record(time.perf_counter() - began)
