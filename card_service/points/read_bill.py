"""Reading a bill: its row, its live redemption, and where a merge has taken its card and its referrer."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import bindparam, select

from card_service.kit.db.session import Session
from card_service.kit.db.statement import TENANT, Statement
from card_service.models.bills import bill_quotes as quotes
from card_service.models.bills import bills, redemptions
from card_service.models.cards import loyalty_cards as cards
from card_service.points.bill import Bill, Redemption, read_campaigns, read_lines
from card_service.points.quotes import QuoteLine, read_quote_lines

_BILL = [c for c in bills.c if c.name not in {"tenant_id", "updated_at"}]
_REDEMPTION = [redemptions.c[name] for name in (
    "id", "status", "points", "amount", "rate", "points_restored", "amount_restored", "bill_id", "hold_expires_at",
)]  # fmt: skip
_card, _referrer = cards.alias("bill_card"), cards.alias("bill_referrer")
_bill = Statement(
    select(*_BILL, *_REDEMPTION, _card.c.merged_into_card_id, _referrer.c.merged_into_card_id)
    .select_from(
        bills.outerjoin(redemptions, (redemptions.c.tenant_id == TENANT) & (redemptions.c.id == bills.c.redemption_id))
        .outerjoin(_card, (_card.c.tenant_id == TENANT) & (_card.c.id == bills.c.card_id))
        .outerjoin(_referrer, (_referrer.c.tenant_id == TENANT) & (_referrer.c.id == bills.c.referrer_card_id))
    )
    .where(bills.c.tenant_id == TENANT, bills.c.bill_id == bindparam("bill_id"))
)
_quote = Statement(
    select(quotes.c.payable_amount, quotes.c.lines).where(quotes.c.tenant_id == TENANT, quotes.c.bill_id == bindparam("bill_id"))
)


def read_bill(session: Session, bill_id: int, now: datetime) -> tuple[Bill | None, int | None, int | None]:
    """Read a bill as it is at an instant; gives it with the ids of its card and its referrer as they are after merges."""
    row = session.one(_bill, bill_id=bill_id)
    if row is None:
        return None, None, None
    fields: dict[str, Any] = dict(zip((c.name for c in _BILL), row[: len(_BILL)], strict=True))
    fields["lines"] = read_lines(fields["lines"])
    fields["campaigns"] = read_campaigns(fields["campaigns"])
    redemption = Redemption(*row[len(_BILL) : -2]) if fields["redemption_id"] is not None else None
    bill = Bill(**fields, redemption=redemption if redemption is not None and redemption.is_live(now) else None)
    card_merged, referrer_merged = row[-2:]
    return bill, card_merged or bill.card_id, referrer_merged or bill.referrer_card_id


def read_quote(session: Session, bill_id: int) -> tuple[Decimal, list[QuoteLine], str] | None:
    """Read what calculate remembered of a bill: the payable, its lines, and their very text."""
    row = session.one(_quote, bill_id=bill_id)
    return (row[0], read_quote_lines(row[1]), row[1]) if row else None
