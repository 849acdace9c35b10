"""earn, calculate and reverse of docs/contract.md section 6 as plain functions of the model's books."""

from dataclasses import replace
from datetime import datetime
from fractions import Fraction

from . import bonuses
from .answers import Body, RefusedError
from .arithmetic import ZERO, exact, round_down, round_half_up, shown, shown_to
from .bills import Bill, Line, earn_on, lines_of, pay_with_points, referral_points
from .books import Books
from .campaigns import Verdict, judge
from .cards import Card
from .gifts import Bonus, Gift
from .ledger import Lot
from .purchases import purchase_of
from .quote import Discounted, asked_points, check_redemption, discounted_lines, most_points, shown_line


def earn(books: Books, card: Card, body: Body) -> Body:
    """Post the points of a bill to the card and its referrer."""
    books.cards.refuse_old_number(body)
    books.refuse_bill(body["billId"], card, redeeming=False)
    books.refuse_inactive(card)
    configuration, now = books.configuration, books.now
    occurred = datetime.fromisoformat(body["occurredAt"]) if body.get("occurredAt") else now
    bill = books.bills.setdefault(body["billId"], Bill(body["billId"], card.id))
    amount, lines = exact(body["billAmount"]), lines_of(body["items"], exact(body["billAmount"]))
    bill.redemption = bill.live_redemption(now)
    if bill.redemption and bill.redemption.hold:
        bill.redemption.hold.state = "CONFIRMED"
    pay_with_points(lines, bill.redemption.amount if bill.redemption else ZERO, configuration)
    verdicts = _work_out(books, card, lines, amount, occurred)
    brought = [*bonuses.of_campaigns(verdicts, card), *bonuses.of_rules(books, card, amount)]
    bill.lines, bill.amount, bill.posted_at = lines, amount, now
    bill.occurred_on, bill.precision, bill.rate = configuration.today(occurred), configuration.precision, configuration.rate
    bonuses.settle_referral(books, card, bill)
    books.stir(card)
    lots = [
        books.credit(card, "EARNED", line.points, ("EARNED", bill.bill_id, index))
        for index, line in enumerate(lines)
        if line.points
    ]
    bill.gifts = [Gift(v.campaign.id, v.min_bill, v.bonus, reward=v.reward) for v in verdicts if v.points or v.reward]
    bill.counted = {v.campaign.id for v in verdicts if v.counts}
    for campaign_id in bill.counted:
        card.joined.setdefault(campaign_id, occurred)
    lots += bonuses.post(books, bill, brought, card)
    card.has_earned = True
    referrer = books.active_referrer(card)
    if referrer:
        bill.referrer_id = referrer.id
        bill.referrer_points = bill.referrer_kept = referral_points(lines, configuration)
        books.credit(referrer, "REFERRAL_EARNED", bill.referrer_points, ("REFERRAL_EARNED", bill.bill_id))
    earned, extra = sum((line.points for line in lines), ZERO), _own_points(brought, card)
    raised = books.tiers.after_earn(card.standing, bill.bill_id, books.bills_of(card), books.today)
    for campaign in [v.campaign for v in verdicts if v.reward and "rewardTierId" in v.campaign.body and now < v.campaign.ends]:
        raised = books.tiers.after_challenge(raised, campaign.id, campaign.body["rewardTierId"], campaign.ends)
    return {
        "pointsEarned": shown(earned),
        "bonusPoints": shown(extra),
        "bonuses": _shown_bonuses(brought),
        "referrerPointsEarned": shown(bill.referrer_points),
        **_shown_dates(lots, now),
        "billId": bill.bill_id,
        "items": [
            {"categoryId": line.category_id, "points": shown(line.points), "excludedReason": line.excluded, **_multiplier(line)}
            for line in lines
        ],
        "campaigns": _shown_verdicts(verdicts),
        "tierChanged": books.change_standing(card, raised),
        "newBalance": shown(books.balance(card)),
        **books.shown_tier(card),
        **books.shown_progress(card),
    }


