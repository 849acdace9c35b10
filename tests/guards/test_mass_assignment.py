"""No caller sets what the service keeps: every column and every answered field, in every body that does not take it."""

from collections.abc import Iterator
from typing import Any

import pytest
from marshmallow import Schema, fields

from card_service.kit.wire import camel
from card_service.models.base import metadata
from tests.guards.pharmacy import Body, Pharmacy, differences, fill, state
from tests.guards.surface import BATCH, Route, route, routes
from tests.servers.service import Service

CAMPAIGN = {
    *("name", "description", "type", "startsAt", "endsAt", "weekdays", "fromTime", "toTime", "tierIds", "segments"),
    *("categoryIds", "minSpend", "optIn", "multiplier", "bonusPoints", "referredBonusPoints", "targetSpend", "days"),
    *("rewardTierId", "maxUses", "maxPoints", "maxUsesPerCard", "maxPointsPerCard", "budget", "priority", "exclusive"),
}  # fmt: skip
TIER = {
    *("level", "name", "minSpend", "minPoints", "minOrders", "qualifyMode", "qualificationPeriodDays", "pointsMultiplier"),
    *("categoryPercentages", "tierDiscountPercent", "benefits", "birthdayPoints", "graceDays", "downgrade", "isActive"),
}
TAKEN_BY = {
    "PUT /card-config": {
        *("isEnabled", "pointsToAmountRate", "maxRedemptionPercent", "referralPointsPercent", "minPointsToRedeem"),
        *("flatDiscountType", "flatDiscountValue", "flatDiscountMinBill", "pointsPrecision", "returnPolicy", "restoreGraceDays"),
        *("redemptionTreatment", "pendingDays", "expiryPolicy", "expiryMonths", "holdTtlSeconds", "currency", "timezone"),
        *("cardNumberPattern", "cardColour", "referralLinkBase", "referralMinBill", "campaignStacking", "maxTotalMultiplier"),
        "version",
    },
    "POST /card-config/expiry/apply": {"dryRun", "confirmCards"},
    "POST /card-config/categories": {"categoryId", "categoryName", "pointPercentage", "isActive"},
    "POST /card-config/discounts": {"categoryId", "categoryName", "discountPercentage", "isActive"},
    "POST /card-config/restrictions": {
        *("categoryId", "regulatoryClass", "earnBlocked", "redeemBlocked", "discountBlocked", "campaignBlocked", "basis"),
    },
    "POST /cards": {
        *("cardNumber", "customerId", "customerName", "customerPhone", "customerEmail"),
        *("referrerCardId", "referrerCardNumber", "referralCode", "birthDate", "segments"),
    },
    "POST /cards/print": {"cardIds", "notYetPrinted"},
    "POST /cards/search": {"phone", "email", "name", "customerId", "limit", "cursor"},
    "PUT /cards/{card_id}": {"customerId", "customerName", "customerPhone", "customerEmail", "birthDate", "segments", "version"},
    "POST /cards/{card_id}/adjust-points": {"points", "reason", "expiresAt"},
    "POST /cards/{card_id}/block": {"reason"},
    "POST /cards/{card_id}/unblock": {"reason"},
    "POST /cards/{card_id}/replace": {"reason", "newCardNumber"},
    "POST /cards/{card_id}/merge": {"sourceCardId"},
    "POST /cards/{card_id}/link-referrer": {"referrerCardId", "referrerCardNumber"},
    "POST /tiers": TIER,
    "POST /tiers/presets": {"preset"},
    "POST /tiers/recalculate": {"cardId", "dryRun"},
    "PUT /tiers/{tier_id}": TIER,
    "PUT /loyalty/tier/update/{customer_id}": {"tierId", "tierLevel", "reason", "until"},
    "POST /earning-rules": {
        *("activity", "code", "name", "points", "useTierMultiplier", "minBill", "maxPerCard", "period", "pendingDays"),
        *("startsAt", "endsAt", "priority", "isActive"),
    },
    "PUT /earning-rules/{rule_id}": {
        *("name", "points", "useTierMultiplier", "minBill", "maxPerCard", "period", "pendingDays"),
        *("startsAt", "endsAt", "priority", "isActive"),
    },
    "POST /loyalty/points/earn": {"customerId", "cardId", "activity", "code", "reference"},
    "POST /loyalty/programs": {"name", "type", "startsOn", "endsOn", "currency", "rules"},
    "PUT /loyalty/programs/{program_id}": {"name", "type", "startsOn", "endsOn", "currency", "rules", "version"},
    "POST /loyalty/points/redeem": {
        *("cardId", "cardNumber", "billId", "billAmount", "items", "points", "redeemAmount", "mode"),
    },
    "POST /loyalty/enroll": {"cardId", "customerId", "programId"},
    "POST /campaigns": CAMPAIGN,
    "PUT /campaigns/{campaign_id}": CAMPAIGN | {"version"},
    "POST /campaigns/{campaign_id}/dry-run": {"from", "to"},
    "POST /campaigns/participate": {"campaignId", "cardId", "customerId"},
    "POST /internal/cards/calculate": {"cardId", "cardNumber", "billId", "items", "flatDiscount", "points", "redeemAmount"},
    "POST /internal/cards/earn-points": {"cardId", "cardNumber", "billId", "billAmount", "items", "occurredAt"},
    BATCH: {"items"},
    "POST /internal/cards/redeem-points": {
        *("cardId", "cardNumber", "billId", "billAmount", "items", "points", "redeemAmount", "mode"),
    },
    "POST /internal/cards/reverse-points": {"cardId", "cardNumber", "billId", "reason", "returnId", "items"},
}  # fmt: skip
"""All that docs/contract.md lets a caller say; a field that a schema takes beyond this fails."""
UNKNOWN = ["Unknown field."]
OF_AN_ITEM = {"categoryId", "amount", "itemId", "loyaltyEligible"}
SERVER_KEEPS = {
    "id": 1, "tenantId": 1, "pointsBalance": 1000, "pointsPending": 1, "pointsDebt": 0, "totalPointsEarned": 9,
    "totalPointsRedeemed": 9, "totalReferralPointsEarned": 9, "status": "ACTIVE", "issuedAt": "2026-01-01T00:00:00Z",
    "lastTransactionAt": None,
    "version": 1, "seq": 1, "balanceAfter": 5, "performedBy": "nobody", "role": "admin", "createdAt": "2026-01-01T00:00:00Z",
    "mergedIntoCardId": 1, "redemptionId": 1, "pointsEarned": 100, "newBalance": 100, "isActive": True, "tenant_id": 1,
    "points_balance": 5,
    "pointPercentage": 100, "multiplier": 2, "tierMultiplier": 2, "eligibleAmount": 5, "redeemedShare": 0, "isEnabled": True,
}  # fmt: skip


