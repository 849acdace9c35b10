"""The surface of the API written down a second time: every route, who may call it, and a body that it takes.

The guards walk the application's own map of URLs and look each route up here. A route that is not in this table
fails them, so that a new one cannot be forgotten.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from werkzeug.routing import Rule

from card_service.points.schemas import EarnPointsBody
from tests.guards.pharmacy import Body, Pharmacy

ADMIN, CASHIER, BILLING = "admin", "cashier", "billing"
ALL = (ADMIN, CASHIER, BILLING)
BASE = "/api/v1"
MUTATING = ("POST", "PUT", "DELETE")
PUBLIC = {"GET /openapi.json", "GET /docs", "GET /docs/static/{name}", "GET /healthz", "GET /readyz", "GET /metrics"}
"""What anyone may ask for, outside of the API."""
PAGES: dict[str, tuple[str, ...]] = {
    "GET /sign-in": (),
    "POST /sign-in": (),
    "POST /sign-out": (ADMIN, CASHIER),
    "POST /sign-out-everywhere": (ADMIN, CASHIER),
    "GET /account": (ADMIN, CASHIER),
    "POST /account/password": (ADMIN, CASHIER),
    "GET /language/{code}": (),
    "GET /static/{release}/{name}": (),
    "GET /counter/service-worker.js": (),
    "GET /counter": (ADMIN, CASHIER),
    "POST /counter/find": (ADMIN, CASHIER),
    "GET /counter/cards/{card_id}": (ADMIN, CASHIER),
    "POST /counter/cards/{card_id}/join": (ADMIN, CASHIER),
    "GET /counter/enrol": (ADMIN, CASHIER),
    "POST /counter/enrol": (ADMIN, CASHIER),
    "POST /counter/preview": (ADMIN, CASHIER),
    "POST /counter/apply": (ADMIN, CASHIER),
    "GET /counter/return": (ADMIN, CASHIER),
    "POST /counter/return/find": (ADMIN, CASHIER),
    "POST /counter/return": (ADMIN, CASHIER),
    "POST /counter/earn-points/batch": (ADMIN, CASHIER),
    "GET /print-cards": (ADMIN,),
    "POST /print-cards": (ADMIN,),
}
"""What people open in a browser, outside of the API: every page, and who may; nobody is everybody, signed in or not."""
BATCH = "POST /internal/cards/earn-points/batch"
INSIDE_DICTS = {BATCH: EarnPointsBody}
"""Routes whose items are bodies of another route, judged one by one."""


@dataclass(frozen=True)
class Row:
    """Who may call a route, and a body that it takes from a pharmacy (None: it takes no fields)."""

    roles: tuple[str, ...]
    body: Callable[[Pharmacy], Body] | None = None


def _bill(pharmacy: Pharmacy) -> Body:
    items = [{"categoryId": pharmacy.ints["category"], "amount": 100, "itemId": 7}]
    return {"cardId": pharmacy.ints["card"], "billId": pharmacy.new_bill(), "billAmount": 100, "items": items}


def _quote(pharmacy: Pharmacy) -> Body:
    return {name: value for name, value in _bill(pharmacy).items() if name != "billAmount"}


def _return(pharmacy: Pharmacy) -> Body:
    items = [{"categoryId": pharmacy.ints["category"], "amount": "0.01"}]
    return {"billId": pharmacy.ints["bill"], "returnId": pharmacy.new_bill(), "items": items, "reason": "broken"}


def _campaign(_: Pharmacy) -> Body:
    window = {"startsAt": "2026-03-01T00:00:00Z", "endsAt": "2026-04-01T00:00:00Z"}
    return {"name": "Double points", "type": "POINTS_MULTIPLIER", "multiplier": 2, "maxUses": 100, **window}


def _own_percentages(pharmacy: Pharmacy) -> Body:
    return {"categoryPercentages": [{"categoryId": pharmacy.ints["category"], "pointPercentage": 4}], "benefits": {"gift": "tea"}}


ROUTES = {
    "GET /card-config": Row((ADMIN,)),
    "PUT /card-config": Row((ADMIN,), lambda _: {"restoreGraceDays": 31}),
    "POST /card-config/enable": Row((ADMIN,)),
    "POST /card-config/disable": Row((ADMIN,)),
    "POST /card-config/expiry/apply": Row((ADMIN,), lambda _: {"dryRun": True, "confirmCards": 1}),
    "GET /card-config/categories": Row((ADMIN,)),
    "POST /card-config/categories": Row(
        (ADMIN,), lambda p: {"categoryId": p.ints["category"], "categoryName": "Vitamins", "pointPercentage": 4}
    ),
    "DELETE /card-config/categories/{entry_id}": Row((ADMIN,)),
    "GET /card-config/discounts": Row((ADMIN,)),
    "POST /card-config/discounts": Row(
        (ADMIN,), lambda p: {"categoryId": p.ints["category"], "categoryName": "Vitamins", "discountPercentage": 4}
    ),
    "DELETE /card-config/discounts/{entry_id}": Row((ADMIN,)),
    "GET /card-config/restrictions": Row((ADMIN,)),
    "POST /card-config/restrictions": Row((ADMIN,), lambda p: {"categoryId": p.ints["category"], "earnBlocked": True}),
    "DELETE /card-config/restrictions/{entry_id}": Row((ADMIN,)),
    "POST /cards/print": Row((ADMIN,), lambda p: {"cardIds": [p.ints["card"]]}),
    "GET /cards/{card_id}/barcode.png": Row(ALL),
    "GET /cards/{card_id}/barcode.svg": Row(ALL),
    "GET /cards": Row(ALL),
    "POST /cards": Row((ADMIN,), lambda _: {"customerName": "Nobody in particular"}),
    "POST /cards/search": Row(ALL, lambda p: {"phone": p.person["phone"]}),
    "GET /cards/by-number/{card_number}": Row(ALL),
    "GET /cards/by-customer/{customer_id}": Row(ALL),
    "GET /cards/{card_id}": Row(ALL),
    "PUT /cards/{card_id}": Row((ADMIN,), lambda _: {"customerName": "Somebody Else"}),
    "DELETE /cards/{card_id}": Row((ADMIN,)),
    "GET /cards/{card_id}/balance": Row(ALL),
    "GET /cards/{card_id}/expiring": Row(ALL),
    "GET /cards/{card_id}/transactions": Row(ALL),
    "GET /cards/{card_id}/referrals": Row(ALL),
    "GET /referrals/suspicious": Row((ADMIN,)),
    "GET /referrals/report": Row((ADMIN,)),
    "GET /cards/{card_id}/audit": Row((ADMIN,)),
    "POST /cards/{card_id}/adjust-points": Row((ADMIN,), lambda _: {"points": 1, "reason": "sorry"}),
    "POST /cards/{card_id}/block": Row((ADMIN,), lambda _: {"reason": "lost"}),
    "POST /cards/{card_id}/unblock": Row((ADMIN,), lambda _: {"reason": "found"}),
    "POST /cards/{card_id}/replace": Row((ADMIN,), lambda _: {"reason": "worn"}),
    "POST /cards/{card_id}/merge": Row((ADMIN,), lambda p: {"sourceCardId": p.ints["spare card"]}),
    "POST /cards/{card_id}/link-referrer": Row((ADMIN,), lambda p: {"referrerCardId": p.ints["referrer"]}),
    "GET /earning-rules": Row((ADMIN,)),
    "POST /earning-rules": Row((ADMIN,), lambda _: {"activity": "REVIEW", "name": "A review", "points": 5}),
    "PUT /earning-rules/{rule_id}": Row((ADMIN,), lambda _: {"name": "A long review"}),
    "DELETE /earning-rules/{rule_id}": Row((ADMIN,)),
    "POST /loyalty/points/earn": Row(
        (BILLING, ADMIN), lambda p: {"cardId": p.ints["card"], "activity": "SOCIAL_SHARE", "reference": f"share-{p.new_bill()}"}
    ),
    "GET /loyalty/programs": Row(ALL),
    "POST /loyalty/programs": Row((ADMIN,), lambda _: {"name": "Summer", "type": "HYBRID", "rules": {"gift": "a towel"}}),
    "GET /loyalty/programs/{program_id}": Row(ALL),
    "PUT /loyalty/programs/{program_id}": Row((ADMIN,), lambda _: {"name": "Winter"}),
    "POST /loyalty/programs/{program_id}/activate": Row((ADMIN,)),
    "POST /loyalty/programs/{program_id}/suspend": Row((ADMIN,)),
    "POST /loyalty/programs/{program_id}/archive": Row((ADMIN,)),
    "GET /loyalty/members/{card_id}": Row(ALL),
    "GET /loyalty/members/{card_id}/activities": Row(ALL),
    "GET /loyalty/customer/{customer_id}": Row(ALL),
    "GET /loyalty/points/history/{customer_id}": Row(ALL),
    "POST /loyalty/points/redeem": Row((BILLING,), lambda p: {**_bill(p), "points": 1}),
    "POST /loyalty/enroll": Row((ADMIN,), lambda p: {"cardId": p.ints["new card"], "programId": p.ints["running program"]}),
    "GET /campaigns": Row((ADMIN,)),
    "POST /campaigns": Row((ADMIN,), _campaign),
    "GET /campaigns/{campaign_id}": Row((ADMIN,)),
    "PUT /campaigns/{campaign_id}": Row((ADMIN,), lambda _: {"name": "Twice the points"}),
    "POST /campaigns/{campaign_id}/activate": Row((ADMIN,)),
    "POST /campaigns/{campaign_id}/pause": Row((ADMIN,)),
    "POST /campaigns/{campaign_id}/end": Row((ADMIN,)),
    "POST /campaigns/{campaign_id}/dry-run": Row((ADMIN,), lambda _: {"from": "2026-03-01", "to": "2026-03-02"}),
    "GET /campaigns/{campaign_id}/results": Row((ADMIN,)),
    "GET /campaigns/active": Row(ALL),
    "GET /campaigns/customer/{customer_id}/eligible": Row(ALL),
    "POST /campaigns/participate": Row(ALL, lambda p: {"campaignId": p.ints["campaign"], "cardId": p.ints["card"]}),
    "GET /campaigns/{campaign_id}/progress/{customer_id}": Row(ALL),
    "GET /tiers": Row((ADMIN,)),
    "POST /tiers": Row((ADMIN,), lambda p: {"level": 19, "name": "Diamond", "minSpend": 90_000, **_own_percentages(p)}),
    "POST /tiers/presets": Row((ADMIN,), lambda _: {"preset": "bronze-silver-gold-platinum"}),
    "POST /tiers/recalculate": Row((ADMIN,), lambda p: {"cardId": p.ints["card"], "dryRun": False}),
    "GET /tiers/{tier_id}": Row((ADMIN,)),
    "PUT /tiers/{tier_id}": Row((ADMIN,), _own_percentages),
    "DELETE /tiers/{tier_id}": Row((ADMIN,)),
    "PUT /loyalty/tier/update/{customer_id}": Row((ADMIN,), lambda p: {"tierId": p.ints["tier"], "reason": "for ever loyal"}),
    "GET /cards/{card_id}/tier": Row(ALL),
    "GET /cards/{card_id}/tier/history": Row(ALL),
    "POST /internal/cards/calculate": Row((CASHIER, BILLING), _quote),
    "POST /internal/cards/earn-points": Row((BILLING,), _bill),
    BATCH: Row((BILLING,), lambda p: {"items": [_bill(p)]}),
    "POST /internal/cards/redeem-points": Row((BILLING,), lambda p: {**_bill(p), "points": 1}),
    "POST /internal/cards/redeem-points/{redemption_id}/confirm": Row((BILLING,)),
    "POST /internal/cards/redeem-points/{redemption_id}/cancel": Row((BILLING,)),
    "POST /internal/cards/reverse-points": Row((BILLING,), _return),
}


@dataclass(frozen=True)
class Route:
    """A route of the running application, with its row of the table."""

    name: str
    view: Any
    row: Row

    @property
    def method(self) -> str:
        """The method in capitals."""
        return self.name.partition(" ")[0]

    @property
    def path(self) -> str:
        """The path below the base, with its parameters in braces."""
        return self.name.partition(" ")[2]

    @property
    def parameters(self) -> list[str]:
        """The names of what stands in the path."""
        return re.findall(r"{(\w+)}", self.path)

    @property
    def takes(self) -> Any:
        """The schema of the body, None for a route without fields."""
        body = self._described.get("requestBody")
        schema = body["content"]["application/json"]["schema"]() if body else None
        return schema if schema is not None and schema.fields else None

    @property
    def query(self) -> Any:
        """The schema of the query string, None for a route without one."""
        found = [one["schema"]() for one in self._described.get("parameters", ()) if one["in"] == "query"]
        return found[0] if found else None

    @property
    def _described(self) -> dict[str, Any]:
        described: dict[str, Any] = self.view._apidoc["manual_doc"]  # noqa: SLF001 - what the document is written from
        return described

    def url(self, **values: Any) -> str:
        """Fill the parameters in."""
        return self.path.format(**values)

    def own_url(self, pharmacy: Pharmacy) -> str:
        """Fill the parameters in with what the pharmacy has."""
        return self.url(**{name: pharmacy.own(self.name, name) for name in self.parameters})


def name_of(rule: Rule, method: str) -> str:
    """Call a route by its method and its path, `GET /cards/{card_id}`, without the base."""
    path = re.sub(r"<(?:[^:<>]+:)?(\w+)>", r"{\1}", rule.rule)
    return f"{method} {path.removeprefix(BASE)}"


def routes(app: Any) -> Iterator[Route]:
    """Walk the application's routes, public ones and pages left out; fails at one that the table does not know."""
    for rule in app.url_map.iter_rules():
        for method in sorted(rule.methods - {"HEAD", "OPTIONS"}):
            name = name_of(rule, method)
            if name in PUBLIC or name in PAGES:
                continue
            assert rule.rule.startswith(BASE), f"{name} is outside of the API and neither public nor among the pages"
            assert name in ROUTES, f"{name} is a new route: add it to the table in tests/guards/surface.py"
            yield Route(name, app.view_functions[rule.endpoint], ROUTES[name])


def route(app: Any, name: str) -> Route:
    """Find a route by its name."""
    return next(one for one in routes(app) if one.name == name)
