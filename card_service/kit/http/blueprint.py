"""Routes that read like a sentence: who may call, what is taken, what is given, what may be refused.

One decorator declares all of it; without a role it does not build. The thin reading and writing is ours, the
registration and the OpenAPI document are flask-smorest's.
"""

from collections.abc import Callable, Iterable
from functools import wraps
from typing import Any

import flask_smorest
from flask import Response, current_app, g, request
from marshmallow import Schema, ValidationError

from card_service.kit.context import Context
from card_service.kit.db.database import Database
from card_service.kit.errors import BodyTooLarge, ServiceError, ValidationFailed
from card_service.kit.http.body import MAX_BYTES, read_json
from card_service.kit.http.problems import PROBLEM
from card_service.kit.wire import JSON, encode

ALWAYS_REFUSED = ("UNAUTHENTICATED", "FORBIDDEN", "RATE_LIMITED", "TRY_AGAIN")
BODY_REFUSED = ("MALFORMED_JSON", "BODY_TOO_LARGE", "UNSUPPORTED_MEDIA_TYPE", "VALIDATION_FAILED")
KEY_REFUSED = ("IDEMPOTENCY_KEY_REUSED", "REQUEST_IN_PROGRESS")
STATUS_OF = {
    "MALFORMED_JSON": 400, "UNAUTHENTICATED": 401, "FORBIDDEN": 403, "BODY_TOO_LARGE": 413,
    "UNSUPPORTED_MEDIA_TYPE": 415, "RATE_LIMITED": 429, "TRY_AGAIN": 503,
    **dict.fromkeys(("CARD_NOT_FOUND", "BILL_NOT_FOUND", "NOT_FOUND"), 404),
    **dict.fromkeys(
        ("CARD_SYSTEM_DISABLED", "CARD_NOT_ACTIVE", "CARD_REPLACED", "CARD_MISMATCH", "CARD_EXISTS",
         "BILL_ALREADY_EARNED", "BILL_ALREADY_REDEEMED", "BILL_CANCELLED", "HOLD_EXPIRED", "RETURN_ALREADY_MADE",
         "REQUEST_IN_PROGRESS", "VERSION_CONFLICT"), 409),
    **dict.fromkeys(
        ("VALIDATION_FAILED", "BELOW_MIN_POINTS", "INSUFFICIENT_POINTS", "MAX_REDEMPTION_EXCEEDED",
         "BILL_AMOUNT_REQUIRED", "RETURN_EXCEEDS_BILL", "IDEMPOTENCY_KEY_REUSED", "OCCURRED_AT_INVALID",
         "REFERRER_INVALID"), 422),
}  # fmt: skip
MAX_KEY_LENGTH = 255


class Blueprint(flask_smorest.Blueprint):  # type: ignore[misc]  # flask-smorest has no types
    """A group of routes under one prefix."""

    def call(
        self,
        method: str,
        rule: str,
        *,
        roles: Iterable[str],
        takes: type[Schema] | None = None,
        query: type[Schema] | None = None,
        gives: type[Schema] | None = None,
        status: int = 200,
        refuses: Iterable[str] = (),
    ) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
        """Declare a route.

        `takes` reads the body and `query` the query string, each into the view's argument of that name; the view
        gives a result that `gives` describes. `refuses` are the codes beside those that every route may answer.
        """
        allowed = frozenset(roles)
        if not allowed:
            msg = f"{method} {rule} does not say who may call it"
            raise ValueError(msg)
        body_schema = takes() if takes else None
        query_schema = query() if query else None
        takes_body = method in {"POST", "PUT"}
        codes = [*ALWAYS_REFUSED, *refuses]
        codes += BODY_REFUSED if takes_body else (["VALIDATION_FAILED"] if query else [])
        codes += KEY_REFUSED if method == "POST" else ()

        def decorate(view: Callable[..., Any]) -> Callable[..., Any]:
            @wraps(view)
            def endpoint(**path: Any) -> Response:
                body = _read_body() if takes_body else b""
                with database().lease():
                    g.caller = current_app.extensions["authenticate"](
                        request.headers.getlist("Authorization"), request.remote_addr or ""
                    )
                    g.caller.require(allowed)
                    if isinstance(body, ServiceError):
                        raise body
                    if takes_body:
                        given = read_json(body, request.content_type)
                        path["body"] = load(body_schema or _nothing, given)
                        if body_schema is None:
                            del path["body"]
                    if query_schema is not None:
                        path["query"] = load(query_schema, request.args.to_dict(), query_string=True)
                    g.idempotency_key = _idempotency_key() if method == "POST" else None
                    return _answer(view(**path), status)

            endpoint._apidoc = {  # type: ignore[attr-defined]  # noqa: SLF001 - where flask-smorest looks
                "manual_doc": _describe(self.name, view, codes, takes, query, gives, status, method)
            }
            endpoint.roles = allowed  # type: ignore[attr-defined]
            self.add_url_rule(rule, view.__name__, endpoint, methods=[method], provide_automatic_options=False, parameters=None)
            return endpoint

        return decorate


