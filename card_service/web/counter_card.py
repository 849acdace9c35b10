"""A customer's card as the counter shows it: what it holds and is worth, what is still to come, and where it stands."""

from collections.abc import Container
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from card_service.campaigns.campaign import TIER_CHALLENGE
from card_service.campaigns.rules import Judged, challenge_until
from card_service.card_config.load import by_version
from card_service.card_config.settings import CardConfig, get_config
from card_service.cards.balance import BalanceAnswer, read_balance
from card_service.cards.card import CardAnswer, show_card
from card_service.cards.expiring import read_expiring
from card_service.kit.context import Context
from card_service.kit.days import day_of, last_day
from card_service.kit.db.session import Session
from card_service.kit.money import ZERO
from card_service.points.campaign_eligible import judge_card
from card_service.programs.load import load_programs
from card_service.programs.rules import Program
from card_service.tiers.ladder import ladder_at
from card_service.tiers.rules import Tier
from card_service.tiers.standing import StandingAnswer, read_standing
from card_service.web.counter_waiting import Dated, Held, read_waiting

MOST_DAYS = 3
MAY_JOIN = frozenset({"NOT_JOINED", "OUTSIDE_HOURS"})
"""Why a campaign cannot be had yet that the customer could join now; the other reasons keep this customer out of it.

The first reason is told: outside a campaign's hours, whom it is for is still to be asked.
"""


@dataclass(frozen=True, slots=True)
class Joinable:
    """A campaign that customers join; `remaining` and `until`, the last day, are those of a challenge that was joined."""

    id: int
    name: str
    description: str | None
    joined: bool
    remaining: Decimal | None = None
    until: date | None = None
    is_complete: bool = False


@dataclass(frozen=True, slots=True)
class CounterCard:
    """A card and all that is shown beside it at `as_of`; `next_tier` is the one that the standing's progress leads to.

    `program_runs` tells whether the card's programme lets it earn today; a card without one earns.
    """

    card: CardAnswer
    balance: BalanceAnswer
    pending: list[Dated]
    expiring: list[Dated]
    holds: list[Held]
    standing: StandingAnswer
    next_tier: Tier | None
    program: Program | None
    program_runs: bool
    campaigns: list[Joinable]
    as_of: datetime
    config: CardConfig

    @property
    def worth(self) -> Decimal:
        """Tell what the points can pay."""
        return self.balance.amount


@dataclass(frozen=True, slots=True)
class Category:
    """A category of goods that a line of a bill can name."""

    id: int
    name: str


def show_counter_card(session: Session, context: Context, card_id: int) -> CounterCard:
    """Read all that the counter shows of a card; raises CardNotFound."""
    config = get_config(session, context)
    card = show_card(session, context, card_id)
    waiting = read_waiting(session, context, card_id, config.timezone)
    standing = read_standing(session, context, card_id)
    ladder = ladder_at(session, config.version, config.updated_at)
    programs = by_version(session, config.version, config.updated_at, load_programs)
    program = programs.get(card.program_id) if card.program_id is not None else None
    runs = program is None or program.runs_on(day_of(context.now, config.timezone))
    judged = judge_card(session, context, card_id)
    offered = {one.campaign.id for one in judged if _may_join(one, card, standing)}
    return CounterCard(
        card=card,
        balance=read_balance(session, context, card_id),
        pending=waiting.pending[:MOST_DAYS],
        expiring=[Dated(item.on, item.points) for item in read_expiring(session, context, card_id).items[:MOST_DAYS]],
        holds=waiting.holds,
        standing=standing,
        next_tier=ladder.by_id.get(standing.progress.next_tier.id) if standing.progress else None,
        program=program,
        program_runs=runs,
        campaigns=_joinable(judged, context.now, config.timezone, offered),
        as_of=context.now,
        config=config,
    )


def _may_join(judged: Judged, card: CardAnswer, standing: StandingAnswer) -> bool:
    """Tell whether a campaign is one to join, and for this customer once it is joined and on."""
    who = judged.campaign.conditions
    is_of_tier = not who.tier_ids or (standing.tier is not None and standing.tier.id in who.tier_ids)
    is_of_segment = not who.segments or not who.segments.isdisjoint(card.segments)
    return judged.campaign.opt_in and judged.reason in MAY_JOIN and is_of_tier and is_of_segment


def _joinable(judged: list[Judged], now: datetime, timezone: str, offered: Container[int]) -> list[Joinable]:
    """List what the customer has joined or is offered, and how far a challenge is; not one whose days are over."""
    found = []
    for campaign, counted in ((one.campaign, one.standing.card) for one in judged):
        joined_at, is_challenge = counted.joined_at, campaign.type == TIER_CHALLENGE
        if joined_at is None and campaign.id not in offered:
            continue
        if joined_at is not None and not (campaign.opt_in or is_challenge):
            continue
        until = challenge_until(campaign, joined_at, timezone) if is_challenge and joined_at is not None else None
        is_complete = counted.completed_at is not None
        if until is not None and until <= now and not is_complete:
            continue
        remaining = max((campaign.target_spend or ZERO) - counted.spent, ZERO) if until is not None else None
        found.append(
            Joinable(
                campaign.id,
                campaign.name,
                campaign.description,
                joined_at is not None,
                remaining,
                last_day(until, timezone) if until is not None else None,
                is_complete,
            )
        )
    return found


def categories_of(config: CardConfig) -> list[Category]:
    """Give every category that the tenant has named, by percentage or by discount, in the order of their numbers.

    The order is the tenant's own: what it sells most can stand first, where the cursor finds it. A category whose
    percentage is switched off is sold all the same; it earns nothing.
    """
    named = {entry["categoryId"]: entry["categoryName"] for entry in config.category_discounts}
    named |= {entry["categoryId"]: entry["categoryName"] for entry in config.category_point_configs}
    return [Category(number, named[number]) for number in sorted(named)]
