"""Many tills at once on one campaign: what it may give is given to the last point, and not one more."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from tests.concurrency.pharmacy import Pharmacy
from tests.concurrency.together import codes, insisting, together

TILLS = 16


def _run(pharmacy: Pharmacy, **fields: Any) -> str:
    now = datetime.now(UTC)
    window = {"startsAt": (now - timedelta(days=1)).isoformat(), "endsAt": (now + timedelta(days=9)).isoformat()}
    body = {"name": "Race", "type": "POINTS_MULTIPLIER", "multiplier": 2, **window, **fields}
    made = pharmacy.tenant.admin.post("/campaigns", {key: value for key, value in body.items() if value is not None})
    assert made.status == 201, made
    path = f"/campaigns/{made.json['id']}"
    assert pharmacy.tenant.admin.post(f"{path}/activate").status == 200
    return path


def _results(pharmacy: Pharmacy, path: str) -> tuple[Any, Any]:
    found = pharmacy.tenant.admin.get(f"{path}/results").json
    return found["uses"], found["points"]


def test_sixteen_tills_use_a_campaign_exactly_as_often_as_it_may(pharmacy: Pharmacy) -> None:
    path = _run(pharmacy, maxUses=10)
    cards = [pharmacy.card() for _ in range(TILLS)]

    answers = together([insisting(pharmacy.earn, card, pharmacy.new_bill()) for card in cards])

    assert codes(answers) == ["200"] * TILLS
    assert sorted(answer.json["pointsEarned"] for answer in answers) == [25] * 6 + [50] * 10
    assert _results(pharmacy, path) == (10, 250)
    refused = [answer.json["campaigns"][0]["reason"] for answer in answers if answer.json["pointsEarned"] == 25]
    assert refused == ["USES_EXHAUSTED"] * 6
    pharmacy.assert_books_balance()


def test_sixteen_tills_share_the_points_of_two_campaigns_to_the_last(pharmacy: Pharmacy) -> None:
    """One is capped in points, the other by its budget; the bills are of few cards, each with several at once."""
    pharmacy.configure(campaignStacking="ADDITIVE")
    points = _run(pharmacy, maxPoints="130.01", priority=1)
    budget = _run(pharmacy, budget="99.99")
    cards = [pharmacy.card() for _ in range(4)]

    answers = together([insisting(pharmacy.earn, cards[n % 4], pharmacy.new_bill()) for n in range(TILLS)])

    assert codes(answers) == ["200"] * TILLS
    assert _results(pharmacy, points)[1] == Decimal("130.01")
    assert _results(pharmacy, budget)[1] == Decimal("99.99")
    assert sum(answer.json["pointsEarned"] for answer in answers) == TILLS * 25 + Decimal("230.00")
    pharmacy.assert_books_balance()


def test_returns_give_back_what_others_take_at_the_same_time(pharmacy: Pharmacy) -> None:
    path = _run(pharmacy, maxUses=8)
    cards = [pharmacy.card() for _ in range(8)]
    bills = [pharmacy.new_bill() for _ in cards]
    for card, bill in zip(cards, bills, strict=True):
        assert pharmacy.earn(card, bill).json["pointsEarned"] == 50

    returns = [insisting(pharmacy.reverse, bill) for bill in bills]
    earns = [insisting(pharmacy.earn, card, pharmacy.new_bill()) for card in cards]
    answers = together([*returns, *earns])

    assert codes(answers) == ["200"] * 16
    given = sum(answer.json["pointsEarned"] == 50 for answer in answers[8:])
    assert _results(pharmacy, path) == (given, given * 25)
    assert pharmacy.earn(pharmacy.card(), pharmacy.new_bill()).json["pointsEarned"] == (50 if given < 8 else 25)
    pharmacy.assert_books_balance()


def test_bills_of_many_friends_at_once_use_a_campaign_as_often_as_their_referrer_may(pharmacy: Pharmacy) -> None:
    pharmacy.configure(referralPointsPercent=0)
    path = _run(pharmacy, type="REFERRAL", multiplier=None, bonusPoints=40, referredBonusPoints=5, maxUsesPerCard=3)
    referrer = pharmacy.card()
    friends = [pharmacy.card(referrerCardId=referrer) for _ in range(8)]
    bills = [pharmacy.new_bill() for _ in friends]

    answers = together([insisting(pharmacy.earn, *one) for one in zip(friends, bills, strict=True)])

    assert codes(answers) == ["200"] * 8
    assert sorted(answer.json["bonusPoints"] for answer in answers) == [0] * 5 + [5] * 3
    assert (pharmacy.balance(referrer), _results(pharmacy, path)) == (120, (3, 135))

    returns = [insisting(pharmacy.reverse, bill) for bill in bills]
    earns = [insisting(pharmacy.earn, friend, pharmacy.new_bill()) for friend in friends]
    answers = together([*returns, *earns])

    given = sum(answer.json["bonusPoints"] == 5 for answer in answers[8:])
    assert given <= 3
    assert (pharmacy.balance(referrer), _results(pharmacy, path)) == (40 * given, (given, 45 * given))
    pharmacy.assert_books_balance()


def test_a_challenge_is_rewarded_once_however_many_bills_reach_it_at_once(pharmacy: Pharmacy) -> None:
    path = _run(pharmacy, type="TIER_CHALLENGE", multiplier=None, targetSpend=3000, days=5, bonusPoints=40)
    card = pharmacy.card()

    answers = together([insisting(pharmacy.earn, card, pharmacy.new_bill()) for _ in range(8)])

    assert sorted(answer.json["bonusPoints"] for answer in answers) == [0] * 7 + [40]
    assert _results(pharmacy, path) == (1, 40)
    pharmacy.assert_books_balance()
