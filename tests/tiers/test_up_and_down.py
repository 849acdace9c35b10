"""Up at once, down after grace: what bills, returns and time make of a card."""

from datetime import date
from decimal import Decimal

import pytest

from tests.servers.service import Service
from tests.tiers.pharmacy import Tiered


@pytest.fixture
def pharmacy(service: Service) -> Tiered:
    """Open a pharmacy with the four tiers by spend."""
    made = Tiered(service)
    made.preset()
    return made


def test_the_bill_that_lifts_a_card_is_paid_at_the_old_multiplier_and_the_next_one_at_the_new(pharmacy: Tiered) -> None:
    card = pharmacy.card()
    assert pharmacy.name(card) == "BRONZE"

    almost = pharmacy.earn(card, "9999.99")
    assert (almost["tier"]["name"], almost["tierChanged"]) == ("BRONZE", None)
    assert almost["progress"] | {"until": None} == {
        "nextTier": {"id": pharmacy.tiers["SILVER"], "level": 2, "name": "SILVER", "multiplier": Decimal("1.25")},
        "spendNeeded": Decimal("0.01"),
        "pointsNeeded": None,
        "ordersNeeded": None,
        "until": None,
    }
    lifting = pharmacy.earn(card, "100.00")
    assert lifting["pointsEarned"] == 10
    assert (lifting["tierChanged"]["from"]["name"], lifting["tierChanged"]["to"]["name"]) == ("BRONZE", "SILVER")
    assert lifting["tier"] == lifting["tierChanged"]["to"]
    quoted = pharmacy.quote(card, "100.00")
    earned = pharmacy.earn(card, "100.00")

    assert quoted["pointsEarned"] == earned["pointsEarned"] == Decimal("12.50")
    (line,) = earned["items"]
    assert line["multiplier"] == Decimal("1.25")
    (why,) = line["why"]
    assert quoted["items"][0]["why"] == [why]
    assert why | {"level": 2} == {**lifting["tier"], "source": "TIER", "points": Decimal("2.50")}
    assert pharmacy.history(card) == [("UPGRADE", "BRONZE", "SILVER")]
    pharmacy.assert_balanced(card)


def test_redeeming_does_not_demote(pharmacy: Tiered) -> None:
    card = pharmacy.card()
    pharmacy.earn(card, 30_000)
    body = {"cardId": card, "billId": 77, "points": 3000, "billAmount": 100_000}
    assert pharmacy.tenant.billing.post("/internal/cards/redeem-points", body).json["newBalance"] == 0

    assert pharmacy.review()["downgraded"] == 0
    assert (pharmacy.name(card), pharmacy.figures(card)) == ("GOLD", (30_000, 3_000, 1))


def test_a_return_takes_its_amount_out_of_the_figures_and_a_later_review_takes_the_card_down(pharmacy: Tiered) -> None:
    card = pharmacy.card()
    first, second = pharmacy.earn(card, 8_000)["billId"], pharmacy.earn(card, 3_000)["billId"]
    assert pharmacy.name(card) == "SILVER"

    back = pharmacy.give_back(first, "2000.00")

    assert (back["tier"]["name"], back["tierChanged"], back["progress"]["spendNeeded"]) == ("SILVER", None, 16_000)
    assert pharmacy.figures(card) == (9_000, 900, 2)
    pharmacy.give_back(first)
    assert pharmacy.figures(card) == (3_000, 300, 1)
    assert pharmacy.review(card)["downgraded"] == 1
    assert pharmacy.history(card)[-1] == ("DOWNGRADE", "SILVER", "BRONZE")
    assert pharmacy.give_back(second)["tierChanged"] is None
    pharmacy.assert_balanced(card)


