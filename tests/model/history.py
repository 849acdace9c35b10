"""One history of calls played on the running service and on the model, every answer compared."""

from collections import Counter
from datetime import datetime
from decimal import Decimal
from typing import Any

from .answers import Answer, Body
from .cards import CLOSED
from .challenges import CHALLENGE
from .ledger import LAPSED
from .model import Pharmacy
from .over_http import OverHttp


class History:
    """A fresh tenant of the service and a fresh model, always given the same calls at the same instants."""

    def __init__(self, http: OverHttp, clock: Any) -> None:
        """Begin at the service's present."""
        self.http = http
        self.clock = clock
        self.began = clock.now
        self.model = Pharmacy(clock.now)
        self.cards: list[int] = []
        self.sent: list[tuple[str, Body]] = []
        self.played: list[str] = []
        self.outcomes: Counter[str] = Counter()
        self.agrees = True

    def call(self, name: str, *args: Any) -> Answer:
        """Make the call on both, compare, and return the model's answer."""
        self.agrees = False
        self.model.now = self.clock.now
        expected: Answer = getattr(self.model, name)(*args)
        found: Answer = getattr(self.http, name)(*args)
        self._compare(name, args, expected, found)
        self._note(name, expected.body, found.body)
        if len(args) == 1 and isinstance(args[0], dict):
            self.sent.append((name, args[0]))
        return expected

    def issue(self, body: Body) -> None:
        """Issue a card: the service chooses the id, and the number when the body has none."""
        self.agrees = False
        self.model.now = self.clock.now
        found = self.http.issue_card(body)
        card_id, number = found.body.get("id"), found.body.get("cardNumber")
        expected = self.model.issue_card(body, card_id, number)
        self._compare("issue_card", (body,), expected, found)
        if expected.status == 201:
            self.cards.append(expected.body["id"])

    def create(self, kind: str, body: Body) -> int:
        """Create a tier, a campaign or a rule: the service chooses the id, which is returned."""
        self.agrees = False
        found: Answer = getattr(self.http, f"create_{kind}")(body)
        expected: Answer = getattr(self.model, f"create_{kind}")(body, found.body.get("id"))
        self._compare(f"create_{kind}", (body,), expected, found)
        return int(expected.body["id"])

    def close(self) -> None:
        """Compare all that is left to compare at the end: cards and ledger sums; the books are audited after the run."""
        for campaign_id in self.model.books.campaigns:
            self.call("campaign_results", campaign_id)
        for card_id in self.cards:
            card = self.model.books.cards.get(card_id)
            if card.account.holds and card.status != CLOSED:
                # Any posting lets the service settle what is due; a hold that lapsed on a closed card waits for ever.
                self.call("adjust_points", card_id, {"points": Decimal("0.01"), "reason": "the end"})
            self.call("get_card", card_id)
            if card.status != CLOSED:
                self._compare_standing(card_id)
            expected, found = self.model.ledger_sums(card_id), self.http.ledger_sums(card_id)
            for sums in (expected, found):
                sums.pop("EXPIRED", None)  # when an expired lot is settled is the service's own affair
                if card.account.holds and card.status == CLOSED:
                    sums.pop("REDEEM_REVERSED", None)
            assert expected == found, ("ledger", card_id, expected, found)
        assert self.model.books_balance()
        self._note_what_time_did()

    def _compare_standing(self, card_id: int) -> None:
        """Compare where a card is, and how far in the campaigns that count for a card what it spends or that it joined."""
        self.call("tier_of", card_id)
        for campaign in self.model.books.campaigns.values():
            if campaign.kind == CHALLENGE or campaign.opt_in:
                self.call("progress", campaign.id, card_id)

    def _note_what_time_did(self) -> None:
        """Count what happened without a call of its own."""
        lots = [lot for card in self.model.books.cards for lot in card.account.lots]
        happened = {
            "points expired": any(lot.expired_points for lot in lots),
            "points became available": any(lot.released for lot in lots),
            "expired points not taken again": any(any(bill.forgiven.values()) for bill in self.model.books.bills.values()),
            "a hold lapsed": any(hold.state == LAPSED for card in self.model.books.cards for hold in card.account.holds),
        }
        bills = self.model.books.bills.values()
        rewards = [gift for bill in bills for gift in bill.gifts if gift.reward]
        friends = [one for bill in bills for one in bill.bonuses if one.of_campaign and one.kind in {"REFERRAL", "REFERRED"}]
        happened |= {
            "a challenge was won": bool(rewards),
            "a challenge was lost": any(gift.taken_back for gift in rewards),
            "a challenge holds a tier": any(card.standing.won for card in self.model.books.cards),
            "a friend was paid by a campaign": bool(friends),
            "a friend's bonus of a campaign went back": any(bonus.taken_back for bonus in friends),
        }
        self.outcomes.update(name for name, did in happened.items() if did)

    def _note(self, name: str, answer: Body, found: Body) -> None:
        """Count what an answer shows to have happened beside the call itself."""
        for line in found.get("items", []):
            for why in line.get("why", []):
                self.outcomes[f"points because of {why['source']}"] += 1
        if answer.get("tierChanged"):
            self.outcomes[f"tier changed by {name}"] += 1
        if name == "review_tiers" and answer["changes"]:
            self.outcomes["tier changed by a review"] += 1
        for campaign in answer.get("campaigns", []):
            self.outcomes[campaign["reason"] or f"campaign applied by {name}"] += 1
        for field in ("bonusPoints", "bonusPointsReversed", "pendingPoints"):
            if answer.get(field):
                self.outcomes[field] += 1
        if answer.get("pendingPoints") and answer.get("availableAt") is None:
            self.outcomes["points of a bill wait for different days"] += "availableAt" in answer
        for bonus in answer.get("bonuses", []):
            self.outcomes[bonus["kind"]] += 1

    def _compare(self, name: str, args: tuple[Any, ...], expected: Answer, found: Answer) -> None:
        difference = different(expected.body, found.body) if expected.status == found.status else "status"
        if expected.replayed != found.replayed:
            difference = difference or "Idempotent-Replayed"
        self.played.append(f"{self.clock.now:%d %B %H:%M} {name}{args}")
        so_far = "\n".join(self.played)
        assert not difference, f"{difference}\nmodel   {expected}\nservice {found}\nat the end of\n{so_far}"
        self.agrees = True
        self.outcomes[expected.body.get("code", "replayed" if expected.replayed else name)] += 1


