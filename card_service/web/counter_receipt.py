"""The receipt of a bill: what was done to the card, and what the customer pays."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from card_service.card_config.settings import get_config
from card_service.kit.days import day_of
from card_service.kit.http import blueprint as http
from card_service.kit.money import ZERO
from card_service.points.bonuses import BonusGiven
from card_service.points.earn import PointsEarned
from card_service.points.redeem import PointsRedeemed
from card_service.web.counter_form import BillForm, Shown
from card_service.web.counter_quote import own_bonuses


@dataclass(frozen=True, slots=True)
class Receipt:
    """What was done to the card, and what the customer pays.

    `pending_from` is the day from which all that waits can be used, None where that is no one day.
    """

    bill_id: int
    at: datetime
    shown: Shown
    used: Decimal
    paid_by_points: Decimal
    before: Decimal
    done: PointsEarned
    pending_from: date | None

    @property
    def bonuses(self) -> list[BonusGiven]:
        """Give the customer's bonuses, one by one."""
        return own_bonuses(self.done.bonuses)

    @property
    def reached(self) -> str:
        """Name the tier that the bill has lifted the customer to; empty if it has not."""
        changed = self.done.tier_changed
        if changed is None or changed.to is None:
            return ""
        return changed.to.name if changed.from_ is None or changed.from_.level < changed.to.level else ""

    @property
    def due(self) -> Decimal:
        """Tell what is left to be paid in money."""
        return self.shown.payable - self.paid_by_points


def make_receipt(form: BillForm, shown: Shown, redeemed: PointsRedeemed | None, earned: PointsEarned) -> Receipt:
    """Put together what the two steps answered; a bill applied before has the figures of then."""
    used = redeemed.points_redeemed if redeemed else ZERO
    # What is pending is in no balance yet.
    available = earned.points_earned + earned.bonus_points - earned.pending_points
    before = redeemed.new_balance + used if redeemed else earned.new_balance - available
    timezone = http.read(get_config, None).timezone
    return Receipt(
        bill_id=form.bill_id,
        at=http.context().now,
        shown=shown,
        used=used,
        paid_by_points=redeemed.amount_deducted if redeemed else ZERO,
        before=before,
        done=earned,
        pending_from=day_of(earned.available_at, timezone) if earned.available_at else None,
    )