@pytest.mark.parametrize("part", [None, "500.01"])
def test_a_return_of_the_very_bill_that_lifted_the_card_puts_it_back_at_once(pharmacy: Tiered, part: str | None) -> None:
    card = pharmacy.card()
    pharmacy.earn(card, 10_000)
    before = pharmacy.standing(card)
    pharmacy.days(1)
    lifting = pharmacy.earn(card, "15500.00")["billId"]
    assert pharmacy.name(card) == "GOLD"

    back = pharmacy.give_back(lifting, part)

    assert (back["tierChanged"]["from"]["name"], back["tierChanged"]["to"]["name"]) == ("GOLD", "SILVER")
    after = pharmacy.standing(card)
    assert (after["tier"], after["since"]) == (before["tier"], before["since"])
    if part is None:
        assert after["figures"] == before["figures"]
    assert pharmacy.history(card)[-2:] == [("UPGRADE", "SILVER", "GOLD"), ("REVERSAL", "GOLD", "SILVER")]
    pharmacy.assert_balanced(card)


def test_a_return_puts_a_card_no_lower_than_its_other_bills_reach(pharmacy: Tiered) -> None:
    card = pharmacy.card()
    lifting = pharmacy.earn(card, 50_000)["billId"]
    pharmacy.earn(card, 25_000)

    back = pharmacy.give_back(lifting)

    assert (back["tier"]["name"], pharmacy.history(card)[-1]) == ("GOLD", ("REVERSAL", "PLATINUM", "GOLD"))


def test_a_return_changes_no_tier_that_something_else_has_set_since(pharmacy: Tiered) -> None:
    card = pharmacy.card(customerId=5)
    lifting = pharmacy.earn(card, 25_000)["billId"]
    assert pharmacy.set_by_hand(5, tierLevel=4).status == 200

    assert pharmacy.give_back(lifting)["tierChanged"] is None
    assert pharmacy.name(card) == "PLATINUM"


def test_the_window_moves_on_with_the_days(pharmacy: Tiered) -> None:
    card = pharmacy.card()
    pharmacy.earn(card, 6_000)
    pharmacy.days(100)
    pharmacy.earn(card, 5_000)
    assert pharmacy.name(card) == "SILVER"

    pharmacy.days(264)
    assert pharmacy.review(card)["downgraded"] == 0
    pharmacy.days(1)
    assert pharmacy.figures(card) == (5_000, 500, 1)
    # A bill of today counts beside what is left, and not beside what has fallen out.
    assert pharmacy.earn(card, 4_999)["progress"]["spendNeeded"] == 25_000 - 9_999
    assert pharmacy.review(card)["downgraded"] == 1
    assert pharmacy.name(card) == "BRONZE"
    pharmacy.assert_balanced(card)


def test_a_late_bill_counts_on_its_own_day_and_not_at_all_before_its_window(service: Service) -> None:
    pharmacy = Tiered(service)
    pharmacy.tier(1, "Weekly", minOrders=1, qualificationPeriodDays=5)
    card = pharmacy.card()

    assert pharmacy.earn(card, 10, occurred_at=pharmacy.ago(days=5))["tier"] is None
    assert pharmacy.figures(card) == (0, 0, 0)
    assert pharmacy.earn(card, 10, occurred_at=pharmacy.ago(days=4))["tier"]["name"] == "Weekly"
    pharmacy.days(1)
    assert pharmacy.figures(card) == (0, 0, 0)
    assert pharmacy.review()["changes"][0]["to"] is None
    pharmacy.assert_balanced(card)


