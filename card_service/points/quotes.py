"""What calculate remembers of a bill: what it will cost, and its lines, for the redemption that follows."""

from datetime import datetime
from decimal import Decimal

import msgspec
from sqlalchemy import bindparam

from card_service.kit.db.session import Session
from card_service.kit.db.statement import TENANT, Statement, insert_into
from card_service.models.bills import bill_quotes


class QuoteLine(msgspec.Struct, kw_only=True):
    """A line that calculate remembers: what it costs after discounts."""

    category_id: int
    amount: Decimal
    loyalty_eligible: bool = True


_insert_quote: Statement[None] = Statement(insert_into(bill_quotes))
_update_quote: Statement[None] = Statement(
    bill_quotes.update()
    .where(bill_quotes.c.tenant_id == TENANT, bill_quotes.c.bill_id == bindparam("this_bill"))
    .values({name: bindparam(name) for name in ("payable_amount", "lines", "updated_at")})
)
_as_quote = msgspec.json.Decoder(list[QuoteLine])


def read_quote_lines(document: str) -> list[QuoteLine]:
    """Read the lines that calculate remembered."""
    return _as_quote.decode(document)


def save_quote(session: Session, bill_id: int, payable: Decimal, document: str, now: datetime, *, is_new: bool) -> None:
    """Remember what a bill will cost."""
    row = {"payable_amount": payable, "lines": document, "updated_at": now}
    if is_new:
        session.queue(_insert_quote, [{**row, "bill_id": bill_id}])
    else:
        session.queue(_update_quote, [{**row, "this_bill": bill_id}])
