"""Trying a campaign on the bills of past days: what it would have given if it alone had run. Nothing is written.

docs/programme.md section 3. The bills are read a chunk at a time, in the order in which they happened; what the campaign would
have given by then is counted in memory, so that its caps and its budget hold.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import NamedTuple

from sqlalchemy import and_, bindparam, or_, select

from card_service.campaigns.campaign import ACTIVE, NOTHING, REFERRAL, Campaign, Counted, Standing
from card_service.campaigns.counters import Gift
from card_service.campaigns.rules import Visit, judge
from card_service.campaigns.save import find_campaign
from card_service.card_config.load import load_rulebook
from card_service.card_config.rulebook import Rulebook
from card_service.kit.context import Context
from card_service.kit.days import day_of, end_of, start_of
from card_service.kit.db.session import Session
from card_service.kit.db.statement import TENANT, Statement
from card_service.kit.errors import ValidationFailed
from card_service.kit.money import HUNDRED, round_down
from card_service.kit.wire import Answer
from card_service.models.bills import bills
from card_service.models.cards import loyalty_cards as cards
from card_service.points.bill import CANCELLED, BillLine, read_lines
from card_service.points.look import labels
from card_service.points.promotion import Promoted, apply, takes_part
from card_service.points.rules import Line
from card_service.tiers.ladder import load_ladder
from card_service.tiers.rules import Ladder

MOST_DAYS = 92
MOST_BILLS = 20_000
"""Bills that one request looks at, so that it ends in time however much the tenant sells."""
CHUNK = 500
SAMPLE = 20
ALWAYS = (datetime(2000, 1, 1, tzinfo=UTC), datetime(3000, 1, 1, tzinfo=UTC))


@dataclass(frozen=True, slots=True)
class TryCampaign:
    """A campaign, and the tenant's days to try it on, both included."""

    campaign_id: int
    first_day: date
    last_day: date


class Tried(Answer, frozen=True):
    """A bill that would have met the campaign."""

    bill_id: int
    card_id: int
    occurred_at: datetime
    bill_amount: Decimal
    points: Decimal


class Trial(Answer, frozen=True):
    """What the campaign would have given: how many bills were looked at, how many met it, and a few of these.

    There may be more bills than one request looks at: then it is not `complete`, and `tried_to` is the day of the last one.
    """

    bills: int
    bills_met: int
    cards: int
    points: Decimal
    amount: Decimal
    complete: bool
    tried_to: date
    sample: list[Tried]


class _Past(NamedTuple):
    """A bill of the past, and its card's labels of today."""

    bill_id: int
    card_id: int
    occurred_at: datetime
    amount: Decimal
    lines: str | None
    segments: str | None
    tier_id: int | None
    program_id: int | None


@dataclass(slots=True)
class _Counts:
    """What the campaign would have given so far."""

    whole: Counted = NOTHING
    cards: dict[int, Counted] = field(default_factory=dict)
    bills: int = 0
    met: list[Tried] = field(default_factory=list)

    def add(self, card_id: int, gift: Gift) -> None:
        """Count a gift."""
        self.whole = _more(self.whole, gift)
        self.cards[card_id] = _more(self.cards.get(card_id, NOTHING), gift)


_chunk = Statement(
    select(
        bills.c.bill_id,
        bills.c.card_id,
        bills.c.occurred_at,
        bills.c.bill_amount,
        bills.c.lines,
        cards.c.segments,
        cards.c.tier_id,
        cards.c.program_id,
    )
    .select_from(bills.join(cards, (cards.c.tenant_id == TENANT) & (cards.c.id == bills.c.card_id)))
    .where(
        bills.c.tenant_id == TENANT,
        bills.c.occurred_at >= bindparam("after"),
        bills.c.occurred_at < bindparam("until"),
        or_(
            bills.c.occurred_at > bindparam("after"),
            and_(bills.c.occurred_at == bindparam("after"), bills.c.bill_id > bindparam("after_bill")),
        ),
        bills.c.earned_at.is_not(None),
        bills.c.state != CANCELLED,
    )
    .order_by(bills.c.occurred_at, bills.c.bill_id)
    .limit(CHUNK),
    _Past,
)


