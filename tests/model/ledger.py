"""The points of one card: lots that wait and expire, holds, debt, and sums of what was posted (docs/contract.md section 4)."""

from collections import defaultdict
from collections.abc import Sequence
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import UTC, datetime
from fractions import Fraction
from itertools import count

from .arithmetic import ZERO

FAR = datetime.max.replace(tzinfo=UTC)
EARLY = datetime.min.replace(tzinfo=UTC)
HELD, CONFIRMED, CANCELLED, LAPSED = "HELD", "CONFIRMED", "CANCELLED", "LAPSED"
_numbers = count()


@dataclass
class Lot:
    """Points credited together. `origin` names the bill and the posting that made it, for the return of that bill.

    `number` grows with every lot that is made, whoever has it later: the older of two is spent first. `idle` says that
    every earn and redemption of the card moves its date on. `expired_points` is what was left of it on its last day.
    """

    remaining: Fraction
    expires_at: datetime | None = None
    origin: tuple[object, ...] | None = None
    available_at: datetime | None = None
    idle: bool = False
    released: bool = False
    expired_points: Fraction = ZERO
    number: int = field(default_factory=lambda: next(_numbers))

    def expired(self, now: datetime) -> bool:
        """Whether its last valid day is over."""
        return self.expires_at is not None and now >= self.expires_at

    def pending(self, now: datetime) -> bool:
        """Whether it is not available yet."""
        return self.available_at is not None and now < self.available_at


@dataclass
class Taken:
    """What a redemption took from one lot and has not given back yet."""

    lot: Lot
    points: Fraction


@dataclass
class Hold:
    """Points set aside until the hold is confirmed or cancelled, or lapses."""

    takes: list[Taken]
    lapses_at: datetime
    state: str = HELD

    def over(self, now: datetime) -> bool:
        """Whether its points are the card's again, be it posted yet or not."""
        return self.state in {CANCELLED, LAPSED} or (self.state == HELD and now >= self.lapses_at)


