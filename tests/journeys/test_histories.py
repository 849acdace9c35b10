"""Random histories of calls, played by Hypothesis on the running service and on the independent model together.

Every status, code and number is compared after every call; at the end the books of all cards must agree and balance.
`HYPOTHESIS_PROFILE=long` plays 10,000 new histories on each database; otherwise the same 300 are played in every run,
so that a failure seen once is seen by everybody.
"""
# ruff: noqa: D102, FBT001 - the name of a rule says what happens; it draws all that it needs

import os
from collections import Counter
from decimal import Decimal
from typing import Any, ClassVar

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import initialize, rule, run_state_machine_as_test

from tests.model import OverHttp, draws
from tests.model.admin_rules import AdminRules
from tests.model.answers import Body
from tests.model.choices import Choices
from tests.model.history import History

ACTIVE = settings.get_profile(os.environ.get("HYPOTHESIS_PROFILE", "default"))
# Eleven rules keep an example short; the profile says how many examples there are.
PROFILE = settings(
    ACTIVE,
    max_examples=max(ACTIVE.max_examples, 300),
    stateful_step_count=11,
    derandomize=ACTIVE.max_examples <= 300,
    database=None,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)


def profile_for(service: Any) -> settings:
    """Give a server a third of the histories: each costs it three times as much, and the arithmetic is the same code."""
    return PROFILE if service.database.kind == "sqlite" else settings(PROFILE, max_examples=PROFILE.max_examples // 3)


# What all of them must have met, or they proved less than they say; rarer refusals have tests of their own.
EXPECTED_OUTCOMES = {
    *("earn_points", "redeem_points", "reverse_points", "calculate", "adjust_points", "merge", "replace", "replayed"),
    *("CARD_SYSTEM_DISABLED", "CARD_NOT_ACTIVE", "CARD_MISMATCH", "BILL_ALREADY_EARNED", "BILL_AMOUNT_REQUIRED"),
    *("BELOW_MIN_POINTS", "INSUFFICIENT_POINTS", "MAX_REDEMPTION_EXCEEDED", "RETURN_EXCEEDS_BILL", "BILL_NOT_FOUND"),
}


class Histories(AdminRules):
    """One history: a fresh tenant with three cards, then any calls in any order on few cards and few bills."""

    service: ClassVar[Any] = None
    outcomes: ClassVar[Counter[str]] = Counter()

    @initialize(
        change=draws.config_changes, precision=st.sampled_from([2, 2, 1, 0]), percent=draws.percents, openings=draws.openings
    )
    def open_the_pharmacy(
        self, change: Body, precision: int, percent: Decimal, openings: list[tuple[Decimal, int | None]]
    ) -> None:
        clock = self.service.clock
        clock.advance(seconds=(draws.next_morning(clock.now) - clock.now).total_seconds())
        self.history = History(OverHttp(self.service.tenant(name="history")), clock)
        self.choose = Choices(self.history)
        self.call("put_config", {"minPointsToRedeem": 1, "pointsPrecision": precision, **change, "isEnabled": True})
        for category_id, points in ((1, percent), (2, Decimal(3))):
            self.call("save_category", {"categoryId": category_id, "categoryName": "Goods", "pointPercentage": points})
        self.call("save_restriction", draws.restriction(9, "earnBlocked", "redeemBlocked"))
        self.history.issue({"cardNumber": "CARD-A", "customerPhone": "+919800000001"})
        self.history.issue({"cardNumber": "CARD-B", "referrerCardId": self.history.cards[0]})
        self.history.issue({"customerPhone": "+919800000001"})
        for points, expires_in in openings:
            self.adjust(pick=1, points=points, sign=1, expires_in=expires_in, key=None)

    # Buying

    @rule(pick=draws.buyers, bill_id=draws.bills, lines=draws.items, part=draws.payable_parts)
    def earn(self, pick: int, bill_id: int, lines: list[Body], part: Decimal) -> None:
        self.call(
            "earn_points",
            {
                **self.choose.named(pick),
                "billId": self.choose.bill(bill_id),
                "billAmount": draws.payable(lines, part),
                "items": lines,
            },
        )

    @rule(pick=draws.buyers, bills=st.lists(draws.bills, min_size=1, max_size=3), lines=draws.items)
    def earn_a_batch(self, pick: int, bills: list[int], lines: list[Body]) -> None:
        purchase = {**self.choose.named(pick), "billAmount": draws.payable(lines, Decimal(1)), "items": lines}
        self.call("earn_batch", {"items": [{**purchase, "billId": self.choose.bill(bill_id)} for bill_id in bills]})

    @rule(
        pick=draws.buyers,
        bill_id=draws.bills,
        lines=st.none() | draws.items,
        part=draws.payable_parts,
        how=draws.points_asked,
        unit=draws.paid_in,
    )
    def redeem(self, pick: int, bill_id: int, lines: list[Body] | None, part: Decimal, how: str, unit: str) -> None:
        asked = self.choose.asked(pick, how, unit, draws.payable(lines or [], part))
        body = {**self.choose.named(pick), "billId": self.choose.bill(bill_id), **asked}
        if lines:
            body |= {"items": lines, "billAmount": draws.payable(lines, part)}
        elif part != 1:
            body["billAmount"] = draws.payable([{"amount": 500}], part)
        self.call("redeem_points", body)

    @rule(
        pick=draws.buyers,
        bill_id=draws.bills,
        lines=draws.items,
        part=draws.payable_parts,
        how=draws.points_asked,
        parts=draws.brought_back,
    )
    def pay_with_points_earn_and_bring_some_back(
        self, pick: int, bill_id: int, lines: list[Body], part: Decimal, how: str, parts: list[tuple[int, Decimal]]
    ) -> None:
        bill = {**self.choose.named(pick), "billId": self.choose.bill(bill_id), "items": lines}
        bill["billAmount"] = draws.payable(lines, part)
        self.call("redeem_points", {**bill, **self.choose.asked(pick, how, "points", bill["billAmount"])})
        self.call("earn_points", bill)
        for return_id, returned in enumerate(parts, 1):
            self.call("reverse_points", self.choose.part_of(self.choose.bill_of(bill["billId"]), return_id, [returned]))

    @rule(
        pick=draws.buyers,
        bill_id=st.none() | draws.bills,
        lines=draws.items,
        flat=st.none() | draws.amounts,
        how=st.none() | draws.points_asked,
    )
    def calculate(self, pick: int, bill_id: int | None, lines: list[Body], flat: Decimal | None, how: str | None) -> None:
        body: Body = {"items": lines}
        if bill_id:
            body["billId"] = bill_id
        if flat:
            body["flatDiscount"] = flat
        if pick:
            body |= self.choose.named(pick)
            body |= {} if how is None else self.choose.asked(pick, how, "points", draws.payable(lines, Decimal(1)))
        self.call("calculate", body)

    @rule(lines=draws.even_items, paise=st.integers(1, 9))
    def calculate_what_ends_in_a_tie(self, lines: list[Body], paise: int) -> None:
        self.call("calculate", {"items": lines, "flatDiscount": Decimal(paise) / 100})

    @rule(pick=draws.buyers, bill_id=draws.bills, lines=draws.items, how=draws.points_asked, unit=draws.paid_in)
    def quote_redeem_and_earn(self, pick: int, bill_id: int, lines: list[Body], how: str, unit: str) -> None:
        """Buy as a till does: what was quoted is what is posted."""
        card, bill_id = self.choose.named(pick), self.choose.bill(bill_id)
        asked = self.choose.asked(pick, how, unit, draws.payable(lines, Decimal(1)))
        quote = self.call("calculate", {**card, **asked, "billId": bill_id, "items": lines}).body
        if "code" in quote:
            return
        redeemed = self.call("redeem_points", {**card, **asked, "billId": bill_id})
        flags = {(line["categoryId"], line.get("loyaltyEligible", True)): None for line in lines}
        net = [
            {"categoryId": category_id, "loyaltyEligible": eligible, "amount": line["netAmount"]}
            for (category_id, eligible), line in zip(flags, quote["items"], strict=True)
        ]
        bill = {**card, "billId": bill_id, "billAmount": quote["payableAmount"], "items": net}
        earned = self.call("earn_points", bill)
        if redeemed.status == earned.status == 200 and not redeemed.replayed and not earned.replayed:
            assert redeemed.body["amountDeducted"] == quote["amountDeducted"]
            assert earned.body["pointsEarned"] == quote["pointsEarned"]
            assert earned.body["referrerPointsEarned"] == quote["referrerPointsEarned"]

    @rule(pick=draws.buyers, lines=draws.items)
    def buy_while_the_system_is_off(self, pick: int, lines: list[Body]) -> None:
        self.call("disable")
        bill = {**self.choose.named(pick), "billId": self.choose.bill(0), "items": lines}
        self.call("calculate", bill)
        bill = {**bill, "billAmount": draws.payable(lines, Decimal(1))}
        self.call("redeem_points", {**bill, "points": 1})
        self.call("earn_points", bill)
        self.call("enable")

    # Bringing back

    @rule(
        lines=draws.items,
        pay=draws.payable_parts,
        second_earns=st.sampled_from([True, True, False]),
        events=draws.events_after_spending,
    )
    def spend_what_a_bill_earned_and_bring_bills_back(
        self, lines: list[Body], pay: Decimal, second_earns: bool, events: list[str]
    ) -> None:
        """One bill earns, another is paid with all the points: their returns meet empty lots, debt and expired lots."""
        card, first = self.choose.card(1), self.choose.bill(0)
        lines = [*lines, {"categoryId": 2, "amount": Decimal("4321.09")}]
        body = {"cardId": card.id, "billId": first, "billAmount": draws.payable(lines, pay), "items": lines}
        self.call("earn_points", body)
        worth = self.choose.asked(1, "all", "points", Decimal(0))
        self.call("redeem_points", {**body, **worth, "billId": first + 1, "billAmount": Decimal(90_000_000)})
        if second_earns:
            self.call("earn_points", {**body, "billId": first + 1})
        for number, event in enumerate(events, 1):
            bill_id = first + 1 if "second" in event else first
            if "part" in event:
                bill = self.choose.bill_of(bill_id)
                self.call("reverse_points", self.choose.part_of(bill, number, [(number, Decimal("0.5"))]))
            elif "whole" in event:
                self.call("reverse_points", {"billId": bill_id})
            elif "days" in event:
                self.time_passes(hours=24 * int(event.split()[0]))
            elif "merge" in event:
                self.call("merge", self.choose.card(2).id, {"sourceCardId": card.id})
            elif "percentage" in event:
                self.call("save_category", {"categoryId": 2, "categoryName": "Goods", "pointPercentage": 5})
            elif "rate" in event:
                self.call("put_config", {"pointsToAmountRate": Decimal("0.25")})
            else:
                self.call("put_config", {"returnPolicy": event})
        self.call("get_card", card.id)

    @rule(
        pick=draws.picks,
        return_id=st.integers(1, 4),
        parts=draws.returned_parts,
    )
    def return_a_part(self, pick: int, return_id: int, parts: list[tuple[int, Decimal]]) -> None:
        self.call("reverse_points", self.choose.part_of(self.choose.seen_bill(pick), return_id, parts))

    @rule(
        pick=draws.picks,
        bill_id=draws.returned_bills,
        extra=st.sampled_from([{}, {}, {"returnId": 2}, {"returnId": 9}, {"reason": "damaged"}]),
        with_card=st.booleans(),
    )
    def return_the_whole(self, pick: int, bill_id: int | None, extra: Body, with_card: bool) -> None:
        bill = None if bill_id else self.choose.seen_bill(pick)
        card = {"cardId": self.choose.card(pick).id} if with_card else {}
        self.call("reverse_points", {**card, "billId": bill.bill_id if bill else bill_id or 1, **extra})

    # Once more

    @rule(pick=st.integers(0, 40), as_text=st.booleans())
    def send_the_very_same_again(self, pick: int, as_text: bool) -> None:
        if self.history.sent:
            name, body = self.history.sent[-1 - pick % len(self.history.sent)]
            self.call(name, draws.spelled_as_text(body) if as_text else body)

    @rule(pick=st.integers(0, 40), change=st.sampled_from([{"billAmount": Decimal("77.77")}, {"points": 1}, {"reason": "other"}]))
    def send_the_same_bill_with_another_body(self, pick: int, change: Body) -> None:
        allowed = {"billAmount": ("earn_points", "redeem_points"), "points": ("redeem_points",), "reason": ("reverse_points",)}
        (field,) = change
        names = allowed[field]
        sent = [(name, body) for name, body in self.history.sent if name in names]
        if sent:
            name, body = sent[-1 - pick % len(sent)]
            body = {key: value for key, value in body.items() if key != "redeemAmount"} if field == "points" else body
            self.call(name, {**body, **change})

    def teardown(self) -> None:
        history = getattr(self, "history", None)
        if history and history.agrees:
            history.close()
            Histories.outcomes += history.outcomes


def test_random_histories_agree_with_the_model(service: Any) -> None:
    Histories.service, Histories.outcomes = service, Counter()
    profile = profile_for(service)
    run_state_machine_as_test(Histories, settings=profile)
    if profile is PROFILE:
        assert set(Histories.outcomes) >= EXPECTED_OUTCOMES, EXPECTED_OUTCOMES - set(Histories.outcomes)
