"""The rules of a tenant that are active, read once for each version of its configuration."""

from sqlalchemy import bindparam, select

from card_service.card_config.load import by_version
from card_service.card_config.rulebook import Rulebook
from card_service.earning_rules.rules import Rule
from card_service.kit.db.session import Session
from card_service.kit.db.statement import TENANT, Statement
from card_service.models.earning import earning_rules

_active = Statement(
    select(*(earning_rules.c[name] for name in Rule.__dataclass_fields__)).where(
        earning_rules.c.tenant_id == TENANT, earning_rules.c.is_active == bindparam("yes")
    ),
    Rule,
)


def earning_rules_of(session: Session, rulebook: Rulebook) -> tuple[Rule, ...]:
    """Give the active rules at the version of this rulebook, whether or not they run now."""
    return by_version(session, rulebook.version, rulebook.updated_at, load_earning_rules)


def load_earning_rules(session: Session) -> tuple[Rule, ...]:
    """Read them."""
    return tuple(session.all(_active, yes=True))
