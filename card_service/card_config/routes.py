"""The configuration of a tenant: its card system, percentages, discounts and restrictions."""

from collections.abc import Callable
from typing import Any

from marshmallow import Schema

from card_service.card_config import apply_expiry, schemas, settings
from card_service.card_config.change_entry import PutEntry, put_entry, remove_entry
from card_service.card_config.entries import CATEGORIES, DISCOUNTS, RESTRICTIONS, Kind, Page, list_entries
from card_service.kit.auth.caller import ADMIN
from card_service.kit.http import blueprint as http
from card_service.kit.http.blueprint import Blueprint
from card_service.kit.pace import pace_of_requests
from card_service.kit.pagination import decode_cursor, page
from card_service.ledger.idempotency import once

blueprint = Blueprint("card-config", __name__, url_prefix="/api/v1/card-config", description="What a tenant sets for its cards")


@blueprint.call("GET", "", roles=(ADMIN,), gives=schemas.Config)
def get_config() -> Any:
    """Read the whole configuration."""
    return http.read(settings.get_config, None)


@blueprint.call("PUT", "", roles=(ADMIN,), takes=schemas.ChangeConfigBody, gives=schemas.Config, refuses=("VERSION_CONFLICT",))
def change_config(body: settings.ChangeConfig) -> Any:
    """Change the fields that are sent; the rest stay as they are."""
    return http.transact(settings.change_config, body)


@blueprint.call("POST", "/enable", roles=(ADMIN,), gives=schemas.Config)
def enable() -> Any:
    """Switch the card system on."""
    return http.transact(once("enable-cards", settings.enable), None)


@blueprint.call("POST", "/disable", roles=(ADMIN,), gives=schemas.Config)
def disable() -> Any:
    """Switch the card system off; returns go on."""
    return http.transact(once("disable-cards", settings.disable), None)


@blueprint.call(
    "POST",
    "/expiry/apply",
    roles=(ADMIN,),
    takes=schemas.ApplyExpiryBody,
    gives=schemas.ExpiryAppliedAnswer,
    refuses=("VERSION_CONFLICT",),
)
def apply_expiry_policy(body: apply_expiry.ApplyExpiry) -> Any:
    """Give the points that customers have the dates of the present policy, or tell what that would do."""
    context = http.context()
    return apply_expiry.apply_expiry(http.database(), context, body, pace_of_requests(), lambda: context.now)


def _list(kind: Kind, query: dict[str, Any]) -> Any:
    after = decode_cursor(kind.name, query["cursor"]) or 0
    database, context, limit = http.database(), http.context(), query["limit"]
    rows = database.read(list_entries, context, kind, Page(after, limit + 1))
    return page(kind.name, rows, limit, lambda entry: entry["id"])


def _add_routes(path: str, kind: Kind, noun: str, body: type[Schema], entry: type[Schema], entries: type[Schema]) -> None:
    """Give one kind of entry its three routes."""

    def named(view: Callable[..., Any], name: str, says: str) -> Callable[..., Any]:
        view.__name__, view.__doc__ = f"{name}_{path}", says
        return view

    def list_all(query: dict[str, Any]) -> Any:
        return _list(kind, query)

    def put(body: PutEntry) -> Any:
        return tuple(http.transact(once(f"put-{kind.name}", put_entry(kind), sent=tuple), body))

    def remove(entry_id: int) -> None:
        http.transact(remove_entry(kind), entry_id)

    blueprint.call("GET", f"/{path}", roles=(ADMIN,), query=schemas.PageQuery, gives=entries)(
        named(list_all, "list", f"List the {noun}s.")
    )
    blueprint.call("POST", f"/{path}", roles=(ADMIN,), takes=body, gives=entry, status=http.CREATED_OR_UPDATED)(
        named(put, "put", f"Add a {noun}, or update the one its category has.")
    )
    blueprint.call("DELETE", f"/{path}/<id:entry_id>", roles=(ADMIN,), status=204, refuses=("NOT_FOUND",))(
        named(remove, "remove", f"Remove a {noun}.")
    )


_add_routes("categories", CATEGORIES, "point percentage", schemas.CategoryBody, schemas.Category, schemas.CategoryPage)
_add_routes("discounts", DISCOUNTS, "discount", schemas.DiscountBody, schemas.Discount, schemas.DiscountPage)
_add_routes("restrictions", RESTRICTIONS, "restriction", schemas.RestrictionBody, schemas.Restriction, schemas.RestrictionPage)