class Nothing(Schema):
    """A body without fields."""


_nothing = Nothing()


def context() -> Context:
    """Make the context of this request's use case: the one place where the clock is read."""
    return Context(
        tenant_id=g.caller.tenant_id,
        performed_by=g.caller.name,
        now=current_app.extensions["clock"](),
        role=g.caller.role,
        request_id=g.get("request_id", ""),
        idempotency_key=g.get("idempotency_key"),
    )


def database() -> Database:
    """Give the application's database."""
    found: Database = current_app.extensions["database"]
    return found


def transact(use_case: Callable[..., Any], command: Any) -> Any:
    """Run a use case that writes."""
    return database().transact(use_case, context(), command)


def read(use_case: Callable[..., Any], query: Any) -> Any:
    """Run a use case that only reads."""
    return database().read(use_case, context(), query)


def _read_body() -> bytes | ServiceError:
    """Read the body before a connection is taken, so that a slow sender holds none; judge it after the caller."""
    if (request.content_length or 0) > MAX_BYTES:
        return BodyTooLarge()
    data: bytes = request.stream.read(MAX_BYTES + 1)
    return data


def load(schema: Schema, given: Any, *, query_string: bool = False) -> Any:
    """Load a document by its schema; raises ValidationFailed."""
    if query_string and len(request.args) != sum(1 for _ in request.args.items(multi=True)):
        raise ValidationFailed(detail="A parameter stands twice in the query")
    if not isinstance(given, dict):
        raise ValidationFailed({"_schema": ["Must be an object."]})
    try:
        return schema.load(given)
    except ValidationError as error:
        raise ValidationFailed(error.messages) from error


def _idempotency_key() -> str | None:
    key = request.headers.get("Idempotency-Key")
    if key is None:
        return None
    if not (1 <= len(key) <= MAX_KEY_LENGTH and key.isascii() and key.isprintable()):
        raise ValidationFailed({"Idempotency-Key": [f"Must be 1 to {MAX_KEY_LENGTH} printable ASCII characters."]})
    return key


def _answer(result: Any, status: int) -> Response:
    if isinstance(result, Response):
        return result
    if result is None:
        return Response(status=204)
    if isinstance(result, tuple):
        result, status = result
    return Response(encode(result), status, content_type=JSON)


def _describe(
    group: str,
    view: Callable[..., Any],
    codes: Iterable[str],
    takes: type[Schema] | None,
    query: type[Schema] | None,
    gives: type[Schema] | None,
    status: int,
    method: str,
) -> dict[str, Any]:
    by_status: dict[int, list[str]] = {}
    for code in dict.fromkeys(codes):
        by_status.setdefault(STATUS_OF[code], []).append(code)
    done: dict[str, Any] = {"description": "Done"}
    if gives is not None:
        done["content"] = {JSON: {"schema": gives}}
    responses: dict[str, Any] = {str(status): done}
    if status == 201:  # noqa: PLR2004
        responses["200"] = done | {"description": "Updated, where it existed before"}
    for number, names in sorted(by_status.items()):
        responses[str(number)] = {
            "description": ", ".join(f"`{name}`" for name in names),
            "content": {PROBLEM: {"schema": "Problem"}},
        }
    lines = (view.__doc__ or "").strip().splitlines()
    operation: dict[str, Any] = {
        "operationId": f"{group}_{view.__name__}".replace("-", "_"),
        "summary": lines[0] if lines else view.__name__,
        "responses": responses,
        "security": [{"bearer": []}],
    }
    if len(lines) > 1:
        operation["description"] = "\n".join(line.strip() for line in lines[1:]).strip()
    parameters: list[Any] = []
    if query is not None:
        parameters.append({"in": "query", "schema": query})
    if method == "POST":
        parameters.append(
            {
                "in": "header",
                "name": "Idempotency-Key",
                "schema": {"type": "string", "minLength": 1, "maxLength": MAX_KEY_LENGTH, "pattern": "^[!-~]+$"},
                "description": "The same key with the same body gives the first answer again",
            }
        )
    if parameters:
        operation["parameters"] = parameters
    if method in {"POST", "PUT"}:
        operation["requestBody"] = {"content": {JSON: {"schema": takes or Nothing}}, "required": takes is not None}
    return operation
