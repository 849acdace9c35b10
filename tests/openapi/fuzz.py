"""How Schemathesis calls the service: as which role, with which of its cards, and by which of its checks."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import schemathesis
from schemathesis import hooks
from schemathesis.generation.meta import TestPhase
from schemathesis.openapi import from_url
from schemathesis.schemas import BaseSchema

from tests.servers.clients import Tenant
from tests.servers.service import Service

OUR_WORDS = {"cursor", "timezone", "points", "expiresAt", "sourceCardId", "cardNumber", "newCardNumber", "items"}
"""Fields whose good values no schema can tell: a cursor of an earlier page, a known time zone, points that are not 0, a
day that is not over, a card other than the one in the path, a number of the tenant's own form, a bill that can be added up."""
OUR_RULES = {
    "/api/v1/tiers": {
        "level",
        "name",
        "pointsMultiplier",
        "minSpend",
        "minPoints",
        "minOrders",
        "categoryPercentages",
        "benefits",
    },
    "/api/v1/earning-rules": {"code", "endsAt", "minBill", "maxPerCard"},
    "/api/v1/campaigns": {
        *("campaignId", "multiplier", "bonusPoints", "referredBonusPoints", "targetSpend", "days", "rewardTierId"),
        *("startsAt", "endsAt", "fromTime", "toTime", "weekdays", "tierIds", "segments", "categoryIds", "exclusive", "budget"),
        *("minSpend", "maxUses", "maxPoints", "maxUsesPerCard", "maxPointsPerCard", "from", "to"),
    },
    "/api/v1/loyalty": {"code", "activity", "reference", "startsOn", "endsOn", "rules", "tierId", "tierLevel", "until"},
    "/api/v1/cards": {"birthDate", "segments", "referralCode"},
    "/api/v1/card-config": {"confirmCards", "referralLinkBase"},
    "/api/v1/referrals": {"from", "to"},
}
"""By where a path begins: fields that must fit each other or what there is, such as an end after its beginning, the fields of
one type of campaign, a level that no other tier has."""
POSITIVE = ["2xx", "401", "403", "404", "409", "422"]


@dataclass(frozen=True)
class Shop:
    """The pharmacy that is being called, and what it has."""

    home: str
    keys: Mapping[str, str]
    cards: list[int]
    numbers: list[str]
    redemptions: list[int]

    @classmethod
    def open(cls, service: Service, home: str) -> "Shop":
        """Open a pharmacy with some cards, bills and a redemption."""
        tenant = service.tenant()
        bodies = [{"customerId": number, "customerPhone": f"98765{number:05}"} for number in range(1, 9)]
        made = [tenant.admin.post("/cards", body).json for body in bodies]
        cards, numbers = [card["id"] for card in made], [card["cardNumber"] for card in made]
        return cls(home, tenant.keys, cards, numbers, [_bill(tenant, cards[0])])

    def known(self, name: str, value: Any) -> Any:
        """Give something that the pharmacy has instead of every second value that it has not."""
        source: dict[str, list[Any]] = {
            **dict.fromkeys(("id", "cardId", "referrerCardId", "sourceCardId"), self.cards),
            **dict.fromkeys(("cardNumber", "referrerCardNumber"), self.numbers),
            "redemptionId": self.redemptions,
        }
        number = value if isinstance(value, int) else len(str(value))
        return source[name][number % len(source[name])] if name in source and value is not None and number % 2 else value


def _bill(tenant: Tenant, card: int) -> int:
    tenant.admin.put("/card-config", {"isEnabled": True, "minPointsToRedeem": 1})
    tenant.admin.post("/card-config/categories", {"categoryId": 1, "categoryName": "General", "pointPercentage": 3})
    tenant.admin.post(f"/cards/{card}/adjust-points", {"points": 5000, "reason": "Opening"})
    tenant.billing.post(
        "/internal/cards/earn-points",
        {"cardId": card, "billId": 1, "billAmount": 900, "items": [{"categoryId": 1, "amount": 900}]},
    )
    answer = tenant.billing.post("/internal/cards/redeem-points", {"cardId": card, "billId": 2, "billAmount": 900, "points": 10})
    redemption: int = answer.json["redemptionId"]
    return redemption


