"""A bill as the ledger knows it: one row with its lines, read and written whole under its card's lock."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

import msgspec
from sqlalchemy import bindparam

from card_service.kit.db.session import Session
from card_service.kit.db.statement import TENANT, Statement, insert_into
from card_service.kit.errors import Conflict, NotFound
from card_service.kit.money import ZERO
from card_service.ledger.figures import Counted
from card_service.models.bills import bills, redemptions
from card_service.points.rules import Line
from card_service.points.terms import Part

HELD, COMMITTED, RELEASED = "HELD", "COMMITTED", "RELEASED"
"""A redemption's status: only set aside, for good, or a hold that is over."""
OPEN, PARTIALLY_RETURNED, CANCELLED = "OPEN", "PARTIALLY_RETURNED", "CANCELLED"


class BillNotFound(NotFound):
    """No earn, redemption or cancellation of this bill was ever seen."""

    code = "BILL_NOT_FOUND"
    title = "No such bill"


class CardMismatch(Conflict):
    """The bill belongs to another card."""

    code = "CARD_MISMATCH"
    title = "This bill belongs to another card"


class BillAlreadyEarned(Conflict):
    """The bill has earned its points."""

    code = "BILL_ALREADY_EARNED"
    title = "This bill has already earned its points"


class BillAlreadyRedeemed(Conflict):
    """The bill has a redemption that stands."""

    code = "BILL_ALREADY_REDEEMED"
    title = "Points have already been redeemed on this bill"


class BillCancelled(Conflict):
    """The bill was returned whole."""

    code = "BILL_CANCELLED"
    title = "This bill has been cancelled"


class BillCampaign(msgspec.Struct, kw_only=True):
    """What a campaign gave on a bill, by the terms of the earn, and what of it still counts (docs/programme.md section 3).

    `points` are those of lines and of a FIXED_BONUS, worth `amount` at `rate`; `spent` is what a challenge counts of the
    bill. `id` comes first: bills of a campaign are found by it in the document.
    """

    id: int
    type: str
    min_spend: Decimal
    rate: Decimal
    points: Decimal = ZERO
    bonus: Decimal = ZERO
    amount: Decimal = ZERO
    uses: int = 0
    spent: Decimal = ZERO
    target: Decimal | None = None
    reward_tier: int | None = None


class BillLine(msgspec.Struct, kw_only=True):
    """A line of an earned bill: what it was, and how much of it has come back since."""

    category_id: int
    category_name: str | None
    loyalty_eligible: bool
    amount: Decimal
    base: Decimal
    percentage: Decimal
    multiplier: Decimal
    points: Decimal
    earn_blocked: bool
    redeem_blocked: bool
    returned: Decimal = ZERO
    reversed: Decimal = ZERO
    forgiven: Decimal = ZERO
    parts: list[Part] = []
    tier_multiplier: Decimal | None = None
    """What the tier alone would have multiplied by, where campaigns did, too; else `multiplier` is the tier's."""

    @property
    def left(self) -> Decimal:
        """What has not come back yet."""
        return self.amount - self.returned


@dataclass(slots=True)
class Redemption:
    """A redemption of a bill."""

    id: int
    status: str
    points: Decimal
    amount: Decimal
    rate: Decimal
    points_restored: Decimal
    amount_restored: Decimal
    bill_id: int
    hold_expires_at: datetime | None

    @property
    def is_held(self) -> bool:
        """Whether its points are only set aside."""
        return self.status == HELD

    def is_live(self, now: datetime) -> bool:
        """Whether it stands: a hold that was cancelled or has lapsed does not, be that settled yet or not."""
        if self.is_held:
            return self.hold_expires_at is not None and self.hold_expires_at > now
        return self.status == COMMITTED


@dataclass(slots=True)
class Bill:
    """A bill that was earned, redeemed on, or cancelled before it was ever seen; `redemption` is the live one."""

    bill_id: int
    card_id: int
    state: str
    redemption_id: int | None
    redemption_count: int
    bill_amount: Decimal | None
    lines: list[BillLine]
    points_precision: int
    points_earned: Decimal
    points_reversed: Decimal
    referrer_card_id: int | None
    referral_percent: Decimal
    referrer_points_earned: Decimal
    referrer_points_reversed: Decimal
    occurred_at: datetime | None
    earned_at: datetime | None
    cancelled_at: datetime | None
    created_at: datetime
    amount_returned: Decimal = ZERO
    referrer_points_forgiven: Decimal = ZERO
    has_bonuses: bool = False
    campaigns: list[BillCampaign] = field(default_factory=list)
    redemption: Redemption | None = None

    @property
    def is_earned(self) -> bool:
        """Whether its points were earned."""
        return self.earned_at is not None

    @property
    def counted(self) -> Counted | None:
        """What it counts for the tier of its card; None before its earn."""
        if self.earned_at is None or self.occurred_at is None or self.bill_amount is None:
            return None
        return Counted(
            self.occurred_at,
            self.bill_amount - self.amount_returned,
            self.points_earned - self.points_reversed,
            0 if self.state == CANCELLED else 1,
        )

    @property
    def amount_left(self) -> Decimal:
        """What is left of `billAmount` after all that came back."""
        return (self.bill_amount or ZERO) - sum((line.returned for line in self.lines), ZERO)

    @classmethod
    def of(cls, bill_id: int, card_id: int, now: datetime) -> "Bill":
        """Begin a bill."""
        return cls(bill_id, card_id, OPEN, None, 0, None, [], 2, ZERO, ZERO, None, ZERO, ZERO, ZERO, None, None, None, now)


