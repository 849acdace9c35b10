"""Tills that earn bill after bill, each until it is acknowledged, whatever happens to the service meanwhile."""

import time
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from http.client import HTTPException
from threading import Condition, Event
from types import TracebackType
from typing import Self

from tests.concurrency.pharmacy import Pharmacy
from tests.concurrency.together import assert_try_again
from tests.patience import PATIENCE_SECONDS
from tests.servers.databases import PrivateDatabase

PAUSE_SECONDS = 0.02
EVERY = 5


class Load:
    """Eight tills on a few cards; `acknowledged` are the answers by bill, `interrupted` the bills that had to be sent again."""

    def __init__(self, pharmacy: Pharmacy, cards: Sequence[int], tills: int = 8) -> None:
        """Send nothing before the `with` begins."""
        self.acknowledged: dict[int, str] = {}
        self.interrupted: set[int] = set()
        self._pharmacy = pharmacy
        self._cards = cards
        self._changed = Condition()
        self._enough = Event()
        self._threads = ThreadPoolExecutor(tills)
        self._tills = tills
        self._running: list[Future[None]] = []

    def __enter__(self) -> Self:
        """Open the tills."""
        self._running = [self._threads.submit(self._sell, till) for till in range(self._tills)]
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """Let every till finish the bill it is at, and raise what went wrong at one."""
        self._enough.set()
        self._threads.shutdown()
        if error is None:
            for till in self._running:
                till.result()

    def wait_for(self, *, acknowledged: int = 0, interrupted: int = 0) -> None:
        """Wait until so many more bills were acknowledged, and so many in all interrupted."""
        wanted = len(self.acknowledged) + acknowledged

        def is_there() -> bool:
            failed = any(till.done() for till in self._running)
            return failed or (len(self.acknowledged) >= wanted and len(self.interrupted) >= interrupted)

        with self._changed:
            assert self._changed.wait_for(is_there, PATIENCE_SECONDS), (len(self.acknowledged), len(self.interrupted))

    def assert_each_bill_counts_once(self, database: PrivateDatabase) -> None:
        """Prove that what was acknowledged is there, once, answers as it did before, and that the books balance."""
        rows = database.rows(
            "SELECT bill_id, COUNT(*), SUM(CASE type WHEN 'EARNED' THEN 1 ELSE 0 END) FROM point_transactions"
            " WHERE tenant_id = :tenant AND bill_id IS NOT NULL GROUP BY bill_id",
            tenant=self._pharmacy.tenant.id,
        )
        assert {bill: (int(count), int(earned)) for bill, count, earned in rows} == dict.fromkeys(self.acknowledged, (2, 2))
        # Those that were interrupted, and of the others enough to meet every card and till.
        some = [bill for number, bill in enumerate(self.acknowledged) if bill in self.interrupted or number % EVERY == 0]
        for bill in some:
            first = self.acknowledged[bill]
            again = self._pharmacy.earn(self._card_of(bill), bill)
            assert (again.text, again.headers.get("Idempotent-Replayed")) == (first, "true")
        for card in self._cards:
            bills = [bill for bill in self.acknowledged if self._card_of(bill) == card]
            assert self._pharmacy.balance(card) == 25 * len(bills)
        self._pharmacy.assert_books_balance()

    def _card_of(self, bill: int) -> int:
        return self._cards[bill % len(self._cards)]

    def _sell(self, _till: int) -> None:
        while not self._enough.is_set():
            self._sell_one(self._pharmacy.new_bill())

    def _sell_one(self, bill: int) -> None:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < deadline:
            try:
                answer = self._pharmacy.earn(self._card_of(bill), bill)
            except (OSError, HTTPException):
                # Nobody knows whether it was earned: that is when a till sends it again.
                self._note_interrupted(bill)
                continue
            if answer.status == 200:
                with self._changed:
                    self.acknowledged[bill] = answer.text
                    self._changed.notify_all()
                return
            assert_try_again(answer)
            self._note_interrupted(bill)
        raise AssertionError(f"bill {bill} was not acknowledged within {PATIENCE_SECONDS} s")

    def _note_interrupted(self, bill: int) -> None:
        with self._changed:
            self.interrupted.add(bill)
            self._changed.notify_all()
        # A till does not hammer: it waits a moment, or no longer if the shop closes.
        self._enough.wait(PAUSE_SECONDS)
