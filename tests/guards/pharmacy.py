"""A pharmacy with something of every kind, and a look at all that the database holds of it."""

from dataclasses import dataclass, field
from itertools import count
from typing import Any

from card_service.models.base import metadata
from tests.servers.clients import Answer, Client, Tenant
from tests.servers.databases import PrivateDatabase, engine_of
from tests.servers.service import Service

Body = dict[str, Any]
_STEP = 1_000_000
_bases = count(7_000_000_000_000_000, _STEP)
State = dict[str, list[tuple[Any, ...]]]


@dataclass
class Pharmacy:
    """A filled tenant: its numbers by what they name (`ints`), its card numbers (`numbers`), a customer (`person`)."""

    tenant: Tenant
    ints: dict[str, int] = field(default_factory=dict)
    numbers: dict[str, str] = field(default_factory=dict)
    person: dict[str, str] = field(default_factory=dict)
    cursors: dict[str, str] = field(default_factory=dict)
    base: int = field(default_factory=lambda: next(_bases))

    def __post_init__(self) -> None:
        """Count bills from a number that is this pharmacy's alone."""
        self._bills = count(self.base + 1000)

    def new_bill(self) -> int:
        """Give a number that was used for nothing yet."""
        return next(self._bills)

    def client(self, *roles: str) -> Client:
        """Give the client of the first of these roles."""
        found: Client = getattr(self.tenant, roles[0])
        return found

    def own(self, route: str, parameter: str) -> int | str:
        """Give a thing of the pharmacy for a parameter in a path; fails for a parameter it does not know."""
        if parameter == "entry_id":
            return self.ints[route.split("/")[2] + " row"]
        if parameter == "card_number":
            return self.numbers["card"]
        known = {
            "card_id": "card",
            "customer_id": "customer",
            "redemption_id": "redemption",
            "program_id": "program",
            "campaign_id": "campaign",
            "tier_id": "tier",
            "rule_id": "earning rule",
        }
        if route.endswith(("link-referrer", "merge")):
            return self.ints["new card"]
        assert parameter in known, f"{parameter} in a path is a new kind of id: say here what it names"
        return self.ints[known[parameter]]