_insert_bill: Statement[None] = Statement(insert_into(bills))
_BILL_KEYS = {"tenant_id", "bill_id", "created_at"}
_update_bill: Statement[None] = Statement(
    bills.update()
    .where(bills.c.tenant_id == TENANT, bills.c.bill_id == bindparam("this_bill"))
    .values({c.name: bindparam(c.name) for c in bills.columns if c.name not in _BILL_KEYS})
)
_insert_redemption: Statement[None] = Statement(insert_into(redemptions, "id"))
_restore_redemption: Statement[None] = Statement(
    redemptions.update()
    .where(redemptions.c.tenant_id == TENANT, redemptions.c.id == bindparam("redemption_id"))
    .values({name: bindparam(name) for name in ("points_restored", "amount_restored", "status", "updated_at")})
)
_commit_hold: Statement[None] = Statement(
    redemptions.update()
    .where(redemptions.c.tenant_id == TENANT, redemptions.c.id == bindparam("redemption_id"), redemptions.c.status == HELD)
    .values(status=COMMITTED, updated_at=bindparam("now", type_=redemptions.c.updated_at.type))
)
_as_lines = msgspec.json.Decoder(list[BillLine])
_as_campaigns = msgspec.json.Decoder(list[BillCampaign])


def read_lines(document: str | None) -> list[BillLine]:
    """Read the lines of a bill."""
    return _as_lines.decode(document) if document else []


def read_campaigns(document: str | None) -> list[BillCampaign]:
    """Read what campaigns gave on a bill."""
    return _as_campaigns.decode(document) if document else []


def write_document(lines: Sequence[msgspec.Struct]) -> str:
    """Write lines as a document: amounts as text, so that nothing reads them as binary floats."""
    return msgspec.json.encode(lines).decode()


def bill_line(line: Line, category_name: str | None) -> BillLine:
    """Keep of an earned line what its return will need."""
    return BillLine(
        category_id=line.category_id,
        category_name=category_name,
        loyalty_eligible=line.loyalty_eligible,
        amount=line.net,
        base=line.base,
        percentage=line.percentage,
        multiplier=line.multiplier,
        points=line.points,
        earn_blocked=line.earn_blocked or not line.loyalty_eligible,
        redeem_blocked=line.redeem_blocked,
        parts=line.parts,
        tier_multiplier=line.tier_multiplier,
    )


def save_bill(session: Session, bill: Bill, now: datetime, *, is_new: bool) -> None:
    """Write the bill; a raced insert of the same bill runs the use case again."""
    values = {
        name: getattr(bill, name)
        for name in (
            "card_id", "state", "redemption_id", "redemption_count", "bill_amount", "points_precision",
            "points_earned", "points_reversed",
            "referrer_card_id", "referral_percent", "referrer_points_earned", "referrer_points_reversed",
            "referrer_points_forgiven", "has_bonuses", "amount_returned",
            "occurred_at", "earned_at", "cancelled_at",
        )
    }  # fmt: skip
    campaigns = write_document(bill.campaigns) if bill.campaigns else None
    values |= {"lines": write_document(bill.lines), "campaigns": campaigns, "updated_at": now}
    if is_new:
        session.queue(_insert_bill, [{"bill_id": bill.bill_id, "created_at": bill.created_at, **values}])
    else:
        session.queue(_update_bill, [{"this_bill": bill.bill_id, **values}])


def insert_redemption(session: Session, **row: object) -> int:
    """Write a redemption and give its id."""
    return session.insert(_insert_redemption, **row)


def save_restored(session: Session, redemption: Redemption, now: datetime) -> None:
    """Write how much of a redemption has come back."""
    row = {
        "redemption_id": redemption.id,
        "points_restored": redemption.points_restored,
        "amount_restored": redemption.amount_restored,
        "status": redemption.status,
        "updated_at": now,
    }
    session.queue(_restore_redemption, [row])


def commit_hold(session: Session, redemption_id: int, now: datetime) -> None:
    """Make a hold a redemption like any other."""
    session.queue(_commit_hold, [{"redemption_id": redemption_id, "now": now}], matches=1)