def test_grace_begins_at_the_review_and_ends_with_figures_that_reach_the_tier_again(service: Service) -> None:
    pharmacy = Tiered(service)
    pharmacy.tier(1, "Basic")
    pharmacy.tier(2, "Plus", minOrders=2, qualificationPeriodDays=10, graceDays=3)
    card = pharmacy.card()
    for _ in range(2):
        pharmacy.earn(card, 10)
    pharmacy.days(10)
    assert pharmacy.review(dry_run=True)["inGrace"] == 1
    assert pharmacy.standing(card)["graceUntil"] is None

    assert pharmacy.review() | {"reviewed": 1} == {
        "dryRun": False, "reviewed": 1, "upgraded": 0, "downgraded": 0, "inGrace": 1, "cardsLeft": 0, "changes": [],
    }  # fmt: skip
    # Today is the first of the three days.
    assert pharmacy.standing(card)["graceUntil"] == (pharmacy.now.date().replace(day=pharmacy.now.day + 2)).isoformat()
    pharmacy.days(2)
    assert (pharmacy.review()["inGrace"], pharmacy.name(card)) == (1, "Plus")
    for _ in range(2):
        pharmacy.earn(card, 10)
    assert pharmacy.standing(card)["graceUntil"] is None
    pharmacy.days(10)
    pharmacy.review()
    pharmacy.days(3)
    assert pharmacy.review()["downgraded"] == 1
    assert pharmacy.history(card) == [
        ("UPGRADE", "Basic", "Plus"), ("GRACE", "Plus", "Plus"), ("GRACE", "Plus", "Plus"), ("DOWNGRADE", "Plus", "Basic"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("downgrade", "steps"), [("ONE_DOWN", ["GOLD", "SILVER", "BRONZE"]), ("TO_QUALIFIED", ["BRONZE"]), ("NONE", ["PLATINUM"])]
)
def test_how_far_down_a_review_takes_a_card(pharmacy: Tiered, downgrade: str, steps: list[str]) -> None:
    for name in ("SILVER", "GOLD", "PLATINUM"):
        assert pharmacy.change(name, downgrade=downgrade).status == 200
    card = pharmacy.card()
    pharmacy.earn(card, 50_000)
    pharmacy.days(365)

    for name in steps:
        for _ in range(2):
            pharmacy.review()
            assert pharmacy.name(card) == name
        pharmacy.days(1)
    assert pharmacy.review()["downgraded"] == 0


def test_a_tier_set_by_hand_is_a_floor_until_its_last_day(pharmacy: Tiered) -> None:
    card = pharmacy.card(customerId=9)
    pharmacy.earn(card, 50_000)
    pharmacy.days(300)
    last_day = date(2027, 3, 31)
    answer = pharmacy.set_by_hand(9, tierId=pharmacy.tiers["GOLD"], until=last_day.isoformat())
    assert answer.status == 200, answer.text
    assert (answer.json["tier"]["name"], answer.json["heldTier"]["name"], answer.json["heldUntil"]) == (
        "GOLD",
        "GOLD",
        "2027-03-31",
    )
    # An earn may still lift it, and after the window has gone the review takes it down to what was set, and no lower.
    assert pharmacy.earn(card, 1)["tier"]["name"] == "PLATINUM"
    pharmacy.days(70)
    assert pharmacy.review()["downgraded"] == 1
    assert pharmacy.name(card) == "GOLD"
    while pharmacy.now.date() < last_day:
        pharmacy.days(5)
    pharmacy.service.clock.now = pharmacy.now.replace(year=2027, month=3, day=31)
    assert pharmacy.review()["downgraded"] == 0
    pharmacy.days(1)
    assert pharmacy.review()["downgraded"] == 1
    assert pharmacy.name(card) == "BRONZE"
    assert [change[0] for change in pharmacy.history(card)] == ["UPGRADE", "MANUAL", "UPGRADE", "DOWNGRADE", "DOWNGRADE"]


def test_a_tier_set_by_hand_without_an_end_stays(pharmacy: Tiered) -> None:
    card = pharmacy.card(customerId=9)
    assert pharmacy.set_by_hand(9, tierLevel=3).json["heldUntil"] is None

    pharmacy.days(800)

    assert pharmacy.review()["downgraded"] == 0
    assert (pharmacy.name(card), pharmacy.quote(card, 100)["pointsEarned"]) == ("GOLD", 15)


def test_a_merge_keeps_the_higher_tier_and_counts_the_bills_of_both(pharmacy: Tiered) -> None:
    target, source = pharmacy.card(), pharmacy.card()
    pharmacy.earn(target, 4_000)
    bill = pharmacy.earn(source, 12_000)["billId"]
    assert pharmacy.name(target) == "BRONZE"

    assert pharmacy.tenant.admin.post(f"/cards/{target}/merge", {"sourceCardId": source}).status == 200

    assert (pharmacy.name(target), pharmacy.figures(target)) == ("SILVER", (16_000, 1_600, 2))
    assert pharmacy.earn(target, 9_000)["tier"]["name"] == "GOLD"
    pharmacy.give_back(bill)
    assert pharmacy.figures(target) == (13_000, Decimal("1525.00"), 2)
    pharmacy.assert_balanced(target, source)


def test_all_of_several_requirements_or_any_of_them(service: Service) -> None:
    pharmacy = Tiered(service)
    pharmacy.tier(1, "Any", minSpend=1000, minOrders=3)
    pharmacy.tier(2, "All", minSpend=1000, minOrders=3, minPoints=50, qualifyMode="ALL", qualificationPeriodDays=30)
    card = pharmacy.card()

    names = [(pharmacy.earn(card, amount)["tier"] or {}).get("name") for amount in (100, 100, 100, 600, 200)]

    assert names == [None, None, "Any", "Any", "All"]
    (short, long) = pharmacy.standing(card)["figures"]
    assert (short["periodDays"], long["periodDays"], short["spend"], long["spend"]) == (30, 365, 1100, 1100)
    pharmacy.days(30)
    pharmacy.earn(card, 1)
    (short, long) = pharmacy.standing(card)["figures"]
    assert (short["spend"], short["orders"], long["spend"], long["orders"]) == (1, 1, 1101, 6)
    pharmacy.assert_balanced(card)


def test_the_tier_stands_beside_the_card_wherever_it_is_shown(pharmacy: Tiered) -> None:
    card = pharmacy.card(customerId=3)
    pharmacy.earn(card, 25_000)
    gold = {"id": pharmacy.tiers["GOLD"], "level": 3, "name": "GOLD", "multiplier": Decimal("1.50")}
    cashier = pharmacy.tenant.cashier

    for path in (f"/cards/{card}", "/cards/by-customer/3", f"/cards/{card}/balance", f"/cards/{card}/tier"):
        assert cashier.get(path).json["tier"] == gold, path
    assert [shown["tier"] for shown in cashier.get("/cards").json["items"]] == [gold]
    assert cashier.post("/cards/search", {"customerId": 3}).json["items"][0]["tier"] == gold
    assert pharmacy.quote(card, 1)["tier"] == gold
    assert pharmacy.quote(None, 1)["tier"] is None


def test_the_discount_of_a_tier_comes_after_that_of_the_category_and_before_the_flat_one(pharmacy: Tiered) -> None:
    admin = pharmacy.tenant.admin
    pharmacy.change("BRONZE", tierDiscountPercent="5.00", categoryPercentages=[{"categoryId": 1, "pointPercentage": "20.00"}])
    discount = {"categoryId": 1, "categoryName": "Medicines", "discountPercentage": 10}
    assert admin.post("/card-config/discounts", discount).status == 201
    admin.put("/card-config", {"flatDiscountType": "AMOUNT", "flatDiscountValue": 10})
    assert admin.post("/card-config/restrictions", {"categoryId": 2, "discountBlocked": True}).status == 201
    items = [{"categoryId": 1, "amount": "99.90"}, {"categoryId": 2, "amount": "50.00"}]

    quote = pharmacy.tenant.billing.post("/internal/cards/calculate", {"cardId": pharmacy.card(), "items": items}).json

    first, second = quote["items"]
    # 99.90 less 9.99, of 89.91 five in a hundred is 4.4955; then the ten.
    assert (first["tierDiscountAmount"], first["discountAmount"]) == (Decimal("4.50"), Decimal("24.49"))
    assert (second["tierDiscountAmount"], second["discountAmount"]) == (0, 0)
    assert (quote["totalDiscount"], quote["payableAmount"]) == (Decimal("24.49"), Decimal("125.41"))
    # 20 % of 75.41, the tier's own percentage.
    assert (first["pointPercentage"], first["points"], first["why"]) == (20, Decimal("15.08"), [])
