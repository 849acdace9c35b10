"""A card as every answer shows it."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import Update, bindparam, select, update

from card_service.cards.rules import split
from card_service.kit.context import Context
from card_service.kit.db.session import Session
from card_service.kit.db.statement import TENANT, Statement
from card_service.kit.wire import Answer
from card_service.ledger.lock import ACTIVE, CardNotFound
from card_service.ledger.shown import is_due, read_shown
from card_service.models.card_config import card_configurations as config
from card_service.models.cards import loyalty_cards as card
from card_service.tiers.ladder import ladder_at
from card_service.tiers.shown import TierShown, show_tier


class CardAnswer(Answer, frozen=True):
    """A card, its holder and its points; `points_balance` may be negative, by the debt."""

    id: int
    card_number: str
    customer_id: int | None
    customer_name: str | None
    customer_phone: str | None
    customer_email: str | None
    referrer_card_id: int | None
    points_balance: Decimal
    points_pending: Decimal
    points_debt: Decimal
    total_points_earned: Decimal
    total_points_redeemed: Decimal
    total_referral_points_earned: Decimal
    status: str
    is_active: bool
    issued_at: datetime
    last_transaction_at: datetime | None
    program_id: int | None
    version: int
    birth_date: date | None = None
    segments: list[str] = msgspec.field(default_factory=list)
    referral_code: str | None = None
    referral_link: str | None = None
    tier: TierShown | None = None


class StoredCard(NamedTuple):
    """A card as it is stored, from when on its points are not, and the ladder on which its tier is found."""

    card: CardAnswer
    next_due_at: datetime | None
    tier_id: int | None
    rules_version: int
    rules_updated_at: datetime


_STORED = [name for name in CardAnswer.__struct_fields__ if name not in {"is_active", "tier"}]
# What the codes are put behind; the link that is answered is made of the two.
_LINK_BASE, *_VERSION = (
    select(column).where(config.c.tenant_id == TENANT).scalar_subquery()
    for column in (config.c.referral_link_base, config.c.version, config.c.updated_at)
)
_BESIDE = (card.c.next_due_at, card.c.tier_id, *_VERSION)
CARD_COLUMNS = (*(_LINK_BASE if name == "referral_link" else card.c[name] for name in _STORED), *_BESIDE)
"""What a statement selects to make a StoredCard."""


def card_of(*values: Any) -> StoredCard:
    """Make a card of a row of CARD_COLUMNS; `show` makes the answer of it."""
    stored, beside = values[: -len(_BESIDE)], values[-len(_BESIDE) :]
    found = dict(zip(_STORED, stored, strict=True))
    base, code = found["referral_link"], found["referral_code"]
    found["referral_link"] = f"{base}{code}" if base and code else None
    found["segments"] = split(found["segments"])
    return StoredCard(CardAnswer(**found, is_active=found["status"] == ACTIVE), *beside)


def show(session: Session, context: Context, found: StoredCard) -> CardAnswer:
    """Show a card with its tier, and its points as they are at this instant, whether or not what is due was settled."""
    ladder = ladder_at(session, found.rules_version, found.rules_updated_at).of_program(found.card.program_id)
    answer = msgspec.structs.replace(found.card, tier=show_tier(ladder.holding(found.tier_id)))
    shown = read_shown(session, context, found.card.id) if is_due(found.next_due_at, context) else None
    if shown is None:
        return answer
    book = shown.book
    return msgspec.structs.replace(
        answer,
        points_balance=book.balance,
        points_pending=book.pending,
        points_debt=book.debt,
        total_points_redeemed=found.card.total_points_redeemed + book.redeemed,
    )


_by_id = Statement(select(*CARD_COLUMNS).where(card.c.tenant_id == TENANT, card.c.id == bindparam("card_id")), card_of)


def show_card(session: Session, context: Context, card_id: int) -> CardAnswer:
    """Show a card by its id; raises CardNotFound."""
    found = session.one(_by_id, card_id=card_id)
    if found is None:
        raise CardNotFound
    return show(session, context, found)


def update_card(*columns: str) -> Update:
    """Build the UPDATE of these columns of the locked card `card_id`; it counts as a new version at `now`."""
    values: dict[str, Any] = {name: bindparam(name) for name in columns}
    values["version"] = card.c.version + 1
    values["updated_at"] = bindparam("now", type_=card.c.updated_at.type)
    return update(card).where(card.c.tenant_id == TENANT, card.c.id == bindparam("card_id")).values(values)
