"""What a card has had once and may have again when it was taken back; asked only of cards of which something was."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import bindparam, func, literal, select

from card_service.kit.db.session import Session
from card_service.kit.db.statement import TENANT, Statement
from card_service.kit.money import ZERO
from card_service.ledger.person import cards_of_person
from card_service.models.bills import bill_bonuses, bills
from card_service.models.cards import loyalty_cards as cards
from card_service.points.bill import CANCELLED

EVER = datetime(1970, 1, 1, tzinfo=UTC)
_nothing = bindparam("nothing", type_=bill_bonuses.c.reversed.type)
# The cards that were merged into a card are the same person's.
_own = cards_of_person()
_bought = _own.join(bills, (bills.c.tenant_id == TENANT) & (bills.c.card_id == _own.c.card_id))
_live: Statement[tuple[Any, ...]] = Statement(
    select(bills.c.bill_id)
    .select_from(_bought)
    .where(
        bills.c.earned_at.is_not(None),
        bills.c.state != CANCELLED,
        bills.c.bill_amount != literal(ZERO, bills.c.bill_amount.type),
    )
    .limit(1)
)
_of_friend: Statement[tuple[Any, ...]] = Statement(
    select(bills.c.bill_id)
    .select_from(_bought)
    .where(
        # Not a join: SQLite would begin with the bonuses of all.
        select(bill_bonuses.c.id)
        .where(
            bill_bonuses.c.tenant_id == TENANT,
            bill_bonuses.c.bill_id == bills.c.bill_id,
            bill_bonuses.c.kind.in_(("REFERRAL", "REFERRED")),
            bill_bonuses.c.reversed == _nothing,
        )
        .exists(),
    )
    .limit(1)
)
_settled_by: Statement[tuple[Any, ...]] = Statement(
    select(cards.c.friend_bill_id).where(cards.c.tenant_id == TENANT, cards.c.id == bindparam("card_id"))
)
_paid: Statement[tuple[Any, ...]] = Statement(
    select(func.count())
    .select_from(_own.join(bill_bonuses, (bill_bonuses.c.tenant_id == TENANT) & (bill_bonuses.c.card_id == _own.c.card_id)))
    .where(
        bill_bonuses.c.kind == bindparam("kind"),
        bill_bonuses.c.source_id == bindparam("rule_id"),
        # Campaigns pay friends, too, and have ids of their own.
        bill_bonuses.c.of_campaign.is_(False),
        bill_bonuses.c.reversed == _nothing,
        bill_bonuses.c.created_at >= bindparam("since", type_=bill_bonuses.c.created_at.type),
    )
)


def live_bill(session: Session, card_id: int) -> int | None:
    """Find a bill of more than nothing that earned on the card, or on one merged into it, and is not cancelled."""
    row = session.one(_live, card_id=card_id)
    return row[0] if row else None


def friends_bill(session: Session, card_id: int) -> int | None:
    """Find a bill of the card that has paid for its referral, where not all of that was taken back."""
    row = session.one(_of_friend, card_id=card_id, nothing=ZERO)
    return row[0] if row else None


def friend_bill_of(session: Session, card_id: int) -> int | None:
    """Tell which bill a card remembers as the one that has settled its referral."""
    row = session.one(_settled_by, card_id=card_id)
    return row[0] if row else None


def bonuses_paid_to(session: Session, card_id: int, kind: str, rule_id: int, since: datetime | None) -> int:
    """Count what a rule has paid a card with bills since an instant, but for what was taken back."""
    params = {"kind": kind, "rule_id": rule_id, "since": since or EVER, "nothing": ZERO}
    return int(session.all(_paid, card_id=card_id, **params)[0][0])
