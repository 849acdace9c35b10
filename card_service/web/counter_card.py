"""A customer's card as the counter shows it: what it holds, what that is worth, and what is lost soonest."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from card_service.card_config.settings import CardConfig, get_config
from card_service.cards.balance import read_balance
from card_service.cards.card import CardAnswer, show_card
from card_service.cards.expiring import read_expiring
from card_service.kit.context import Context
from card_service.kit.db.session import Session

MOST_DAYS = 3


@dataclass(frozen=True, slots=True)
class Expiring:
    """Points whose last valid day this is."""

    day: date
    points: Decimal


@dataclass(frozen=True, slots=True)
class CounterCard:
    """A card, what its points are worth at `as_of`, and the next days on which points are lost."""

    card: CardAnswer
    worth: Decimal
    expiring: list[Expiring]
    as_of: datetime
    config: CardConfig


@dataclass(frozen=True, slots=True)
class Category:
    """A category of goods that a line of a bill can name."""

    id: int
    name: str


def show_counter_card(session: Session, context: Context, card_id: int) -> CounterCard:
    """Read all that the counter shows of a card; raises CardNotFound."""
    config = get_config(session, context)
    card = show_card(session, context, card_id)
    return CounterCard(
        card=card,
        worth=read_balance(session, context, card_id).amount,
        expiring=[Expiring(item.on, item.points) for item in read_expiring(session, context, card_id).items[:MOST_DAYS]],
        as_of=context.now,
        config=config,
    )


def categories_of(config: CardConfig) -> list[Category]:
    """Give every category that the tenant has named, by percentage or by discount, in the order of their numbers.

    The order is the tenant's own: what it sells most can stand first, where the cursor finds it. A category whose
    percentage is switched off is sold all the same; it earns nothing.
    """
    named = {entry["categoryId"]: entry["categoryName"] for entry in config.category_discounts}
    named |= {entry["categoryId"]: entry["categoryName"] for entry in config.category_point_configs}
    return [Category(number, named[number]) for number in sorted(named)]
