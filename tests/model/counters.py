"""What a campaign has given on some bills: its counters, always counted anew (docs/programme.md section 3)."""

from collections.abc import Iterable
from fractions import Fraction

from .arithmetic import ZERO, round_up
from .bills import Bill


def uses(campaign_id: int, bills: Iterable[Bill]) -> int:
    """On how many of these bills it gave something that was not all taken back."""
    return sum(bill.used_by(campaign_id) for bill in bills)


def points_given(campaign_id: int, bills: Iterable[Bill]) -> Fraction:
    """Points that it gave on these bills, less what was taken back."""
    return sum((bill.given_by(campaign_id) for bill in bills), ZERO)


def money_given(campaign_id: int, bills: Iterable[Bill]) -> Fraction:
    """What those points cost, bill by bill, at the rate of each bill."""
    return sum((round_up(bill.given_by(campaign_id) * bill.rate) for bill in bills), ZERO)
