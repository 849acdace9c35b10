"""The preview of a bill: what it costs, what points pay of it and why not more, and what it earns. Nothing is written."""

from dataclasses import dataclass
from decimal import Decimal

from card_service.card_config.settings import CardConfig, get_config
from card_service.kit.context import Context
from card_service.kit.db.session import Session
from card_service.kit.money import ZERO
from card_service.points.bonuses import BonusGiven
from card_service.points.calculate import Calculate, Quote, calculate
from card_service.points.due_bonuses import REFERRAL
from card_service.points.look import CardRef
from card_service.points.redemption import points_asked
from card_service.web.counter_form import ALL, POINTS, REST, BillForm, Shown

# Why not more points, beside the codes that a redemption would be refused with.
NO_POINTS, ALL_POINTS, BILL_SHARE, BILL_TOO_SMALL, MONEY_PAYS_ALL, NOTHING_PAYABLE = (
    "NO_POINTS", "ALL_POINTS", "BILL_SHARE", "BILL_TOO_SMALL", "MONEY_PAYS_ALL", "NOTHING_PAYABLE",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Preview:
    """A quote with the points that it would take.

    `refused` is the code for which the points asked for would not be taken, `limit` says why not more may be.
    """

    quote: Quote
    config: CardConfig
    points: Decimal
    refused: str | None
    limit: str | None

    @property
    def shown(self) -> Shown:
        """Give the figures that applying must keep to."""
        quote = self.quote
        return Shown(
            quote.total_discount,
            quote.payable_amount,
            quote.amount_deducted,
            self.points,
            quote.points_earned,
            quote.bonus_points,
        )

    @property
    def tier_discount(self) -> Decimal:
        """Tell how much of the discount is that of the tier."""
        return sum((line.tier_discount_amount for line in self.quote.items), ZERO)

    @property
    def bonuses(self) -> list[BonusGiven]:
        """Give the customer's bonuses, one by one."""
        return own_bonuses(self.quote.bonuses)

    @property
    def earns(self) -> Decimal:
        """Tell all that the bill brings: the points of its lines, and its bonuses."""
        return self.quote.points_earned + self.quote.bonus_points


def own_bonuses(bonuses: list[BonusGiven]) -> list[BonusGiven]:
    """Leave out what a bill brings to the one who referred the customer."""
    return [bonus for bonus in bonuses if bonus.kind != REFERRAL]


def preview_bill(session: Session, context: Context, form: BillForm) -> Preview:
    """Quote a bill that has items, with the points that the form asks for; raises CardNotFound."""
    config = get_config(session, context)
    card = CardRef(card_id=form.card_id)
    plain = calculate(session, context, Calculate(card=card, bill_id=None, items=form.items))
    points = _points(form, plain, config)
    quote = plain
    if points:
        quote = calculate(session, context, Calculate(card=card, bill_id=None, items=form.items, points=points))
    refused = quote.redeem_blocked_reason
    return Preview(
        quote=quote,
        config=config,
        points=ZERO if refused else points,
        refused=refused,
        limit=_limit(form, plain, config),
    )


def _points(form: BillForm, plain: Quote, config: CardConfig) -> Decimal:
    if form.use == ALL:
        return plain.max_redeemable_points
    if form.use == POINTS:
        return form.points or ZERO
    if form.use == REST and form.money is not None:
        return points_asked(None, max(plain.payable_amount - form.money, ZERO), config.points_to_amount_rate)
    return ZERO


def _limit(form: BillForm, plain: Quote, config: CardConfig) -> str | None:
    """Tell what keeps more points from paying; the codes of a refusal where one of them does."""
    forbidden = {entry["categoryId"] for entry in config.category_restrictions if entry["redeemBlocked"]}
    reasons = (
        (plain.redeem_blocked_reason is not None, plain.redeem_blocked_reason),
        (form.use == REST and form.money is not None and form.money >= plain.payable_amount, MONEY_PAYS_ALL),
        (plain.available_points <= 0, NO_POINTS),
        (plain.available_points < config.min_points_to_redeem, "BELOW_MIN_POINTS"),
        (all(item.category_id in forbidden for item in form.items), NOTHING_PAYABLE),
        (not plain.max_redeemable_points, BILL_TOO_SMALL),
        (plain.max_redeemable_points == plain.available_points, ALL_POINTS),
    )
    return next((reason for applies, reason in reasons if applies), BILL_SHARE)
