"""What an admin sets up beside the configuration: tiers, campaigns, earning rules (docs/programme.md sections 2 to 5)."""

from collections.abc import Callable
from datetime import date, timedelta
from functools import wraps
from typing import Concatenate, ParamSpec, TypeVar

from .activities import earn_activity
from .answers import Answer, Body, RefusedError
from .arithmetic import ZERO, exact, shown
from .books import Books
from .campaigns import REFERRAL, Campaign, Verdict, change_state, exclude, reason_against
from .cards import ACTIVE, CLOSED, Card
from .challenges import CHALLENGE, counts_until, spent
from .counters import money_given, points_given, uses
from .purchases import purchase_of
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

    @answered
    def create_tier(self, body: Body, tier_id: int | None = None) -> Answer:
        """POST /tiers; a tier without requirements is below all others."""
        tier = tier_of(body, tier_id or len(self.books.tiers.by_id) + 1)
        _, *higher = sorted([*self.books.tiers.by_id.values(), tier], key=lambda one: one.level)
        if any(one.base for one in higher):
            raise RefusedError(422, "VALIDATION_FAILED")
        self.books.tiers.by_id[tier.id] = tier
        return Answer(201, {"id": tier.id, "level": tier.level, "name": tier.name})

    @answered
    def set_tier(self, card_id: int, body: Body) -> Answer:
        """PUT /loyalty/tier/update/{customerId}, by the card of the customer."""
        card = self.books.cards.get(card_id)
        if card.status == CLOSED:
            raise RefusedError(409, "CARD_NOT_ACTIVE")
        until = self.books.configuration.end_of(date.fromisoformat(body["until"])) if body.get("until") else None
        card.standing = Standing(body["tierId"], body["tierId"], until)
        return Answer(200, {})

    def review_tiers(self) -> Answer:
        """POST /tiers/recalculate of every card; answers how many were reviewed, and who changed."""
        changes = []
        for card in self._open_cards():
            bills = self.books.bills_of(card)
            change = self.books.change_standing(
                card, self.books.tiers.review(card.standing, bills, self.books.today, self.books.now)
            )
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
        bills = self.books.earned_bills()
        points, amount = points_given(campaign_id, bills), money_given(campaign_id, bills)
        return Answer(200, {"uses": uses(campaign_id, bills), "points": shown(points), "amount": shown(amount)})

    @answered
    def participate(self, campaign_id: int, card_id: int) -> Answer:
        """POST /campaigns/participate."""
        campaign, card = self.books.campaigns[campaign_id], self.books.cards.get(card_id)
        if not campaign.opt_in:
            raise RefusedError(422, "VALIDATION_FAILED")
        if not campaign.runs(self.books.now):
            raise RefusedError(409, "CAMPAIGN_STATE")
        if card.status != ACTIVE:
            raise RefusedError(409, "CARD_NOT_ACTIVE")
        card.joined.setdefault(campaign_id, self.books.now)
        return self.progress(campaign_id, card_id)

    def progress(self, campaign_id: int, card_id: int) -> Answer:
        """GET /campaigns/{id}/progress/{customerId}, by the card of the customer."""
        campaign, card = self.books.campaigns[campaign_id], self.books.cards.get(card_id)
        joined = card.joined.get(campaign_id)
        bills = self.books.bills_brought_by(card_id) if campaign.kind == REFERRAL else self.books.bills_of(card)
        answer: Body = {
            "campaignId": campaign_id,
            "cardId": card_id,
            "joinedAt": joined,
            "until": None,
            "uses": uses(campaign_id, bills),
            "points": shown(points_given(campaign_id, bills)),
            "spent": shown(spent(campaign, bills)),
            "targetSpend": None,
            "remaining": None,
        }
        if campaign.kind == CHALLENGE:
            target = exact(campaign.body["targetSpend"])
            answer |= {"targetSpend": shown(target), "remaining": shown(max(target - spent(campaign, bills), ZERO))}
            answer["until"] = counts_until(campaign, joined, self.books.configuration) if joined else None
        return Answer(200, answer)

    def eligible(self, card_id: int) -> Answer:
        """GET /campaigns/customer/{customerId}/eligible, by the card of the customer."""
        card, now = self.books.cards.get(card_id), self.books.now
        visit = purchase_of(self.books, card, [], ZERO, now, whatever_bill=True)
        campaigns = sorted(self.books.campaigns.values(), key=lambda campaign: campaign.order)
        configuration = self.books.configuration
        verdicts = [
            Verdict(campaign, reason_against(campaign, visit, configuration, whatever_bill=True))
            for campaign in campaigns
            if campaign.runs(now)
        ]
        exclude(verdicts)
        items = [
            {
                "campaign": {"id": verdict.campaign.id},
                "eligible": verdict.reason is None,
                "reason": verdict.reason,
                "joinedAt": card.joined.get(verdict.campaign.id),
            }
            for verdict in verdicts
        ]
        return Answer(200, {"cardId": card_id, "items": items})

    @answered
    def earn_activity(self, body: Body) -> Answer:
        """POST /loyalty/points/earn."""
        return earn_activity(self.books, body)

    def tier_of(self, card_id: int) -> Answer:
        """GET /cards/{id}/tier: where the card is, and what holds it there."""
        card = self.books.cards.get(card_id)
        held, until = self.books.tiers.by_id.get(card.standing.held or 0), card.standing.until
        last_day = self.books.configuration.today(until) - timedelta(days=1) if until else None
        return Answer(
            200,
            {
                "cardId": card_id,
                **self.books.shown_tier(card),
                "heldTier": held.shown if held else None,
                "heldUntil": last_day.isoformat() if last_day else None,
            },
        )

    def create_rule(self, body: Body, rule_id: int | None = None) -> Answer:
        """POST /earning-rules."""
        rule = Rule(rule_id or len(self.books.rules.by_id) + 1, body)
        self.books.rules.by_id[rule.id] = rule
        return Answer(201, {"id": rule.id, "activity": body["activity"]})

    def _open_cards(self) -> list[Card]:
        return [card for card in self.books.cards if card.status != CLOSED]
