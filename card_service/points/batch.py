"""A batch of earns: each bill in its own transaction with its own answer, so that one bad bill holds up no other."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from card_service.kit.errors import AlreadyAnswered, ServiceError
from card_service.kit.wire import Answer, Raw
from card_service.points.earn import EarnPoints, PointsEarned

OPERATION = "earn-points-batch"


class BatchItem(Answer, frozen=True):
    """The answer to one bill: `answer` when it was earned, now or before; `problem` when it was refused."""

    bill_id: int | None
    status: int
    replayed: bool
    answer: PointsEarned | Raw | None = None
    problem: dict[str, Any] | None = None


class BatchEarned(Answer, frozen=True):
    """An answer per bill, in their order."""

    items: list[BatchItem]


@dataclass(frozen=True, slots=True)
class Earner:
    """How a bill of a batch is read, posted, and refused: given by the route, which knows HTTP."""

    read: Callable[[dict[str, Any]], EarnPoints]
    post: Callable[[EarnPoints], PointsEarned]
    problem_of: Callable[[ServiceError], dict[str, Any]]


def earn_each(bills: Iterable[dict[str, Any]], earner: Earner) -> BatchEarned:
    """Earn bill by bill. What a crash interrupts is sent again whole: finished bills then answer as replays."""
    return BatchEarned(items=[_earn_one(bill, earner) for bill in bills])


def _earn_one(bill: dict[str, Any], earner: Earner) -> BatchItem:
    named = bill.get("billId")
    bill_id = named if isinstance(named, int) and not isinstance(named, bool) else None
    try:
        return BatchItem(bill_id=bill_id, status=200, replayed=False, answer=earner.post(earner.read(bill)))
    except AlreadyAnswered as first:
        return BatchItem(bill_id=bill_id, status=first.status, replayed=True, answer=Raw(first.body.encode()))
    except ServiceError as refusal:
        return BatchItem(bill_id=bill_id, status=refusal.status, replayed=False, problem=earner.problem_of(refusal))
