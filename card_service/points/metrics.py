"""Points counted for `/metrics`: called by the routes once the transaction has committed, never before.

A replayed answer is an exception on its way out of the runner, so it is never counted again. The counters are
binary floats, as all of Prometheus: good for a graph, while the books are in the ledger.
"""

from decimal import Decimal

from prometheus_client import Counter

from card_service.kit.observe.metrics import REGISTRY
from card_service.points.adjust import PointsAdjusted
from card_service.points.earn import PointsEarned
from card_service.points.redeem import PointsRedeemed
from card_service.points.reverse import PointsReversed

_points = Counter(
    "card_service_points",
    "Points posted: issued, redeemed, reversed, restored (redeemed ones given back), adjusted up or down",
    ["kind"],
    registry=REGISTRY,
)
_kinds = {kind: _points.labels(kind) for kind in ("issued", "redeemed", "reversed", "restored", "adjusted_up", "adjusted_down")}


def count_earned(result: PointsEarned) -> None:
    """Count what a bill has earned, its referrer's points included."""
    _add("issued", result.points_earned + result.bonus_points + result.referrer_points_earned)


def count_redeemed(result: PointsRedeemed) -> None:
    """Count what was redeemed."""
    _add("redeemed", result.points_redeemed)


def count_reversed(result: PointsReversed) -> None:
    """Count what a return took from the customer and the referrer, and what it gave back."""
    _add("reversed", result.points_reversed + result.bonus_points_reversed + result.referrer_points_reversed)
    _add("restored", result.points_restored)


def count_adjusted(result: PointsAdjusted) -> None:
    """Count what an administrator gave or took."""
    _add("adjusted_up" if result.points_adjusted > 0 else "adjusted_down", abs(result.points_adjusted))


def _add(kind: str, points: Decimal) -> None:
    if points:
        _kinds[kind].inc(float(points))
