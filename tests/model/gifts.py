"""What a bill was given beside the points of its lines: by campaigns, and as bonuses (docs/programme.md sections 3 to 5)."""

from dataclasses import dataclass
from fractions import Fraction

from .arithmetic import ZERO


@dataclass
class Gift:
    """What one campaign gave on a bill, beside the parts that its lines know: its least bill, and a fixed bonus.

    `reward`: it is what a challenge brought with this bill, which goes back with the challenge and not with the bill.
    """

    campaign_id: int
    min_bill: Fraction
    bonus: Fraction = ZERO
    reward: bool = False
    taken_back: bool = False


@dataclass
class Bonus:
    """Points of a bill beside those of its lines: who got them, and for how large a bill they are kept.

    `days` is how long they wait, None for as long as the points of the lines.
    """

    kind: str
    source_id: int
    card_id: int
    points: Fraction
    min_bill: Fraction
    of_campaign: bool = False
    days: int | None = None
    taken_back: bool = False
