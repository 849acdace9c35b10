"""What an admin sets up beside the configuration, over the running service, and what it is called through."""

from typing import Any, Protocol

from .answers import Answer, Body


class Response(Protocol):
    """What a client of the test fixtures answers; numbers in `json` are Decimal."""

    status: int
    json: Any
    headers: Any
    text: str


class Client(Protocol):
    """A client with one credential; paths are relative to /api/v1, Decimals are sent as numbers."""

    def get(self, path: str, **params: Any) -> Response:
        """GET."""

    def post(self, path: str, body: Any = None, headers: Any = None) -> Response:
        """POST."""

    def put(self, path: str, body: Any) -> Response:
        """PUT."""

    def delete(self, path: str) -> Response:
        """DELETE."""


class Tenant(Protocol):
    """A fresh tenant with a client for each role."""

    admin: Any
    cashier: Any
    billing: Any


class ProgrammeOverHttp:
    """Tiers, campaigns and rules of one tenant of the running service."""

    admin: Client
    cashier: Client
    billing: Client
    _customers: dict[int, int]

    def create_tier(self, body: Body) -> Answer:
        """POST /tiers."""
        return read(self.admin.post("/tiers", body))

    def set_tier(self, card_id: int, body: Body) -> Answer:
        """PUT /loyalty/tier/update/{customerId}, the customer being the card's."""
        customer_id = self._customer(card_id)
        answer = read(self.admin.put(f"/loyalty/tier/update/{customer_id}", {"reason": "a friend of the house", **body}))
        return Answer(answer.status, answer.body)

    def review_tiers(self) -> Answer:
        """POST /tiers/recalculate, of every card."""
        return read(self.admin.post("/tiers/recalculate", {"dryRun": False}))

    def tier_of(self, card_id: int) -> Answer:
        """GET /cards/{id}/tier."""
        return read(self.cashier.get(f"/cards/{card_id}/tier"))

    def create_campaign(self, body: Body) -> Answer:
        """POST /campaigns."""
        return read(self.admin.post("/campaigns", body))

    def change_campaign(self, campaign_id: int, event: str) -> Answer:
        """POST /campaigns/{id}/activate|pause|end."""
        return read(self.admin.post(f"/campaigns/{campaign_id}/{event}"))

    def campaign_results(self, campaign_id: int) -> Answer:
        """GET /campaigns/{id}/results."""
        return read(self.admin.get(f"/campaigns/{campaign_id}/results"))

    def participate(self, campaign_id: int, card_id: int) -> Answer:
        """POST /campaigns/participate."""
        return read(self.admin.post("/campaigns/participate", {"campaignId": campaign_id, "cardId": card_id}))

    def progress(self, campaign_id: int, card_id: int) -> Answer:
        """GET /campaigns/{id}/progress/{customerId}, the customer being the card's."""
        customer_id = self._customer(card_id)
        return read(self.admin.get(f"/campaigns/{campaign_id}/progress/{customer_id}"))

    def eligible(self, card_id: int) -> Answer:
        """GET /campaigns/customer/{customerId}/eligible, the customer being the card's."""
        customer_id = self._customer(card_id)
        return read(self.cashier.get(f"/campaigns/customer/{customer_id}/eligible"))

    def earn_activity(self, body: Body) -> Answer:
        """POST /loyalty/points/earn."""
        return read(self.billing.post("/loyalty/points/earn", body))

    def _customer(self, card_id: int) -> int:
        if card_id not in self._customers:
            self._customers[card_id] = int(self.admin.get(f"/cards/{card_id}").json["customerId"])
        return self._customers[card_id]

    def create_rule(self, body: Body) -> Answer:
        """POST /earning-rules."""
        return read(self.admin.post("/earning-rules", body))


def read(response: Response) -> Answer:
    """What a response answers."""
    replayed = response.headers.get("Idempotent-Replayed") == "true"
    return Answer(response.status, response.json if response.text else {}, replayed)
