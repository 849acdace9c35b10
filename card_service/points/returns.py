"""What comes back of a bill, measured against the lines that earned."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from card_service.kit.errors import Refused
from card_service.kit.money import ZERO
from card_service.points.bill import Bill, BillLine


class ReturnExceedsBill(Refused):
    """More comes back than is left of the bill."""

    code = "RETURN_EXCEEDS_BILL"
    title = "More is returned than is left of this bill"


@dataclass(frozen=True, slots=True)
class ReturnItem:
    """An amount of a category that comes back; without the flag the line that earned gives first."""

    category_id: int
    amount: Decimal
    loyalty_eligible: bool | None = None


def dropped(bill: Bill) -> frozenset[int]:
    """Name the campaigns that the bill, as it is after its return, is too small for."""
    return frozenset(one.id for one in bill.campaigns if bill.amount_left < one.min_spend)


def part_that_stays(line: BillLine, dropped_ids: Iterable[int]) -> Decimal:
    """Give the points of a line without those of campaigns that the bill is too small for by now."""
    return line.points - sum((part.points for part in line.parts if part.campaign_id in dropped_ids), ZERO)


def take_back_all(lines: Iterable[BillLine]) -> None:
    """Return everything that is left."""
    for line in lines:
        line.returned = line.amount


def take_back(lines: Sequence[BillLine], items: Iterable[ReturnItem]) -> None:
    """Return the items, or raise ReturnExceedsBill."""
    for item in items:
        missing = item.amount
        for line in sorted(lines, key=lambda line: not line.loyalty_eligible):
            if line.category_id == item.category_id and item.loyalty_eligible in {None, line.loyalty_eligible}:
                part = min(missing, line.left)
                line.returned += part
                missing -= part
        if missing > ZERO:
            detail = f"{missing} more of category {item.category_id} is returned than is left of the bill"
            raise ReturnExceedsBill(detail)
        if all(line.category_id != item.category_id for line in lines):
            detail = f"Category {item.category_id} is not on the bill"
            raise ReturnExceedsBill(detail)
