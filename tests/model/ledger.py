"""The points of one card: lots that may expire, debt, and sums of what was posted (docs/contract.md section 4)."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from fractions import Fraction
from itertools import count

from .arithmetic import ZERO

FAR = datetime.max.replace(tzinfo=UTC)
_numbers = count()


@dataclass
class Lot:
    """Points credited together. `origin` names the bill and the posting that made it, for the return of that bill.

    `number` grows with every lot that is made, whoever has it later: the older of two is spent first.
    """

    remaining: Fraction
    expires_at: datetime | None = None
    origin: tuple[str, int] | None = None
    number: int = field(default_factory=lambda: next(_numbers))

    def expired(self, now: datetime) -> bool:
        """Whether its last valid day is over."""
        return self.expires_at is not None and now >= self.expires_at


@dataclass
class Taken:
    """What a redemption took from one lot and has not given back yet."""

    lot: Lot
    points: Fraction


@dataclass
class Account:
    """Lots, debt, and the sum posted under each ledger type."""

    lots: list[Lot] = field(default_factory=list)
    debt: Fraction = ZERO
    posted: dict[str, Fraction] = field(default_factory=lambda: defaultdict(Fraction))

    def balance(self, now: datetime) -> Fraction:
        """Available points less debt; a lot past its date counts no more, settled or not."""
        return sum((lot.remaining for lot in self.lots if not lot.expired(now)), ZERO) - self.debt

    def adds_up(self) -> bool:
        """Whether sum(transactions) = sum(lots.remaining) - debt, and nothing is below zero."""
        remaining = [lot.remaining for lot in self.lots]
        return sum(self.posted.values(), ZERO) == sum(remaining, ZERO) - self.debt and min([*remaining, self.debt]) >= 0

    def settle(self, now: datetime) -> None:
        """Post what has expired; every posting does so first."""
        for lot in self.lots:
            if lot.expired(now):
                self.posted["EXPIRED"] -= lot.remaining
                lot.remaining = ZERO

    def credit(self, kind: str, points: Fraction, now: datetime, lot: Lot) -> None:
        """Add points: debt is repaid first, the rest becomes the given (empty) lot."""
        self.settle(now)
        self.posted[kind] += points
        lot.remaining = points - self._repay(points)
        self.lots.append(lot)

    def spend(self, kind: str, points: Fraction, now: datetime) -> list[Taken]:
        """Take points that are known to be available, soonest expiry first, and say from which lots."""
        self.settle(now)
        self.posted[kind] -= points
        taken, missing = _take(self._spending_order(now), points)
        if missing:
            message = "spent more than was available"
            raise ValueError(message)
        return taken

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

    def claw_back(self, kind: str, points: Fraction, now: datetime, origin: tuple[str, int], *, capped: bool) -> Fraction:
        """Take earned points back: the bill's own lots, then soonest expiry, then debt unless `capped`.

        Returns what was really taken (debt included), which is less than `points` only when capped.
        """
        self.settle(now)
        own_first = sorted(self._spending_order(now), key=lambda lot: lot.origin != origin)
        _, missing = _take(own_first, points)
        if capped:
            points -= missing
        else:
            self.debt += missing
        self.posted[kind] -= points
        return points

    def absorb(self, source: "Account", now: datetime) -> None:
        """Move lots (spent ones too, for later returns) and debt of a merged card here, then let lots repay debt."""
        self.settle(now)
        source.settle(now)
        moved = source.balance(now)
        source.posted["TRANSFERRED"] -= moved
        self.posted["TRANSFERRED"] += moved
        self.lots += source.lots
        self.debt += source.debt
        source.lots, source.debt = [], ZERO
        _, self.debt = _take(self._spending_order(now), self.debt)

    def _repay(self, points: Fraction) -> Fraction:
        repaid = min(points, self.debt)
        self.debt -= repaid
        return repaid

    def _spending_order(self, now: datetime) -> list[Lot]:
        usable = [lot for lot in self.lots if not lot.expired(now)]
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
