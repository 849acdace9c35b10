"""The rules of what is paid beside bills."""

from typing import Any

from card_service.card_config.schemas import PageQuery
from card_service.earning_rules import schemas
from card_service.earning_rules.change import OPERATION, ChangeRule, CreateRule, change_rule, create_rule, end_rule
from card_service.earning_rules.list import ListRules, list_rules
from card_service.kit.auth.caller import ADMIN
from card_service.kit.http import blueprint as http
from card_service.kit.http.blueprint import Blueprint
from card_service.ledger.idempotency import once

blueprint = Blueprint("earning-rules", __name__, url_prefix="/api/v1/earning-rules", description="What is paid beside bills")


@blueprint.call("GET", "", roles=(ADMIN,), query=PageQuery, gives=schemas.EarningRulePage)
def list_all(query: dict[str, Any]) -> Any:
    """List the rules, the oldest first, inactive ones too."""
    return http.read(list_rules, ListRules(**query))


@blueprint.call("POST", "", roles=(ADMIN,), takes=schemas.CreateRuleBody, gives=schemas.EarningRule, status=201)
def create(body: CreateRule) -> Any:
    """Make a rule."""
    return http.transact(once(OPERATION, create_rule, status=201), body)


@blueprint.call(
    "PUT",
    "/<id:rule_id>",
    roles=(ADMIN,),
    takes=schemas.ChangeRuleBody,
    gives=schemas.EarningRule,
    refuses=("NOT_FOUND",),
)
def change(rule_id: int, body: dict[str, Any]) -> Any:
    """Change the fields that are sent; what a rule is for stays."""
    return http.transact(change_rule, ChangeRule(rule_id, body))


@blueprint.call("DELETE", "/<id:rule_id>", roles=(ADMIN,), status=204, refuses=("NOT_FOUND",))
def end(rule_id: int) -> Any:
    """Make a rule inactive; what it has paid stays."""
    return http.transact(end_rule, rule_id)
