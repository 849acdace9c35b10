"""The parts of one run, in their order, each on the same database and pharmacy."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

from bench import calls
from bench.limit import DRIVERS, Limit
from bench.pharmacy import Pharmacy, open_pharmacy
from bench.programme import measure_programme, open_programme
from bench.report import HEADER, Figure, Label, line
from bench.service import Target, has_driver, running_target
from tests.servers.databases import PrivateDatabase

EARN_CLIENTS = (1, 8, 32, 256, 1000)
LIMIT_THREADS = (1, 4, 8)
HOT_LIMIT_THREADS = 2
CALL_CLIENTS = 32
OPEN_LOOP_A_MINUTE = (5000, 15000)
OPEN_LOOP_CLIENTS = 64
BILLS_A_PART = 10_000_000


@dataclass(frozen=True)
class Size:
    """How long each part runs, and on how many cards."""

    seconds: float
    open_loop_seconds: float
    cards: int


FULL = Size(seconds=10.0, open_loop_seconds=30.0, cards=4000)
QUICK = Size(seconds=3.0, open_loop_seconds=5.0, cards=2000)


@dataclass
class Suite:
    """Runs the parts asked for and keeps their figures."""

    database: PrivateDatabase
    folder: Path
    size: Size
    figures: list[Figure] = field(default_factory=list)
    _next_bill: int = 1

    def run(self, parts: Iterable[str]) -> list[Figure]:
        """Run the parts in the order of `PARTS`, whatever order they are given in."""
        wanted = set(parts)
        pharmacy = open_pharmacy(self.database, cards=self.size.cards)
        print(HEADER)
        if "limit" in wanted:
            self._limit(pharmacy)
        for driver in DRIVERS:
            asked = wanted - {"limit", "drivers"} if driver == "pymysql" else wanted & {"drivers"}
            if asked and has_driver(driver):
                with running_target(self.database, self.folder, driver) as target:
                    self._warm_up(target, pharmacy)
                    for part, measure in PARTS.items():
                        if part in asked:
                            measure(self, target, pharmacy)
        return self.figures

    def _limit(self, pharmacy: Pharmacy) -> None:
        limit = Limit(self.database, pharmacy, self.size.seconds)
        for driver in DRIVERS:
            if not has_driver(driver):
                print(f"  {driver} is not installed (an extra): its figures are left out")
                continue
            for threads in LIMIT_THREADS:
                self._keep(limit.measure(driver, threads, self._bills()))

    def earn(self, target: Target, pharmacy: Pharmacy) -> None:
        """Measure earns with few and with very many clients."""
        for clients in EARN_CLIENTS:
            requests = calls.earn(pharmacy, self._bills())
            self._measure(target, "earn", f"earn, {clients} clients", requests, clients)

    def calls(self, target: Target, pharmacy: Pharmacy) -> None:
        """Measure the other calls."""
        self._measure(target, "calculate", "calculate", calls.calculate(pharmacy))
        bill = calls.calculate_bill(pharmacy, self._bills())
        self._measure(target, "calculate", "calculate that remembers its bill", bill)
        self._measure(target, "redeem", "redeem", calls.redeem(pharmacy, self._bills()))
        first = self._bills()
        earned = self._measure(target, "reverse", "earn, to be reversed", calls.earn(pharmacy, first))
        reversals = calls.reverse(pharmacy, range(first, first + earned.requests))
        self._measure(target, "reverse", "reverse (whole bill)", reversals)
        self._measure(target, "balance", "balance", calls.balance(pharmacy))

    def open_loop(self, target: Target, pharmacy: Pharmacy) -> None:
        """Measure earns that arrive at a fixed rate, whether or not the earlier ones are answered."""
        for a_minute in OPEN_LOOP_A_MINUTE:
            label = Label("open", f"earn, {a_minute:,} a minute", OPEN_LOOP_CLIENTS, a_minute / 60)
            requests = calls.earn(pharmacy, self._bills())
            self._keep(target.measure(label, requests, self.size.open_loop_seconds))

    def hot_card(self, target: Target, pharmacy: Pharmacy) -> None:
        """Measure earns that are all on one card, after what hand-written SQL can do there: a lock lets one in at a time."""
        limit = Limit(self.database, pharmacy, self.size.seconds)
        self._keep(limit.measure(DRIVERS[0], HOT_LIMIT_THREADS, self._bills(), one_card=True))
        requests = calls.earn(pharmacy, self._bills(), pharmacy.cards[:1])
        self._measure(target, "hot", "earn, all on one card", requests)

    def programme(self, target: Target, pharmacy: Pharmacy) -> None:
        """Measure what tiers, two campaigns and a referrer add to an earn."""
        full = open_programme(target, self.size.cards)
        for figure in measure_programme(target, pharmacy, full, self._bills(), self.size.seconds):
            self._keep(figure)

    def drivers(self, target: Target, pharmacy: Pharmacy) -> None:
        """Measure the same earn through the C driver."""
        requests = calls.earn(pharmacy, self._bills())
        self._measure(target, "drivers", "earn, 32 clients, mysqlclient", requests)

    def _warm_up(self, target: Target, pharmacy: Pharmacy) -> None:
        target.measure(Label("", "", 16), calls.earn(pharmacy, self._bills()), 2.0)

    def _measure(self, target: Target, part: str, name: str, requests: Iterable[bytes], clients: int = CALL_CLIENTS) -> Figure:
        return self._keep(target.measure(Label(part, name, clients), requests, self.size.seconds))

    def _keep(self, figure: Figure) -> Figure:
        self.figures.append(figure)
        print(line(figure), flush=True)
        return figure

    def _bills(self) -> int:
        first = self._next_bill
        self._next_bill += 10 * BILLS_A_PART
        return first


PARTS: dict[str, Callable[[Suite, Target, Pharmacy], None]] = {
    "earn": Suite.earn,
    "calls": Suite.calls,
    "open": Suite.open_loop,
    "hot": Suite.hot_card,
    "programme": Suite.programme,
    "drivers": Suite.drivers,
}
ALL_PARTS = ("limit", *PARTS)