def different(expected: Any, found: Any, where: str = "answer") -> str | None:
    """Where the first difference is; the service may answer more fields than the model knows."""
    if isinstance(expected, dict) and isinstance(found, dict):
        for name, value in expected.items():
            if name not in found:
                return f"{where}.{name} is missing"
            difference = _allocation(value, found[name]) if name == "allocation" else None
            if name == "bonuses":
                difference = different(sorted(value, key=_receiver), sorted(found[name], key=_receiver), f"{where}.{name}")
            elif name != "allocation":
                difference = different(value, found[name], f"{where}.{name}")
            if difference:
                return difference
        return None
    if isinstance(expected, list) and isinstance(found, list):
        if len(expected) != len(found):
            return f"{where} has {len(found)} entries, not {len(expected)}"
        pairs = enumerate(zip(expected, found, strict=True))
        return next(filter(None, (different(a, b, f"{where}[{i}]") for i, (a, b) in pairs)), None)
    if isinstance(expected, datetime) and isinstance(found, str):
        found = datetime.fromisoformat(found)
    return None if _same(expected, found) else f"{where} is {found!r}, not {expected!r}"


def _same(expected: Any, found: Any) -> bool:
    """Equal, and of one kind: a number sent as a string, or 1 for true, is a difference."""
    if isinstance(expected, Decimal | int) and not isinstance(expected, bool):
        return isinstance(found, Decimal | int) and not isinstance(found, bool) and expected == found
    return type(expected) is type(found) and bool(expected == found)


def _receiver(bonus: Body) -> tuple[str, int, int]:
    """Bonuses come in any order."""
    return bonus["kind"], bonus["id"], bonus["cardId"]


def _allocation(expected: list[Body], found: list[Body]) -> str | None:
    """An allocation may list lines that pay nothing or leave them out, in any order."""
    paying = [sorted((line["categoryId"], line["amount"]) for line in lines if line["amount"]) for lines in (expected, found)]
    return None if paying[0] == paying[1] else f"allocation is {paying[1]}, not {paying[0]}"