@pytest.fixture
def pharmacy(service: Service) -> Pharmacy:
    return fill(service)


def test_a_body_takes_what_the_contract_says_and_nothing_else(service: Service) -> None:
    taken = {one.name: {field.data_key for field in one.takes.fields.values()} for one in routes(service.app) if one.takes}
    assert taken == TAKEN_BY
    items = {
        name: {field.data_key for field in inner.fields.values()}
        for name, inner in ((one.name, _items(one.takes)) for one in routes(service.app) if one.takes)
        if inner is not None
    }
    assert set(items) == {
        f"POST /internal/cards/{name}" for name in ("calculate", "earn-points", "redeem-points", "reverse-points")
    } | {"POST /loyalty/points/redeem"}
    assert all(names <= OF_AN_ITEM for names in items.values()), items


def test_what_the_service_keeps_is_refused_by_name(service: Service, pharmacy: Pharmacy) -> None:
    """All at once, so that each is named among the errors, in the body and in its items."""
    kept = {camel(column.name): 1 for table in metadata.tables.values() for column in table.columns} | SERVER_KEEPS
    before = state(service.database, pharmacy.tenant.id)
    for one in _with_a_body(service):
        valid = _valid(one, pharmacy)
        extra = {name: value for name, value in kept.items() if name not in TAKEN_BY.get(one.name, ())}
        answer = pharmacy.client(*one.row.roles).call(one.method, one.own_url(pharmacy), {**valid, **extra})
        assert (answer.status, answer.json["code"]) == (422, "VALIDATION_FAILED"), (one.name, answer.text)
        assert answer.json["errors"] == dict.fromkeys(extra, UNKNOWN), one.name
        if one.takes and _items(one.takes) is not None:
            inside = {name: value for name, value in kept.items() if name not in OF_AN_ITEM}
            items = [{**valid["items"][0], **inside}]
            answer = pharmacy.client(*one.row.roles).call(one.method, one.own_url(pharmacy), {**valid, "items": items})
            assert answer.json["errors"] == {"items": {"0": dict.fromkeys(inside, UNKNOWN)}}, one.name
    assert not differences(before, state(service.database, pharmacy.tenant.id))


