"""What an admin sets up beside the configuration: tiers, campaigns, earning rules (docs/programme.md sections 2 to 5)."""

from collections.abc import Callable
from datetime import date
from functools import wraps
from typing import Concatenate, ParamSpec, TypeVar

from .answers import Answer, Body, RefusedError
from .arithmetic import shown
from .books import Books
from .campaigns import Campaign, change_state, money_given, points_given, uses
from .cards import CLOSED, Card
from .rules import Rule
from .tiers import Standing, tier_of

P = ParamSpec("P")
S = TypeVar("S")


def answered(method: Callable[Concatenate[S, P], Answer]) -> Callable[Concatenate[S, P], Answer]:
    """Turn a refusal into the answer it stands for."""

    @wraps(method)
    def answering(self: S, /, *args: P.args, **kwargs: P.kwargs) -> Answer:
        try:
            return method(self, *args, **kwargs)
        except RefusedError as refused:
            return refused.answer

    return answering


class Programme:
    """The part of a pharmacy that is tiers, campaigns and rules; ids are the service's when it plays along."""

    books: Books

    def create_tier(self, body: Body, tier_id: int | None = None) -> Answer:
        """POST /tiers."""
        tier = tier_of(body, tier_id or len(self.books.tiers.by_id) + 1)
        self.books.tiers.by_id[tier.id] = tier
        return Answer(201, {"id": tier.id, "level": tier.level, "name": tier.name})

    @answered
    def set_tier(self, card_id: int, body: Body) -> Answer:
        """PUT /loyalty/tier/update/{customerId}, by the card of the customer."""
        card = self.books.cards.get(card_id)
        if card.status == CLOSED:
            raise RefusedError(409, "CARD_NOT_ACTIVE")
        until = date.fromisoformat(body["until"]) if body.get("until") else None
        card.standing = Standing(body["tierId"], body["tierId"], until)
        return Answer(200, {})

    def review_tiers(self) -> Answer:
        """POST /tiers/recalculate of every card; answers how many were reviewed, and who changed."""
        changes = []
        for card in self._open_cards():
            bills = self.books.bills_of(card)
            change = self.books.change_standing(card, self.books.tiers.review(card.standing, bills, self.books.today))
            if change:
                changes.append({"cardId": card.id, **change})
        return Answer(200, {"changes": changes})

    def create_campaign(self, body: Body, campaign_id: int | None = None) -> Answer:
        """POST /campaigns, and activate it."""
        campaign = Campaign(campaign_id or len(self.books.campaigns) + 1, body)
        self.books.campaigns[campaign.id] = campaign
        return Answer(201, {"id": campaign.id, "type": campaign.kind, "status": "DRAFT"})

    @answered
    def change_campaign(self, campaign_id: int, event: str) -> Answer:
        """POST /campaigns/{id}/activate|pause|end."""
        change_state(self.books.campaigns[campaign_id], event)
        return Answer(200, {"id": campaign_id})

    def campaign_results(self, campaign_id: int) -> Answer:
        """GET /campaigns/{id}/results: its counters."""
        campaign, bills = self.books.campaigns[campaign_id], self.books.earned_bills()
        points, amount = points_given(campaign, bills), money_given(campaign, bills)
        return Answer(200, {"uses": uses(campaign, bills), "points": shown(points), "amount": shown(amount)})

    def create_rule(self, body: Body, rule_id: int | None = None) -> Answer:
        """POST /earning-rules."""
        rule = Rule(rule_id or len(self.books.rules.by_id) + 1, body)
        self.books.rules.by_id[rule.id] = rule
        return Answer(201, {"id": rule.id, "activity": body["activity"]})

    def _open_cards(self) -> list[Card]:
        return [card for card in self.books.cards if card.status != CLOSED]
