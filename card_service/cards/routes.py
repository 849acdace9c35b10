"""Cards: who may find, issue, change, block, replace, merge and close them."""

from typing import Any

from card_service.card_config.schemas import PageQuery
from card_service.cards import block, change, issue, link_referrer, merge, replace, schemas
from card_service.cards.balance import read_balance
from card_service.cards.close import close_card
from card_service.cards.expiring import read_expiring
from card_service.cards.find import find_by_customer, find_by_number, find_card
from card_service.cards.list import ListCards, list_cards
from card_service.cards.name_referrer import ReferrerRef
from card_service.cards.search import SearchCards, search_cards
from card_service.kit.auth.caller import ADMIN, ROLES
from card_service.kit.http import blueprint as http
from card_service.kit.http.blueprint import Blueprint
from card_service.ledger.idempotency import once

blueprint = Blueprint("cards", __name__, url_prefix="/api/v1/cards", description="Cards and their holders")
UNKNOWN = ("CARD_NOT_FOUND",)
UNKNOWN_OR_CLOSED = ("CARD_NOT_FOUND", "CARD_NOT_ACTIVE")


@blueprint.call("GET", "", roles=ROLES, query=PageQuery, gives=schemas.CardPage)
def list_all(query: dict[str, Any]) -> Any:
    """List all cards, the oldest first."""
    return http.read(list_cards, ListCards(**query))


@blueprint.call(
    "POST",
    "",
    roles=(ADMIN,),
    takes=schemas.IssueCardBody,
    gives=schemas.Card,
    status=201,
    refuses=("CARD_NOT_FOUND", "CARD_REPLACED", "CARD_EXISTS", "REFERRER_INVALID"),
)
def issue_card(body: issue.IssueCard) -> Any:
    """Issue a card; every field may be left out."""
    return http.transact(once(issue.OPERATION, issue.issue_card, status=201), body)


@blueprint.call("POST", "/search", roles=ROLES, takes=schemas.SearchCardsBody, gives=schemas.CardPage)
def search(body: SearchCards) -> Any:
    """Find cards by phone, e-mail, customer or the beginning of a name, without regard to case."""
    run = http.read if http.context().idempotency_key is None else http.transact
    return run(once("search-cards", search_cards), body)


@blueprint.call(
    "GET",
    "/by-number/<card_number:card_number>",
    roles=ROLES,
    gives=schemas.Card,
    refuses=("CARD_NOT_FOUND", "CARD_REPLACED"),
)
def get_by_number(card_number: str) -> Any:
    """Find a card by its number, as it is printed or scanned."""
    return http.read(find_by_number, card_number)


@blueprint.call("GET", "/by-customer/<id:customer_id>", roles=ROLES, gives=schemas.Card, refuses=UNKNOWN)
def get_by_customer(customer_id: int) -> Any:
    """Find a customer's card: the live one, or else the last that was closed."""
    return http.read(find_by_customer, customer_id)


@blueprint.call("GET", "/<id:card_id>", roles=ROLES, gives=schemas.Card, refuses=UNKNOWN)
def get_card(card_id: int) -> Any:
    """Show a card."""
    return http.read(find_card, card_id)


@blueprint.call(
    "PUT",
    "/<id:card_id>",
    roles=(ADMIN,),
    takes=schemas.ChangeCardBody,
    gives=schemas.Card,
    refuses=("CARD_NOT_FOUND", "CARD_EXISTS", "VERSION_CONFLICT"),
)
def change_card(card_id: int, body: dict[str, Any]) -> Any:
    """Change who holds a card: the fields that are sent."""
    return http.transact(change.change_card, schemas.change_of(card_id, body))


@blueprint.call("DELETE", "/<id:card_id>", roles=(ADMIN,), status=204, refuses=UNKNOWN)
def delete_card(card_id: int) -> Any:
    """Close a card for ever; nothing is erased, and its bills can still come back."""
    return http.transact(close_card, card_id)


@blueprint.call("GET", "/<id:card_id>/balance", roles=ROLES, gives=schemas.Balance, refuses=UNKNOWN)
def get_balance(card_id: int) -> Any:
    """Read what a card has, and what it is worth."""
    return http.read(read_balance, card_id)


@blueprint.call("GET", "/<id:card_id>/expiring", roles=ROLES, gives=schemas.ExpiringAnswer, refuses=UNKNOWN)
def get_expiring(card_id: int) -> Any:
    """Show until when a card's points are valid, the soonest first."""
    return http.read(read_expiring, card_id)


@blueprint.call(
    "POST",
    "/<id:card_id>/block",
    roles=(ADMIN,),
    takes=schemas.BlockCardBody,
    gives=schemas.Card,
    refuses=UNKNOWN_OR_CLOSED,
)
def block_card(card_id: int, body: dict[str, Any]) -> Any:
    """Suspend a card: it neither earns nor redeems until it is unblocked."""
    return http.transact(once(block.BLOCK, block.block_card), block.SetBlocked(card_id, **body))


@blueprint.call(
    "POST",
    "/<id:card_id>/unblock",
    roles=(ADMIN,),
    takes=schemas.UnblockCardBody,
    gives=schemas.Card,
    refuses=UNKNOWN_OR_CLOSED,
)
def unblock_card(card_id: int, body: dict[str, Any]) -> Any:
    """Make a suspended card active again."""
    return http.transact(once(block.UNBLOCK, block.unblock_card), block.SetBlocked(card_id, **body))


@blueprint.call(
    "POST",
    "/<id:card_id>/replace",
    roles=(ADMIN,),
    takes=schemas.ReplaceCardBody,
    gives=schemas.Card,
    refuses=(*UNKNOWN_OR_CLOSED, "CARD_EXISTS"),
)
def replace_card(card_id: int, body: dict[str, Any]) -> Any:
    """Give a card a new number; the old one answers CARD_REPLACED from now on."""
    return http.transact(once(replace.OPERATION, replace.replace_card), replace.ReplaceCard(card_id, **body))


@blueprint.call(
    "POST",
    "/<id:card_id>/merge",
    roles=(ADMIN,),
    takes=schemas.MergeCardsBody,
    gives=schemas.Card,
    refuses=(*UNKNOWN_OR_CLOSED, "REFERRER_INVALID"),
)
def merge_cards(card_id: int, body: dict[str, Any]) -> Any:
    """Move points, debt and referrals of another card of the customer to this one, and close that one."""
    return http.transact(once(merge.OPERATION, merge.merge_cards), merge.MergeCards(card_id, **body))


@blueprint.call(
    "POST",
    "/<id:card_id>/link-referrer",
    roles=(ADMIN,),
    takes=schemas.LinkReferrerBody,
    gives=schemas.Card,
    refuses=(*UNKNOWN_OR_CLOSED, "CARD_REPLACED", "REFERRER_INVALID"),
)
def link_to_referrer(card_id: int, body: ReferrerRef) -> Any:
    """Set the referrer of a card, once and before its first earn."""
    command = link_referrer.LinkReferrer(card_id, body)
    return http.transact(once(link_referrer.OPERATION, link_referrer.link_referrer), command)