def fill(service: Service) -> Pharmacy:
    """Make a pharmacy and give it something of every kind."""
    made = Pharmacy(service.tenant())
    base, ints, numbers = made.base, made.ints, made.numbers
    admin, billing = made.tenant.admin, made.tenant.billing
    _done(admin.put("/card-config", {"isEnabled": True, "minPointsToRedeem": 1, "maxRedemptionPercent": 100}))
    ints |= {"category": base + 1, "restricted category": base + 2, "customer": base + 3, "bill": made.new_bill()}
    named = {"categoryName": "Tablets"}
    for path, category, values in (
        ("categories", "category", {**named, "pointPercentage": 3}),
        ("discounts", "category", {**named, "discountPercentage": 1}),
        ("restrictions", "restricted category", {"earnBlocked": True, "basis": "law"}),
    ):
        answer = _done(admin.post(f"/card-config/{path}", {"categoryId": ints[category], **values}))
        ints[f"{path} row"] = answer["id"]
    ints["tier"] = _done(admin.post("/tiers", {"level": 2, "name": "Silver", "minSpend": 50_000}))["id"]
    window = {"startsAt": "2026-01-01T00:00:00Z", "endsAt": "2027-01-01T00:00:00Z"}
    challenge = {"name": "Spring", "type": "TIER_CHALLENGE", "targetSpend": 10**6, "days": 9, "bonusPoints": 5, "optIn": True}
    ints["campaign"] = _done(admin.post("/campaigns", {**challenge, **window, "maxUses": 9}))["id"]
    _done(admin.post(f"/campaigns/{ints['campaign']}/activate"))
    rule = {"activity": "SOCIAL_SHARE", "name": "A share", "points": 2}
    ints["earning rule"] = _done(admin.post("/earning-rules", rule))["id"]
    ints["program"] = _done(admin.post("/loyalty/programs", {"name": "Points for all", "type": "POINTS"}))["id"]
    running = _done(admin.post("/loyalty/programs", {"name": "Running", "type": "CASH_BACK"}))["id"]
    ints["running program"] = _done(admin.post(f"/loyalty/programs/{running}/activate"))["id"]
    made.person = {"name": f"Sita {base}", "phone": f"+91{base}"[:16], "email": f"sita.{base}@example.org"}
    person = {f"customer{name.capitalize()}": value for name, value in made.person.items()}
    for kind, body in (
        ("referrer", {}),
        ("card", {"customerId": ints["customer"], **person}),
        ("spare card", {}),
        ("new card", {}),
        ("closed card", {}),
        ("renumbered card", {}),
    ):
        numbers[kind] = f"{kind.upper().replace(' ', '-')}-{base}"
        ints[kind] = _done(admin.post("/cards", {"cardNumber": numbers[kind], **body}))["id"]
    numbers["referral code"] = _done(admin.get(f"/cards/{ints['card']}"))["referralCode"]
    _done(admin.post(f"/cards/{ints['card']}/link-referrer", {"referrerCardId": ints["referrer"]}))
    numbers["replaced number"] = numbers["renumbered card"]
    answer = _done(admin.post(f"/cards/{ints['renumbered card']}/replace", {"reason": "lost"}))
    numbers["renumbered card"] = answer["cardNumber"]
    assert admin.delete(f"/cards/{ints['closed card']}").status == 204
    _done(admin.post(f"/cards/{ints['card']}/adjust-points", {"points": 100_000, "reason": "opening"}))
    bill = {"cardId": ints["card"], "billAmount": 900, "items": [{"categoryId": ints["category"], "amount": 900}]}
    ints["redeemed bill"], ints["quoted bill"], ints["return"] = (made.new_bill() for _ in range(3))
    _done(billing.post("/internal/cards/earn-points", {**bill, "billId": ints["bill"]}))
    answer = _done(billing.post("/internal/cards/redeem-points", {**bill, "billId": ints["redeemed bill"], "points": 10}))
    ints["redemption"] = answer["redemptionId"]
    quoted = {"billId": ints["quoted bill"], "items": bill["items"]}
    _done(billing.post("/internal/cards/calculate", quoted))
    returned = {"billId": ints["bill"], "returnId": ints["return"], "items": [{"categoryId": ints["category"], "amount": 1}]}
    _done(billing.post("/internal/cards/reverse-points", returned))
    for name in ("/cards", f"/cards/{ints['card']}/transactions"):
        made.cursors[name] = _done(admin.get(name, limit=1))["nextCursor"]
    ints["transaction"] = _done(admin.get(f"/cards/{ints['card']}/transactions", limit=1))["items"][0]["id"]
    ints["tenant"] = made.tenant.id
    return made


def state(database: PrivateDatabase, tenant_id: int) -> State:
    """Read every row of the tenant in every table that has tenants, as the driver gives them."""
    found: State = {}
    with engine_of(database.url).connect() as connection:
        for table in metadata.tables.values():
            if "tenant_id" in table.c:
                rows = connection.exec_driver_sql(f"SELECT * FROM {table.name} WHERE tenant_id = {tenant_id:d}")
                found[table.name] = sorted((tuple(row) for row in rows), key=repr)
    return found


def differences(before: State, after: State) -> dict[str, Any]:
    """Name the tables that are no longer the same, with the rows that went and came."""
    return {
        name: {"gone": [row for row in rows if row not in after[name]], "new": [row for row in after[name] if row not in rows]}
        for name, rows in before.items()
        if rows != after[name]
    }


def _done(answer: Answer) -> Any:
    assert answer.status in {200, 201}, answer.text
    return answer.json
