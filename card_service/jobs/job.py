"""What a job is, and what it works with: the tenant's day, a clock, and one short transaction after the other."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from threading import Event
from typing import Concatenate, NamedTuple, ParamSpec, TypeVar

from card_service.kit.context import Context
from card_service.kit.days import end_of
from card_service.kit.db.database import Database
from card_service.kit.db.session import Session
from card_service.kit.errors import Unavailable

Result = TypeVar("Result")
P = ParamSpec("P")
Tally = dict[str, Decimal | int]
"""What was done, by what it is called on the wire: `{"pointsExpired": Decimal("12.50")}`."""

INSTANT = timedelta(microseconds=1)
"""The shortest time that is kept."""
CHUNK = 200
"""Cards that are listed at once; each is still a transaction of its own."""


class Step(NamedTuple):
    """What one chunk came to: the last id that is done, and cards looked at, changed, and failed."""

    after: int
    seen: int
    done: int
    failed: int
    tally: Tally


@dataclass(frozen=True, slots=True)
class Work:
    """One run of a job for a tenant: its day, and transactions that each read the clock anew.

    `day` is the tenant's day that the job is done for, `today` its day now. Whoever wants it to stop sets `stop`.
    """

    database: Database
    clock: Callable[[], datetime]
    tenant_id: int
    job: str
    timezone: str
    day: date
    today: date
    stop: Event = field(default_factory=Event)
    on_failure: Callable[[int, Exception], None] = lambda _card, _error: None

    @property
    def until(self) -> datetime:
        """Give the day's last instant, or now if the day is not over: what is due later is none of this run's."""
        return min(self.clock(), end_of(self.day, self.timezone) - INSTANT)

    def read(self, use_case: Callable[Concatenate[Session, Context, P], Result], *args: P.args, **kwargs: P.kwargs) -> Result:
        """Run a use case that only reads."""
        return self.database.read(use_case, self._context(), *args, **kwargs)

    def write(self, use_case: Callable[Concatenate[Session, Context, P], Result], *args: P.args, **kwargs: P.kwargs) -> Result:
        """Run a use case in a transaction of its own."""
        return self.database.transact(use_case, self._context(), *args, **kwargs)

    def _context(self) -> Context:
        name = f"job:{self.job}"
        return Context(tenant_id=self.tenant_id, performed_by=name, now=self.clock(), request_id=f"{name}:{self.day}")


Steps = Callable[[Work, int], Iterator[Step]]


@dataclass(frozen=True, slots=True)
class Job:
    """A job by its name; `steps` does it from after a card's id on, a chunk at a time.

    `makes_up`: as many days on which it was not done are made up for one by one, else the next run does it all. `closes`: it
    is done for the day that has just ended. `resumes`: a killed run goes on where it was, else it begins again.
    """

    name: str
    says: str
    steps: Steps
    makes_up: int = 0
    closes: bool = False
    resumes: bool = True

    def day_at(self, today: date) -> date:
        """Give the day that it is done for on this day."""
        return today - timedelta(days=1) if self.closes else today

    def is_over(self, day: date, today: date) -> bool:
        """Whether nothing more can come to this day, so that it may count as done."""
        return day <= self.day_at(today)


def each_card(page: Callable[[Work, int], Sequence[int]], one: Callable[[Work, int], Tally]) -> Steps:
    """Make the steps of a job that lists cards by `page` and does each by `one`."""

    def steps(work: Work, after: int) -> Iterator[Step]:
        while cards := page(work, after):
            step = one_by_one(work, cards, one, after)
            after = step.after
            yield step

    return steps


def one_by_one(work: Work, cards: Sequence[int], one: Callable[[Work, int], Tally], after: int) -> Step:
    """Do cards one after the other, until a stop is asked for; `one` says what it did, if anything.

    A card that fails is told of and passed over: the others need not wait for whoever looks into it. That the database
    cannot be reached, or is too busy, is no card's fault and ends the run: raises Unavailable.
    """
    seen = done = failed = 0
    tally: Tally = {}
    for card_id in cards:
        if work.stop.is_set():
            break
        try:
            did = one(work, card_id)
        except Unavailable:
            raise
        except Exception as error:  # noqa: BLE001 - told of, see above
            work.on_failure(card_id, error)
            failed += 1
        else:
            done += bool(did)
            add(tally, did)
        seen, after = seen + 1, card_id
    return Step(after, seen, done, failed, tally)


def add(tally: Tally, more: Mapping[str, Decimal | int]) -> None:
    """Count more into a tally."""
    for name, amount in more.items():
        tally[name] = tally.get(name, 0) + amount
