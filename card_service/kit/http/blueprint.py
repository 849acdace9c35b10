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
from card_service.kit.errors import BodyTooLarge, ServiceError, UnsupportedMediaType, ValidationFailed
from card_service.kit.http.body import MAX_BYTES, read_json
from card_service.kit.http.media import Media
from card_service.kit.http.operation import MAX_KEY_LENGTH, Nothing, codes_of, describe_operation
from card_service.kit.wire import JSON, encode

CREATED_OR_UPDATED = (201, 200)
SAYS = {200: "Done", 201: "Created", 204: "Done; there is nothing to say"}


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
        gives: type[Schema] | Media | None = None,
        status: int | tuple[int, ...] = 200,
        refuses: Iterable[str] = (),
    ) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
        """Declare a route.

        `takes` reads the body and `query` the query string, each into the view's argument of that name; the view
        gives a result that `gives` describes, and says with which `status` where there are several.
        `refuses` are the codes beside those that every route may answer.
        """
        allowed = frozenset(roles)
        if not allowed:
            msg = f"{method} {rule} does not say who may call it"
            raise ValueError(msg)
        body_schema = takes() if takes else None
        query_schema = query() if query else None
        takes_body = method in {"POST", "PUT"}
        statuses = (status,) if isinstance(status, int) else status

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
                    return _answer(view(**path), statuses[0])

            endpoint._apidoc = {  # type: ignore[attr-defined]  # noqa: SLF001 - where flask-smorest looks
                "manual_doc": {"operationId": f"{self.name}_{view.__name__}".replace("-", "_")}
                | describe_operation(
                    docstring=view.__doc__ or view.__name__,
                    method=method,
                    roles=allowed,
                    codes=codes_of(method, refuses, has_query=query is not None),
                    takes=takes,
                    query=query,
                    gives=gives,
                    successes={number: SAYS[number] for number in statuses},
                )
            }
            endpoint.roles = allowed  # type: ignore[attr-defined]
            self.add_url_rule(rule, view.__name__, endpoint, methods=[method], provide_automatic_options=False, parameters=None)
            return endpoint

        return decorate


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
    if request.headers.get("Content-Encoding", "identity").strip().lower() != "identity":
        return UnsupportedMediaType("The body must not be compressed")
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
