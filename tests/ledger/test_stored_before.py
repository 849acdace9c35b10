"""Answers that were stored by an earlier version are still found: what their fingerprints are made of stays as it was."""

import hashlib
from datetime import date
from decimal import Decimal

import pytest

from card_service.cards.issue import IssueCard
from card_service.cards.link_referrer import LinkReferrer
from card_service.cards.name_referrer import ReferrerRef
from card_service.kit.wire import canonical
from card_service.points.adjust import AdjustPoints
from card_service.points.calculate import Calculate
from card_service.points.earn import EarnPoints
from card_service.points.look import CardRef
from card_service.points.redeem import HOLD, RedeemPoints
from card_service.points.returns import ReturnItem
from card_service.points.reverse import ReversePoints
from card_service.points.rules import Item
from tests.concurrency.pharmacy import Pharmacy
from tests.servers.service import Service

CARD = CardRef(card_id=7)
ITEMS = (Item(1, Decimal("10.00")),)

_CARD = '{"card_id":7,"card_number":null}'
_ITEMS = '[{"category_id":1,"amount":"10.00","loyalty_eligible":true}]'
_RETURNED = '[{"category_id":1,"amount":"10.00","loyalty_eligible":null}]'
_NOBODY = '"card_number":null,"customer_id":5,"customer_name":null,"customer_phone":null,"customer_email":null'
# Of before there were holds.
_REDEEM = f'{{"card":{_CARD},"bill_id":9,"points":"60.00","redeem_amount":null,"bill_amount":"1000.00","items":null}}'


@pytest.mark.parametrize(
    ("command", "text"),
    [
        (
            EarnPoints(CARD, 9, Decimal("10.00"), ITEMS),
            f'{{"card":{_CARD},"bill_id":9,"bill_amount":"10.00","items":{_ITEMS},"occurred_at":null}}',
        ),
        (RedeemPoints(CARD, 9, points=Decimal("60.00"), bill_amount=Decimal("1000.00")), _REDEEM),
        (
            ReversePoints(CARD, 9, return_id=3, items=(ReturnItem(1, Decimal("10.00")),)),
            f'{{"card":{_CARD},"bill_id":9,"reason":null,"return_id":3,"items":{_RETURNED}}}',
        ),
        (
            Calculate(CARD, 9, ITEMS),
            f'{{"card":{_CARD},"bill_id":9,"items":{_ITEMS},"flat_discount":null,"points":null,"redeem_amount":null}}',
        ),
        (AdjustPoints(7, Decimal(5), "gift"), '{"card_id":7,"points":"5","reason":"gift","expires_at":null}'),
        (IssueCard(customer_id=5), f'{{{_NOBODY},"referrer":null}}'),
        (IssueCard(customer_id=5, referrer=ReferrerRef(7)), f'{{{_NOBODY},"referrer":{_CARD}}}'),
        (LinkReferrer(8, ReferrerRef(7)), f'{{"card_id":8,"referrer":{_CARD}}}'),
    ],
    ids=lambda part: type(part).__name__ if not isinstance(part, str) else "",
)
def test_a_request_that_an_earlier_version_knew_is_written_as_then(command: object, text: str) -> None:
    assert canonical(command).decode() == text


def test_what_came_later_tells_requests_apart_once_it_is_used() -> None:
    hold = RedeemPoints(CARD, 9, points=Decimal(60), mode=HOLD)
    assert b'"mode":"HOLD"' in canonical(hold)
    born = IssueCard(birth_date=date(1990, 5, 17), referrer=ReferrerRef(referral_code="ABC"), segments=("vip",))
    assert all(part in canonical(born) for part in (b"1990-05-17", b'"referral_code":"ABC"', b'["vip"]'))


@pytest.mark.parametrize("headers", [{}, {"Idempotency-Key": "till-1"}], ids=["by-the-bill", "by-the-key"])
def test_a_redemption_answered_before_there_were_holds_is_replayed(service: Service, headers: dict[str, str]) -> None:
    pharmacy = Pharmacy(service.tenant())
    card, bill = pharmacy.card(100), pharmacy.new_bill()
    first = pharmacy.redeem(card, bill, 60, headers)
    then = _REDEEM.replace('"card_id":7', f'"card_id":{card}').replace('"bill_id":9', f'"bill_id":{bill}')
    stored = service.database.execute(
        "UPDATE idempotency_keys SET fingerprint = :print WHERE tenant_id = :tenant AND operation = 'redeem-points'",
        as_owner=True,
        tenant=pharmacy.tenant.id,
        print=hashlib.sha256(then.encode()).hexdigest(),
    )
    assert stored == 1 + len(headers)

    again = pharmacy.redeem(card, bill, 60, headers)

    assert (again.status, again.text) == (200, first.text)
    assert pharmacy.show(card)["pointsBalance"] == 40
