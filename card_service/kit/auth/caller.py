"""The caller of a request, as the credential says it."""

from dataclasses import dataclass

from card_service.kit.errors import Forbidden

ADMIN, CASHIER, BILLING = "admin", "cashier", "billing"
ROLES = (ADMIN, CASHIER, BILLING)
"""None includes another (docs/contract.md section 2)."""


@dataclass(frozen=True, slots=True)
class Caller:
    """Whose request it is and in which role; `name` goes into the ledger as performed_by."""

    tenant_id: int
    role: str
    name: str

    def require(self, allowed: frozenset[str]) -> None:
        """Refuse a caller whose role is not among those allowed."""
        if self.role not in allowed:
            detail = f"This needs the role {' or '.join(sorted(allowed))}; these credentials have {self.role}"
            raise Forbidden(detail)
