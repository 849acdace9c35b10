"""The running service behind the same methods as the model, so that one history can be played on both."""

from decimal import Decimal

from .answers import Answer, Body
from .programme_over_http import Client, ProgrammeOverHttp, Tenant, read

INTERNAL = "/internal/cards"
UNKNOWN = 2**62


class OverHttp(ProgrammeOverHttp):
    """One tenant of the running service."""

    def __init__(self, tenant: Tenant) -> None:
        """Use the clients of this tenant."""
        self.admin: Client = tenant.admin
        self.cashier: Client = tenant.cashier
        self.billing: Client = tenant.billing
        self._rows: dict[tuple[str, int], int] = {}
        self._customers = {}
        self._redemptions: dict[int, list[int]] = {}

    # Configuration

    def put_config(self, body: Body) -> Answer:
        """PUT /card-config."""
        return read(self.admin.put("/card-config", body))

    def enable(self) -> Answer:
        """POST /card-config/enable."""
        return read(self.admin.post("/card-config/enable"))

    def disable(self) -> Answer:
        """POST /card-config/disable."""
        return read(self.admin.post("/card-config/disable"))

    def save_category(self, body: Body) -> Answer:
        """POST /card-config/categories."""
        return self._save("categories", body)

    def save_discount(self, body: Body) -> Answer:
        """POST /card-config/discounts."""
        return self._save("discounts", body)

    def save_restriction(self, body: Body) -> Answer:
        """POST /card-config/restrictions."""
        return self._save("restrictions", body)

    def delete_category(self, category_id: int) -> Answer:
        """DELETE /card-config/categories/{id}."""
        return self._delete("categories", category_id)

    def delete_discount(self, category_id: int) -> Answer:
        """DELETE /card-config/discounts/{id}."""
        return self._delete("discounts", category_id)

    def delete_restriction(self, category_id: int) -> Answer:
        """DELETE /card-config/restrictions/{id}."""
        return self._delete("restrictions", category_id)

    # Cards

    def issue_card(self, body: Body) -> Answer:
        """POST /cards."""
        return read(self.admin.post("/cards", body))

    def get_card(self, card_id: int) -> Answer:
        """GET /cards/{id}."""
        return read(self.billing.get(f"/cards/{card_id}"))

    def balance(self, card_id: int) -> Answer:
        """GET /cards/{id}/balance."""
        return read(self.cashier.get(f"/cards/{card_id}/balance"))

    def audit(self, card_id: int) -> Answer:
        """GET /cards/{id}/audit."""
        return read(self.admin.get(f"/cards/{card_id}/audit"))

    def link_referrer(self, card_id: int, body: Body) -> Answer:
        """POST /cards/{id}/link-referrer."""
        return read(self.admin.post(f"/cards/{card_id}/link-referrer", body))

    def change_card(self, card_id: int, body: Body) -> Answer:
        """PUT /cards/{id}."""
        return read(self.admin.put(f"/cards/{card_id}", body))

    def block(self, card_id: int, body: Body) -> Answer:
        """POST /cards/{id}/block."""
        return read(self.admin.post(f"/cards/{card_id}/block", body))

    def unblock(self, card_id: int) -> Answer:
        """POST /cards/{id}/unblock."""
        return read(self.admin.post(f"/cards/{card_id}/unblock"))

    def close_card(self, card_id: int) -> Answer:
        """DELETE /cards/{id}."""
        return read(self.admin.delete(f"/cards/{card_id}"))

    def replace(self, card_id: int, body: Body) -> Answer:
        """POST /cards/{id}/replace."""
        return read(self.admin.post(f"/cards/{card_id}/replace", body))

    def merge(self, card_id: int, body: Body) -> Answer:
        """POST /cards/{id}/merge."""
        return read(self.admin.post(f"/cards/{card_id}/merge", body))

    def adjust_points(self, card_id: int, body: Body, key: str | None = None) -> Answer:
        """POST /cards/{id}/adjust-points, `key` being the Idempotency-Key header."""
        headers = None if key is None else {"Idempotency-Key": key}
        return read(self.admin.post(f"/cards/{card_id}/adjust-points", body, headers))

    # What Billing and the cashier call

    def calculate(self, body: Body) -> Answer:
        """POST /internal/cards/calculate, as the cashier does."""
        return read(self.cashier.post(f"{INTERNAL}/calculate", body))

    def earn_points(self, body: Body) -> Answer:
        """POST /internal/cards/earn-points."""
        return read(self.billing.post(f"{INTERNAL}/earn-points", body))

    def earn_batch(self, body: Body) -> Answer:
        """POST /internal/cards/earn-points/batch."""
        return read(self.billing.post(f"{INTERNAL}/earn-points/batch", body))

    def redeem_points(self, body: Body) -> Answer:
        """POST /internal/cards/redeem-points."""
        answer = read(self.billing.post(f"{INTERNAL}/redeem-points", body))
        made = self._redemptions.setdefault(body["billId"], [])
        if answer.status == 200 and answer.body["redemptionId"] not in made:
            made.append(answer.body["redemptionId"])
        return answer

    def confirm_redemption(self, bill_id: int, which: int) -> Answer:
        """POST /internal/cards/redeem-points/{redemptionId}/confirm, of one of the redemptions of a bill, oldest first."""
        return read(self.billing.post(f"{INTERNAL}/redeem-points/{self._redemption(bill_id, which)}/confirm"))

    def cancel_redemption(self, bill_id: int, which: int) -> Answer:
        """POST /internal/cards/redeem-points/{redemptionId}/cancel."""
        return read(self.billing.post(f"{INTERNAL}/redeem-points/{self._redemption(bill_id, which)}/cancel"))

    def _redemption(self, bill_id: int, which: int) -> int:
        made = self._redemptions.get(bill_id, [])
        return made[which] if which < len(made) else UNKNOWN

    def reverse_points(self, body: Body) -> Answer:
        """POST /internal/cards/reverse-points."""
        return read(self.billing.post(f"{INTERNAL}/reverse-points", body))

    # What only tests ask

    def ledger_sums(self, card_id: int) -> dict[str, Decimal]:
        """Sum of the points posted to a card, by ledger type, zero sums left out, over all pages of its history."""
        sums: dict[str, Decimal] = {}
        params: Body = {"limit": 200}
        while True:
            page = read(self.billing.get(f"/cards/{card_id}/transactions", **params)).body
            for row in page["items"]:
                sums[row["type"]] = sums.get(row["type"], Decimal(0)) + row["points"]
            if page["nextCursor"] is None:
                return {kind: points for kind, points in sums.items() if points}
            params["cursor"] = page["nextCursor"]

    def _save(self, table: str, body: Body) -> Answer:
        answer = read(self.admin.post(f"/card-config/{table}", body))
        self._rows[table, body["categoryId"]] = int(answer.body["id"])
        return answer

    def _delete(self, table: str, category_id: int) -> Answer:
        return read(self.admin.delete(f"/card-config/{table}/{self._rows.pop((table, category_id))}"))