def calculate(books: Books, card: Card | None, body: Body) -> Body:
    """Quote discounts, a redemption and points; with a bill, remember the payable and its lines."""
    books.cards.refuse_old_number(body)
    configuration, bill_id = books.configuration, body.get("billId")
    discounted = discounted_lines(body, configuration, books.tier(card) if card else None)
    lines = [d.line for d in discounted]
    payable = sum((line.amount for line in lines), ZERO)
    most = most_points(payable, lines, configuration)
    deducted, limits = _previewed(books, card, body, most)
    pay_with_points(lines, deducted, configuration)
    verdicts = _work_out(books, card, lines, payable, books.now)
    brought = [*bonuses.of_campaigns(verdicts, card), *bonuses.of_rules(books, card, payable)] if card else []
    referred = card is not None and books.active_referrer(card) is not None
    if bill_id is not None:
        books.remembered[bill_id] = (payable, [replace(line) for line in lines])
    return {
        "items": [{**shown_line(d), **_multiplier(d.line)} for d in discounted],
        "totalDiscount": shown(_gross(discounted) - payable),
        "payableAmount": shown(payable),
        "amountDeducted": shown(deducted),
        "amountDue": shown(max(payable - deducted, ZERO)),
        "pointsEarned": shown(sum((line.points for line in lines), ZERO)),
        **({"bonusPoints": shown(_own_points(brought, card)), "bonuses": _shown_bonuses(brought)} if card else {}),
        "referrerPointsEarned": shown(referral_points(lines, configuration) if referred else ZERO),
        "enabled": configuration.enabled,
        "campaigns": _shown_verdicts(verdicts),
        **limits,
        **(books.shown_tier(card) | books.shown_progress(card) if card else {}),
    }


def _work_out(books: Books, card: Card | None, lines: list[Line], amount: Fraction, instant: datetime) -> list[Verdict]:
    """Give the lines their points, those of campaigns included."""
    tier = books.tier(card) if card else None
    earn_on(lines, books.configuration, tier)
    purchase = purchase_of(books, card, lines, amount, instant)
    return judge(books.campaigns.values(), purchase, books.configuration)


def _multiplier(line: Line) -> Body:
    """The multiplier of a line, left out where a campaign might have multiplied nothing."""
    tells = line.points or line.excluded or not line.gifts
    return {"multiplier": shown_to(round_half_up(line.multiplier, 4), 4)} if tells else {}


def _own_points(brought: list[Bonus], card: Card) -> Fraction:
    return sum((bonus.points for bonus in brought if bonus.card_id == card.id), ZERO)


def _shown_dates(lots: list[Lot], now: datetime) -> Body:
    """What a bill has left waiting on its card, until when, and when the first of its points expire."""
    waiting = [lot for lot in lots if lot.pending(now)]
    instants = {lot.available_at for lot in waiting}
    return {
        "pendingPoints": shown(sum((lot.remaining for lot in waiting), ZERO)),
        "availableAt": instants.pop() if len(instants) == 1 else None,
        "expiresAt": min((lot.expires_at for lot in lots if lot.expires_at), default=None),
    }


def _shown_bonuses(brought: list[Bonus]) -> list[Body]:
    return [{"kind": b.kind, "id": b.source_id, "points": shown(b.points), "cardId": b.card_id} for b in brought]


def _shown_verdicts(verdicts: list[Verdict]) -> list[Body]:
    return [
        {"id": v.campaign.id, "type": v.campaign.kind, "applies": v.reason is None, "reason": v.reason, "points": shown(v.points)}
        for v in verdicts
    ]


def _previewed(books: Books, card: Card | None, body: Body, most: Fraction) -> tuple[Fraction, Body]:
    """Money deducted in a quote, and the fields that say how much could be."""
    configuration, asked = books.configuration, asked_points(body, books.configuration)
    deducted, blocked = ZERO, None
    bill = books.bills.get(body.get("billId", 0))
    paid = bill.live_redemption(books.now) if bill and not bill.cancelled else None
    if bill and paid and (card is None or books.belongs(bill, card)):
        deducted = paid.amount
    if card is None:
        return deducted, {"maxRedeemablePoints": 0, "maxRedeemableAmount": 0}
    available = books.balance(card)
    try:
        books.refuse_inactive(card)
        if asked is not None:
            books.refuse_bill(body.get("billId", 0), card, redeeming=True)
            check_redemption(asked, available, most, configuration)
            deducted = round_down(asked * configuration.rate)
    except RefusedError as refused:
        blocked = refused.answer.body["code"]
    reachable = max(min(available, most), ZERO)
    if blocked in {"CARD_SYSTEM_DISABLED", "CARD_NOT_ACTIVE"} or reachable < configuration.number("minPointsToRedeem"):
        reachable = ZERO
    return deducted, {
        "availablePoints": shown(available),
        "maxRedeemablePoints": shown(reachable),
        "maxRedeemableAmount": shown(round_down(reachable * configuration.rate)),
        "redeemBlockedReason": blocked,
    }


def _gross(discounted: list[Discounted]) -> Fraction:
    return sum((d.gross for d in discounted), ZERO)