def read_schema(shop: Shop, *, examples: int, steps: int, coverage: bool) -> BaseSchema:
    """Read the document that the shop's service serves; requests carry the key of a role that may make them."""
    config = schemathesis.Config.from_dict(
        {
            "seed": 1,
            # Text beyond Latin-1 has characters that are not printable and that a short pattern cannot list.
            "generation": {"codec": "latin-1", "max-examples": examples, "database": "none", "no-shrink": True},
            "phases": {"coverage": {"enabled": coverage}, "stateful": {"generation": {"max-examples": steps}}},
            # Refusals by the rules of the house are 422 too; `only_house_rules` looks at which.
            "checks": {"positive_data_acceptance": {"expected-statuses": POSITIVE}},
            # DELETE closes a card and erases nothing: it can be read ever after (docs/contract.md section 3).
            "operations": [{"include-path-regex": "^/api/v1/cards/", "checks": {"use_after_free": {"enabled": False}}}],
        }
    )
    schema = from_url(f"{shop.home}/openapi.json", config=config)

    @schema.auth(cache_by_key=lambda case, _: case.operation.label, refresh_interval=None)
    class RoleKey:
        def get(self, case: Any, _: Any) -> str:
            return shop.keys[case.operation.definition.raw["x-roles"][-1]]

        def set(self, case: Any, data: str, _: Any) -> None:
            case.headers["Authorization"] = f"Bearer {data}"

    return schema


@contextmanager
def in_the_shop(shop: Shop) -> Iterator[None]:
    """Have every generated request settled before it is sent."""

    @schemathesis.hook
    def before_call(_: Any, case: Any, __: Any) -> None:
        settle(case, shop)

    try:
        yield
    finally:
        hooks.unregister(before_call)


def settle(case: Any, shop: Shop) -> None:
    """Bring what is valid by the schema closer to the shop; what is meant to be wrong stays as it is."""
    if case.meta is None or not case.meta.generation.mode.is_positive:
        return
    if case.meta.phase.name != TestPhase.STATEFUL and "/card-config/" not in case.path:
        for name, value in list((case.path_parameters or {}).items()):
            case.path_parameters[name] = shop.known(name, value)
    if case.path.endswith("/batch"):
        # A bill of a batch may be any object, but JSON of any kind may be too deep or too long for a body.
        case.body["items"] = [bill if "billId" in bill else {} for bill in case.body["items"]]
    if "/loyalty/programs" in case.path and isinstance(case.body, dict) and case.body.get("rules"):
        # The same holds for the rules of a programme, which may be any object, too.
        case.body["rules"] = dict.fromkeys(case.body["rules"], True)
    if isinstance(case.body, (dict, list)):
        case.body = _settled(case.body, shop.known)


def _settled(value: Any, known: Callable[[str, Any], Any]) -> Any:
    if isinstance(value, dict):
        return {name: _settled(known(name, inner), known) for name, inner in value.items()}
    if isinstance(value, list):
        return [_settled(inner, known) for inner in value]
    if not isinstance(value, float):
        return value
    # A multiple of 0.01 as a binary float may have seventeen decimals; and 7.0, an integer to JSON Schema, is none to us.
    return int(value) if value.is_integer() else round(value, 4 if value < 1 else 2)


@schemathesis.check
def only_house_rules(_: Any, response: Any, case: Any) -> None:
    """A body that the schema allows may break a rule of the house, but must not be called malformed."""
    if case.meta is None or not case.meta.generation.mode.is_positive:
        return
    if response.status_code in {400, 413, 415} or response.status_code == 422:
        problem = response.json()
        wrong = problem.get("errors", {})
        ours = OUR_WORDS.union(*(words for path, words in OUR_RULES.items() if case.path.startswith(path)))
        if wrong and wrong.keys() <= ours and all(isinstance(said, list) for said in wrong.values()):
            return
        assert problem["code"] not in {"VALIDATION_FAILED", "MALFORMED_JSON"}, f"valid data was refused: {problem}"
