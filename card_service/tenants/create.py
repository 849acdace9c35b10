"""Creating a tenant: its configuration with the defaults, and one key for each role."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from card_service.kit.auth.caller import ROLES
from card_service.kit.auth.keys import NewKey
from card_service.kit.context import Context
from card_service.kit.db.session import Session
from card_service.kit.db.statement import Statement, insert_into
from card_service.kit.money import ZERO
from card_service.kit.wire import Answer
from card_service.models.card_config import card_configurations
from card_service.models.tenants import tenants
from card_service.tenants.keys import insert_key

DEFAULTS: dict[str, Any] = {
    "is_enabled": False,
    "points_to_amount_rate": Decimal("0.1000"),
    "max_redemption_percent": Decimal("50.00"),
    "referral_points_percent": Decimal("0.50"),
    "min_points_to_redeem": 100,
    "flat_discount_type": "NONE",
    "flat_discount_value": ZERO,
    "flat_discount_min_bill": ZERO,
    "points_precision": 2,
    "return_policy": "DEBT",
    "restore_grace_days": 30,
    "redemption_treatment": "PAYMENT",
    "pending_days": 0,
    "expiry_policy": "NONE",
    "expiry_months": 24,
    "hold_ttl_seconds": 900,
    "currency": "INR",
    "timezone": "Asia/Kolkata",
    "card_number_pattern": None,
    "card_colour": None,
    "referral_link_base": None,
    "referral_min_bill": ZERO,
    "campaign_stacking": "BEST",
    "max_total_multiplier": Decimal("10.00"),
    "next_card_serial": 0,
    "version": 1,
}
"""The defaults of docs/contract.md section 3."""

_insert_tenant: Statement[None] = Statement(insert_into(tenants, "id"))
_insert_config: Statement[None] = Statement(insert_into(card_configurations, "id"))


@dataclass(frozen=True, slots=True)
class CreateTenant:
    """A pharmacy's name, and the keys made for it, one for each role."""

    name: str
    keys: dict[str, NewKey]


class TenantCreated(Answer, frozen=True):
    """The tenant and its keys, which are shown here and never again."""

    tenant_id: int
    keys: dict[str, str]


def create_tenant(session: Session, context: Context, request: CreateTenant) -> TenantCreated:
    """Create a tenant with the card system switched off."""
    tenant_id = session.insert(_insert_tenant, name=request.name, created_at=context.now)
    own = session.for_tenant(tenant_id)
    own.write(_insert_config, created_at=context.now, updated_at=context.now, **DEFAULTS)
    for role in ROLES:
        insert_key(own, context, role, f"first {role} key", request.keys[role])
    return TenantCreated(tenant_id=tenant_id, keys={role: request.keys[role].text for role in ROLES})
