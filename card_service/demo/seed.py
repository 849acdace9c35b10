"""Filling a database with the demo pharmacy: twenty cards and six weeks of bills, through the real use cases.

Everything is drawn from one fixed seed, so every demo is the same but for its dates. Each step is answered once
only, so a seeding that was interrupted goes on where it stopped.
"""

import random
from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from typing import TypeVar

from card_service.card_config.change_entry import PutEntry, put_entry
from card_service.card_config.entries import CATEGORIES, DISCOUNTS, RESTRICTIONS
from card_service.card_config.settings import ChangeConfig, change_config
from card_service.cards.card import CardAnswer
from card_service.cards.find import find_by_customer
from card_service.cards.issue import IssueCard, issue_card
from card_service.cards.name_referrer import ReferrerRef
from card_service.demo import shop
from card_service.demo.programme import set_up
from card_service.kit.context import Context
from card_service.kit.db.database import Database
from card_service.kit.db.session import Session
from card_service.kit.errors import AlreadyAnswered, NotFound
from card_service.points.bill import BillAlreadyEarned, BillCancelled
from card_service.points.earn import EarnPoints, earn_points
from card_service.points.look import CardRef
from card_service.points.redeem import RedeemPoints, redeem_points
from card_service.points.redemption import InsufficientPoints, MaxRedemptionExceeded
from card_service.points.returns import ReturnItem
from card_service.points.reverse import ReversePoints, reverse_points
from card_service.points.rules import Item

Command = TypeVar("Command")

SEED = 1947
WEEKS, BILLS_A_DAY = 6, 3
FIRST_BILL = 1001
LEAST_REDEEMED = Decimal(50)
_CATEGORY_IDS = tuple(shop.POINT_PERCENTAGES)


def seed(database: Database, tenant_id: int, now: datetime) -> list[CardAnswer]:
    """Give a tenant the demo's configuration, cards and bills; gives its cards."""
    start = now - timedelta(weeks=WEEKS)
    _configure(database, _at(tenant_id, start))
    set_up(database, _at(tenant_id, start), now)
    cards: list[CardAnswer] = []
    for place, customer in enumerate(shop.CUSTOMERS):
        referrer = None if customer.referred_by is None else cards[customer.referred_by].id
        cards.append(_issue(database, _at(tenant_id, start), place, customer, referrer))
    chance = random.Random(SEED)  # noqa: S311 - it must be the same every time
    for number in range(WEEKS * 7 * BILLS_A_DAY):
        day, turn = divmod(number, BILLS_A_DAY)
        paid_at = start + timedelta(days=day, hours=1 + 2 * turn, minutes=chance.randrange(60))
        _sell(database, _at(tenant_id, paid_at), FIRST_BILL + number, chance.choice(cards).id, chance)
    return cards


def _at(tenant_id: int, now: datetime) -> Context:
    return Context(tenant_id=tenant_id, performed_by="demo", now=now)


def _configure(database: Database, context: Context) -> None:
    for category_id, (name, percentage) in shop.POINT_PERCENTAGES.items():
        fields = {"category_name": name, "point_percentage": percentage, "is_active": True}
        database.transact(put_entry(CATEGORIES), context, PutEntry(category_id, fields))
    for category_id, percentage in shop.DISCOUNTS.items():
        name, _ = shop.POINT_PERCENTAGES[category_id]
        fields = {"category_name": name, "discount_percentage": percentage, "is_active": True}
        database.transact(put_entry(DISCOUNTS), context, PutEntry(category_id, fields))
    database.transact(put_entry(RESTRICTIONS), context, PutEntry(shop.BABY_FOOD, shop.RESTRICTION))
    database.transact(change_config, context, ChangeConfig(shop.SETTINGS))


def _issue(database: Database, context: Context, place: int, customer: shop.Customer, referrer_id: int | None) -> CardAnswer:
    customer_id = 501 + place
    try:
        return database.read(find_by_customer, context, customer_id)
    except NotFound:
        pass
    first, *_ = customer.name.lower().split()
    request = IssueCard(
        customer_id=customer_id,
        customer_name=customer.name,
        customer_phone=f"+9190000{customer_id:05d}",
        customer_email=f"{first}.{customer_id}@example.com",
        referrer=None if referrer_id is None else ReferrerRef(card_id=referrer_id),
    )
    return database.transact(issue_card, context, request)


def _sell(database: Database, context: Context, bill_id: int, card_id: int, chance: random.Random) -> None:
    """Post a bill; some are partly paid with points, some come back."""
    card = CardRef(card_id=card_id)
    items = tuple(
        Item(category_id, Decimal(chance.randrange(2000, 90000, 25)).scaleb(-2))
        for category_id in sorted(chance.sample(_CATEGORY_IDS, chance.randint(1, 3)))
    )
    total = sum((item.amount for item in items), Decimal(0))
    redeemed = False
    if chance.random() < 0.25:  # noqa: PLR2004 - a bill in four
        redeem = RedeemPoints(card, bill_id, points=LEAST_REDEEMED + chance.randrange(20), bill_amount=total, items=items)
        redeemed = _post(database, redeem_points, context, redeem)
    _post(database, earn_points, context, EarnPoints(card, bill_id, total, items))
    fate = chance.random()
    # Six in a hundred come back in part; of those paid with points, which are few, every second one.
    if fate < (0.5 if redeemed else 0.06):
        part = ReturnItem(items[0].category_id, (items[0].amount / 2).quantize(Decimal("0.01")))
        request = ReversePoints(CardRef(), bill_id, "half of it unused", return_id=bill_id, items=(part,))
        _post(database, reverse_points, context, request)
    elif fate > 0.98:  # noqa: PLR2004 - and two whole
        _post(database, reverse_points, context, ReversePoints(CardRef(), bill_id, "wrong customer"))


def _post(
    database: Database, use_case: Callable[[Session, Context, Command], object], context: Context, command: Command
) -> bool:
    """Post once, and tell whether it stands; a customer who has too few points pays in full."""
    try:
        database.transact(use_case, context, command)
    except AlreadyAnswered:
        return True
    except (InsufficientPoints, MaxRedemptionExceeded, BillAlreadyEarned, BillCancelled):
        return False
    return True
