"""Everything one tenant has, and what may be done with it (docs/contract.md sections 4 and 6)."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from fractions import Fraction
from typing import TYPE_CHECKING

from .answers import Body, RefusedError
from .arithmetic import ZERO
from .bills import Bill, Line
from .campaigns import Campaign
from .cards import ACTIVE, Card, Cards
from .configuration import Configuration
from .ledger import Account, Lot
from .rules import EarningRules
from .tiers import Standing, Tier, Tiers

if TYPE_CHECKING:
    from .activities import Award


@dataclass
class Books:
    """Everything one tenant has."""

    now: datetime = datetime(2026, 1, 15, 6, 0, tzinfo=UTC)
    configuration: Configuration = field(default_factory=Configuration)
    cards: Cards = field(default_factory=Cards)
    bills: dict[int, Bill] = field(default_factory=dict)
    remembered: dict[int, tuple[Fraction, list[Line]]] = field(default_factory=dict)
    tiers: Tiers = field(default_factory=Tiers)
    campaigns: dict[int, Campaign] = field(default_factory=dict)
    rules: EarningRules = field(default_factory=EarningRules)
    awards: list["Award"] = field(default_factory=list)

    @property
    def today(self) -> date:
        """The tenant's day."""
        return self.configuration.today(self.now)

    def balance(self, card: Card) -> Fraction:
        """Balance of a card now."""
        return card.account.balance(self.now)

    def tier(self, card: Card) -> Tier | None:
        """The tier that a card is in."""
        return self.tiers.now(card.standing)

    def earned_bills(self) -> list[Bill]:
        """All bills that were earned, oldest first."""
        return sorted((bill for bill in self.bills.values() if bill.lines is not None), key=lambda bill: bill.posted_at)

    def bills_of(self, card: Card) -> list[Bill]:
        """The earned bills of a card and of those merged into it, oldest first."""
        return [bill for bill in self.earned_bills() if self.belongs(bill, card)]

    def bills_brought_by(self, card_id: int | None) -> list[Bill]:
        """The earned bills on which a card, or one merged into it, stood by as the referrer, oldest first."""
        if card_id is None:
            return []
        referrer = self.cards.final(card_id)
        return [b for b in self.earned_bills() if b.referrer_id is not None and self.cards.final(b.referrer_id) is referrer]

    def belongs(self, bill: Bill, card: Card) -> bool:
        """Whether the bill is this card's, merged cards counting as one."""
        return self.cards.final(bill.card_id) is self.cards.final(card.id)

    def refuse_inactive(self, card: Card) -> None:
        """Refuse what a disabled system or a card that is not active may not do."""
        if not self.configuration.enabled:
            raise RefusedError(409, "CARD_SYSTEM_DISABLED")
        if card.status != ACTIVE:
            raise RefusedError(409, "CARD_NOT_ACTIVE")

    def refuse_bill(self, bill_id: int, card: Card, *, redeeming: bool) -> None:
        """Refuse by the bill's state, in the order of the contract."""
        bill = self.bills.get(bill_id)
        if bill is None:
            return
        if not self.belongs(bill, card):
            raise RefusedError(409, "CARD_MISMATCH")
        if bill.cancelled:
            raise RefusedError(409, "BILL_CANCELLED")
        if redeeming and bill.live_redemption(self.now):
            raise RefusedError(409, "BILL_ALREADY_REDEEMED")
        if bill.lines is not None:
            raise RefusedError(409, "BILL_ALREADY_EARNED")

    def active_referrer(self, card: Card) -> Card | None:
        """The card's referrer while it is active."""
        referrer = self.cards.by_id.get(card.referrer_id or 0)
        return referrer if referrer and referrer.status == ACTIVE else None

    # What a bill posts

    def credit(self, card: Card, kind: str, points: Fraction, origin: tuple[object, ...], days: int | None = None) -> Lot:
        """Credit points that a bill or a rule brings: they wait, and expire, as the configuration says."""
        available = self.configuration.waiting_until(self.now, days)
        lot = Lot(
            ZERO,
            self.configuration.expiry(available or self.today),
            origin,
            self.configuration.start_of(available) if available else None,
            idle=self.configuration.idle,
        )
        card.account.credit(kind, points, self.now, lot)
        return lot

    def stir(self, card: Card) -> None:
        """Move the date of what waits for inactivity on: the card has earned or redeemed."""
        if self.configuration.idle:
            until = self.configuration.expiry(self.today)
            assert until is not None
            card.account.move_on(until, self.now)

    def take_back(
        self, account: Account, bill: Bill, kind: str, parts: Sequence[tuple[tuple[object, ...], Fraction]]
    ) -> tuple[Fraction, Fraction]:
        """Take points of a bill back, by the origins of their lots; returns how many were wanted and how many taken.

        What of a lot has expired is not taken again, and is not missed.
        """
        account.settle(self.now)
        capped = self.configuration.settings["returnPolicy"] == "CAP_AT_ZERO"
        origins = tuple(origin for origin, _ in parts)
        wanted = taken = ZERO
        for origin, points in parts:
            forgiven = min(points, account.expired_of(origin) - bill.forgiven.get(origin, ZERO))
            bill.forgiven[origin] = bill.forgiven.get(origin, ZERO) + forgiven
            wanted += points - forgiven
            taken += account.claw_back(kind, points - forgiven, self.now, (origin, *origins), capped=capped)
        return wanted, taken

    def change_standing(self, card: Card, standing: Standing) -> Body | None:
        """Put a card into this standing; answers the change of its tier, None when there is none."""
        before = self.tier(card)
        card.standing = standing
        after = self.tier(card)
        if before is after:
            return None
        return {"from": before.shown if before else None, "to": after.shown if after else None}

    def shown_tier(self, card: Card) -> Body:
        """The tier of a card as its answers show it."""
        tier = self.tier(card)
        return {"tier": tier.shown if tier else None}

    def shown_progress(self, card: Card) -> Body:
        """How far the card is from the next tier."""
        progress = self.tiers.progress(card.standing, self.bills_of(card), self.today)
        if progress and progress["until"]:
            progress["until"] = self.configuration.start_of(progress["until"])
        return {"progress": progress}