def try_campaign(session: Session, context: Context, request: TryCampaign) -> Trial:  # noqa: ARG001
    """Try a campaign on the bills of some days; raises CampaignNotFound, ValidationFailed."""
    campaign = find_campaign(session, request.campaign_id)
    if campaign.type == REFERRAL:
        raise ValidationFailed({"campaignId": ["Bills of the past do not tell who was referred: a REFERRAL cannot be tried."]})
    if not 0 <= (request.last_day - request.first_day).days < MOST_DAYS:
        raise ValidationFailed({"to": [f"Must be from the first day on, at most {MOST_DAYS} days in all."]})
    alone = replace(campaign, status=ACTIVE, starts_at=ALWAYS[0], ends_at=ALWAYS[1], opt_in=False, exclusive=False)
    rules, ladder, counts = load_rulebook(session), load_ladder(session), _Counts()
    complete, tried_to = True, request.first_day
    for bill in _past_bills(session, request, rules):
        if counts.bills == MOST_BILLS:
            complete = False
            break
        counts.bills += 1
        tried_to = day_of(bill.occurred_at, rules.timezone)
        _try_on(alone, bill, rules, ladder, counts)
    return Trial(
        bills=counts.bills,
        bills_met=len(counts.met),
        cards=len({one.card_id for one in counts.met}),
        points=counts.whole.points,
        amount=counts.whole.amount,
        complete=complete,
        tried_to=request.last_day if complete else tried_to,
        sample=counts.met[:SAMPLE],
    )


def _past_bills(session: Session, request: TryCampaign, rules: Rulebook) -> Iterator[_Past]:
    after, after_bill = start_of(request.first_day, rules.timezone), -1
    until = end_of(request.last_day, rules.timezone)
    while True:
        found = session.all(_chunk, after=after, after_bill=after_bill, until=until)
        yield from found
        if len(found) < CHUNK:
            return
        after, after_bill = found[-1].occurred_at, found[-1].bill_id


def _try_on(campaign: Campaign, bill: _Past, rules: Rulebook, ladder: Ladder, counts: _Counts) -> None:
    tier = ladder.of_program(bill.program_id).holding(bill.tier_id)
    lines = [_line(one, rules) for one in read_lines(bill.lines)]
    visit = Visit(
        bill.occurred_at,
        rules.timezone,
        rules.points_to_amount_rate,
        rules.points_precision,
        tier_id=tier.id if tier else None,
        segments=labels(bill.segments),
        bill_amount=bill.amount,
        categories=frozenset(line.category_id for line in lines if takes_part(line, rules)),
    )
    standing = Standing(counts.whole, counts.cards.get(bill.card_id, NOTHING))
    judged = judge((campaign,), visit, {campaign.id: standing})
    given = apply(judged, lines, rules, Promoted(bill.bill_id, bill.amount, bill.card_id, bill.occurred_at))
    for gift in given.gifts:
        counts.add(bill.card_id, gift)
    if judged[0].applies:
        tried = given.shown[0].points
        counts.met.append(
            Tried(
                bill_id=bill.bill_id,
                card_id=bill.card_id,
                occurred_at=bill.occurred_at,
                bill_amount=bill.amount,
                points=tried,
            )
        )


def _line(stored: BillLine, rules: Rulebook) -> Line:
    """Give a line of the past as its base, percentage and tier alone made it."""
    excluded = stored.earn_blocked or not stored.percentage
    multiplier = stored.tier_multiplier or stored.multiplier
    line = Line(stored.category_id, stored.loyalty_eligible, stored.amount, stored.amount, base=stored.base)
    line.percentage, line.multiplier = stored.percentage, multiplier
    line.excluded_reason = "NO_PERCENTAGE" if excluded else None
    if not excluded:
        line.points = round_down(stored.base * stored.percentage * multiplier / HUNDRED, rules.points_precision)
    return line


def _more(counted: Counted, gift: Gift) -> Counted:
    return Counted(
        counted.uses + gift.uses,
        counted.points + gift.points,
        counted.amount + gift.amount,
        counted.spent + gift.spent,
        counted.joined_at or gift.joined_at,
        gift.completed_bill_id,
        gift.completed_at,
    )