@dataclass
class Account:
    """Lots, holds, debt, and the sum posted under each ledger type."""

    lots: list[Lot] = field(default_factory=list)
    holds: list[Hold] = field(default_factory=list)
    debt: Fraction = ZERO
    active_until: datetime = EARLY
    """Until when the card's last earn or redemption keeps the lots that wait for inactivity."""
    posted: dict[str, Fraction] = field(default_factory=lambda: defaultdict(Fraction))

    def at(self, now: datetime) -> "Account":
        """What this account is at an instant, everything due settled: a copy, for who only reads."""
        copy = deepcopy(self)
        copy.settle(now)
        return copy

    def balance(self, now: datetime) -> Fraction:
        """Available points less debt; what is due counts as settled."""
        account = self.at(now)
        return sum((lot.remaining for lot in account.lots if not lot.pending(now)), ZERO) - account.debt

    def pending(self, now: datetime) -> Fraction:
        """Points that are not available yet."""
        return sum((lot.remaining for lot in self.lots if lot.pending(now)), ZERO)

    def adds_up(self) -> bool:
        """Whether sum(transactions) = sum(lots.remaining) - debt, and nothing is below zero."""
        remaining = [lot.remaining for lot in self.lots]
        return sum(self.posted.values(), ZERO) == sum(remaining, ZERO) - self.debt and min([*remaining, self.debt]) >= 0

    def settle(self, now: datetime) -> None:
        """Let everything that is due happen, in the order of time: holds lapse, lots become available, lots expire."""
        due = {hold.lapses_at for hold in self.holds if hold.state == HELD}
        for lot in self.lots:
            due |= {instant for instant in (lot.available_at, lot.expires_at) if instant}
        for instant in sorted(instant for instant in due if instant <= now):
            for hold in self.holds:
                if hold.state == HELD and hold.lapses_at <= instant:
                    self._end_hold(hold, LAPSED, instant)
            for lot in self._spending_order(instant):
                if lot.available_at and not lot.released:
                    lot.released = True
                    lot.remaining -= self._repay(lot.remaining)
            self._expire(instant)

    def credit(self, kind: str, points: Fraction, now: datetime, lot: Lot) -> None:
        """Add points as the given (empty) lot; debt is repaid first by what is available at once."""
        self.settle(now)
        self.posted[kind] += points
        lot.remaining = points if lot.pending(now) else points - self._repay(points)
        self.lots.append(lot)
        self._keep_idle(now)

    def spend(self, kind: str, points: Fraction, now: datetime) -> list[Taken]:
        """Take points that are known to be available, soonest expiry first, and say from which lots."""
        self.settle(now)
        self.posted[kind] -= points
        taken, missing = _take(self._spending_order(now), points)
        if missing:
            message = "spent more than was available"
            raise ValueError(message)
        return taken

    def move_on(self, until: datetime, now: datetime) -> None:
        """Move the date of the lots that wait for inactivity on, never back."""
        self.settle(now)
        self.active_until = max(self.active_until, until)
        self._keep_idle(now)

    def cancel_hold(self, hold: Hold, now: datetime) -> None:
        """Give a live hold's points back into the lots that they came from."""
        self.settle(now)
        self._end_hold(hold, CANCELLED, now)
        self._expire(now)

    def give_back(self, takes: Sequence[Taken], points: Fraction, now: datetime, grace_until: datetime) -> None:
        """Give redeemed points back into the lots they came from, last taken first; debt is repaid first.

        A lot that has expired meanwhile stays empty: a new one, valid until `grace_until`, stands for it.
        """
        self.settle(now)
        self.posted["REDEEM_REVERSED"] += points
        for take in reversed(takes):
            piece = min(take.points, points)
            take.points -= piece
            points -= piece
            kept = piece - self._repay(piece)
            if take.lot.expired(now):
                self.lots.append(Lot(kept, grace_until))
            else:
                take.lot.remaining += kept

    def claw_back(
        self, kind: str, points: Fraction, now: datetime, own: tuple[tuple[object, ...], ...], *, capped: bool
    ) -> Fraction:
        """Take credited points back: the own lots, pending ones first, then soonest expiry, then debt unless `capped`.

        Of the own lots those of the first origin named go first, the others as old as they are. Returns what was really
        taken (debt included), which is less than `points` only when capped.
        """
        self.settle(now)
        spendable = self._spending_order(now)
        mine = [lot for lot in self.lots if lot.origin in own and (lot.pending(now) or lot in spendable)]
        mine.sort(key=lambda lot: (lot.origin != own[0], not lot.pending(now), lot.number))
        _, missing = _take([*mine, *(lot for lot in spendable if lot not in mine)], points)
        if capped:
            points -= missing
        else:
            self.debt += missing
        self.posted[kind] -= points
        return points

    def expired_of(self, origin: tuple[object, ...]) -> Fraction:
        """Points of the lots of this origin that expired unspent."""
        return sum((lot.expired_points for lot in self.lots if lot.origin == origin), ZERO)

    def absorb(self, source: "Account", now: datetime) -> None:
        """Move lots (spent ones too, for later returns), holds and debt of a merged card here, then let lots repay debt."""
        self.settle(now)
        source.settle(now)
        moved = sum(source.posted.values(), ZERO)
        source.posted["TRANSFERRED"] -= moved
        self.posted["TRANSFERRED"] += moved
        self.lots += source.lots
        self.holds += source.holds
        self.debt += source.debt
        source.lots, source.holds, source.debt = [], [], ZERO
        self.move_on(source.active_until, now)
        _, self.debt = _take(self._spending_order(now), self.debt)

    def _keep_idle(self, now: datetime) -> None:
        for lot in self.lots:
            if lot.idle and not lot.expired(now):
                lot.expires_at = max(lot.expires_at or EARLY, self.active_until)

    def _expire(self, now: datetime) -> None:
        for lot in self.lots:
            if lot.expired(now):
                self.posted["EXPIRED"] -= lot.remaining
                lot.expired_points += lot.remaining
                lot.remaining = ZERO

    def _end_hold(self, hold: Hold, state: str, now: datetime) -> None:
        hold.state = state
        for take in hold.takes:
            self.posted["REDEEM_REVERSED"] += take.points
            take.lot.remaining += take.points if take.lot.expired(now) else take.points - self._repay(take.points)
            take.points = ZERO

    def _repay(self, points: Fraction) -> Fraction:
        repaid = min(points, self.debt)
        self.debt -= repaid
        return repaid

    def _spending_order(self, now: datetime) -> list[Lot]:
        usable = [lot for lot in self.lots if not lot.expired(now) and not lot.pending(now)]
        return sorted(usable, key=lambda lot: (lot.expires_at or FAR, lot.number))


def _take(lots: Sequence[Lot], points: Fraction) -> tuple[list[Taken], Fraction]:
    """Empty the lots in this order until `points` are taken; returns the pieces and what is still missing."""
    pieces = []
    for lot in lots:
        piece = min(lot.remaining, points)
        if piece:
            lot.remaining -= piece
            points -= piece
            pieces.append(Taken(lot, piece))
    return pieces, points