def test_each_of_them_alone_is_refused_and_changes_nothing(service: Service, pharmacy: Pharmacy) -> None:
    before, tried = state(service.database, pharmacy.tenant.id), 0
    for one in _with_a_body(service):
        client, url, valid = pharmacy.client(*one.row.roles), one.own_url(pharmacy), _valid(one, pharmacy)
        for name, value in SERVER_KEEPS.items():
            if name in TAKEN_BY.get(one.name, ()):
                continue
            answer = client.call(one.method, url, {**valid, name: value})
            assert (answer.status, list(answer.json["errors"])) == (422, [name]), (one.name, name, answer.text)
            tried += 1
    assert not differences(before, state(service.database, pharmacy.tenant.id))
    assert tried > 20 * 28


def test_a_bill_of_a_batch_takes_no_more_than_a_bill_alone(service: Service, pharmacy: Pharmacy) -> None:
    before, batch = state(service.database, pharmacy.tenant.id), route(service.app, BATCH)
    bills = [{**_valid(batch, pharmacy)["items"][0], name: value} for name, value in SERVER_KEEPS.items()]
    answer = pharmacy.tenant.billing.post(batch.path, {"items": bills})
    assert [list(item["problem"]["errors"]) for item in answer.json["items"]] == [[name] for name in SERVER_KEEPS]
    assert not differences(before, state(service.database, pharmacy.tenant.id))


def test_a_query_takes_what_the_contract_says_and_nothing_else(service: Service, pharmacy: Pharmacy) -> None:
    for one in routes(service.app):
        if one.method != "GET" or one.query is None:
            continue
        for name in ("tenantId", "tenant_id", "role", "offset", "status", "customerPhone"):
            answer = pharmacy.client(*one.row.roles).get(f"{one.own_url(pharmacy)}?{name}=1")
            assert (answer.status, answer.json["errors"]) == (422, {name: UNKNOWN}), one.name
        answer = pharmacy.client(*one.row.roles).get(f"{one.own_url(pharmacy)}?limit=1&limit=2")
        assert answer.status == 422, one.name


def _with_a_body(service: Service) -> Iterator[Route]:
    return (one for one in routes(service.app) if one.method in {"POST", "PUT"})


def _valid(one: Route, pharmacy: Pharmacy) -> Body:
    return one.row.body(pharmacy) if one.row.body else {}


def _items(schema: Any) -> Schema | None:
    for field in schema.fields.values():
        if field.data_key == "items" and isinstance(field, fields.List) and isinstance(field.inner, fields.Nested):
            found: Schema = field.inner.schema
            return found
    return None
