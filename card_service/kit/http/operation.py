"""What the OpenAPI document says of one route: parameters, body, and every status with its codes and headers."""

from collections.abc import Iterable, Mapping
from typing import Any

from marshmallow import Schema

from card_service.kit.http.media import Media
from card_service.kit.http.problems import PROBLEM
from card_service.kit.wire import JSON

ALWAYS_REFUSED = ("UNAUTHENTICATED", "FORBIDDEN", "RATE_LIMITED", "TRY_AGAIN")
BODY_REFUSED = ("MALFORMED_JSON", "BODY_TOO_LARGE", "UNSUPPORTED_MEDIA_TYPE", "VALIDATION_FAILED")
KEY_REFUSED = ("IDEMPOTENCY_KEY_REUSED", "REQUEST_IN_PROGRESS")
STATUS_OF = {
    "MALFORMED_JSON": 400, "UNAUTHENTICATED": 401, "FORBIDDEN": 403, "METHOD_NOT_ALLOWED": 405, "BODY_TOO_LARGE": 413,
    "UNSUPPORTED_MEDIA_TYPE": 415, "RATE_LIMITED": 429, "CODE_UNREADABLE": 500, "TRY_AGAIN": 503,
    **dict.fromkeys(("CARD_NOT_FOUND", "BILL_NOT_FOUND", "NOT_FOUND"), 404),
    **dict.fromkeys(
        ("CARD_SYSTEM_DISABLED", "CARD_NOT_ACTIVE", "CARD_REPLACED", "CARD_MISMATCH", "CARD_EXISTS",
         "BILL_ALREADY_EARNED", "BILL_ALREADY_REDEEMED", "BILL_CANCELLED", "HOLD_EXPIRED", "RETURN_ALREADY_MADE",
         "REQUEST_IN_PROGRESS", "VERSION_CONFLICT", "CAMPAIGN_STATE", "PROGRAM_STATE", "PROGRAM_NOT_ACTIVE",
         "TIER_IN_USE", "TIERS_EXIST", "ACTIVITY_CAPPED"), 409),
    **dict.fromkeys(
        ("VALIDATION_FAILED", "BELOW_MIN_POINTS", "INSUFFICIENT_POINTS", "MAX_REDEMPTION_EXCEEDED",
         "BILL_AMOUNT_REQUIRED", "RETURN_EXCEEDS_BILL", "IDEMPOTENCY_KEY_REUSED", "OCCURRED_AT_INVALID",
         "REFERRER_INVALID", "NO_RULE"), 422),
}  # fmt: skip
"""Every code of docs/contract.md section 1 and its status."""

SHARED_RESPONSES = {
    400: "Malformed", 401: "Unauthenticated", 403: "Forbidden", 413: "BodyTooLarge", 415: "UnsupportedMediaType",
    429: "RateLimited", 503: "TryAgain",
}  # fmt: skip
"""Answers that mean the same on every route: written once, referred to everywhere."""
OWN_HEADERS = {401: "WWW-Authenticate", 429: "Retry-After", 503: "Retry-After"}
HEADERS: dict[str, dict[str, Any]] = {
    "X-Request-Id": {
        "description": "The name of this request in the service's log; one that the caller sends is kept",
        "required": True,
        "schema": {"type": "string", "minLength": 1, "maxLength": 64},
    },
    "Idempotent-Replayed": {
        "description": "Sent, always as `true`, when this is the first answer to this request, found again",
        "schema": {"type": "string", "enum": ["true"]},
    },
    "Retry-After": {
        "description": "After how many seconds to send the request again",
        "required": True,
        "schema": {"type": "integer", "minimum": 1},
    },
    "WWW-Authenticate": {
        "description": "The scheme to use",
        "required": True,
        "schema": {"type": "string", "enum": ["Bearer"]},
    },
}
MAX_KEY_LENGTH = 255
IDEMPOTENCY_KEY = {
    "in": "header",
    "name": "Idempotency-Key",
    "schema": {"type": "string", "minLength": 1, "maxLength": MAX_KEY_LENGTH, "pattern": "^[!-~]([ -~]*[!-~])?$"},
    "description": "The same key with the same body gives the first answer again, for at least 30 days",
}
PROBLEM_SCHEMA: dict[str, Any] = {
    "type": "object",
    "description": "A refusal, as RFC 9457 has it; `code` is stable and says what to do. Nothing was written.",
    "required": ["type", "title", "status", "detail", "code"],
    "properties": {
        "type": {"type": "string", "description": "`urn:card-service:problem:` and the code in lower case"},
        "title": {"type": "string", "description": "What the code means"},
        "status": {"type": "integer", "description": "The status of the answer"},
        "detail": {"type": "string", "description": "What it is in this case; for people, and may change"},
        "code": {"type": "string", "enum": list(STATUS_OF)},
        "errors": {
            "type": "object",
            "description": "With `VALIDATION_FAILED`: field names, and what is wrong with each",
            "additionalProperties": True,
        },
        "maxPoints": {"type": "number", "description": "With `MAX_REDEMPTION_EXCEEDED`: the most that can be taken"},
        "maxAmount": {"type": "number", "description": "With `MAX_REDEMPTION_EXCEEDED`: what those points pay"},
        "minPoints": {"type": "number", "description": "With `BELOW_MIN_POINTS`: the fewest that can be taken"},
        "availablePoints": {"type": "number", "description": "With `INSUFFICIENT_POINTS`: what the card has"},
    },
    "additionalProperties": True,
}


class Nothing(Schema):
    """A body without fields."""


def codes_of(method: str, refuses: Iterable[str], *, has_query: bool) -> list[str]:
    """Give every code that a route may answer, those of all routes included."""
    codes = [*ALWAYS_REFUSED, *refuses]
    codes += BODY_REFUSED if method in {"POST", "PUT"} else (["VALIDATION_FAILED"] if has_query else [])
    codes += KEY_REFUSED if method == "POST" else ()
    return list(dict.fromkeys(codes))


def refusal(status: int, codes: Iterable[str]) -> dict[str, Any]:
    """Describe an answer that refuses, with the codes that this status may carry here."""
    names = list(codes)
    here = {"status": {"type": "integer", "enum": [status]}, "code": {"type": "string", "enum": names}}
    # What is said here stands first, because readers that make up an example take the first code they see.
    schema = {"allOf": [{"type": "object", "properties": here}, {"$ref": "#/components/schemas/Problem"}]}
    return {
        "description": ", ".join(f"`{name}`" for name in names),
        "headers": _headers(*(OWN_HEADERS[status],) if status in OWN_HEADERS else ()),
        "content": {PROBLEM: {"schema": schema}},
    }


def done(method: str, says: str, gives: type[Schema] | Media | None) -> dict[str, Any]:
    """Describe an answer that something was done."""
    response: dict[str, Any] = {
        "description": says,
        "headers": _headers(*("Idempotent-Replayed",) if method == "POST" else ()),
    }
    if isinstance(gives, Media):
        response["headers"] |= gives.headers
        response["content"] = {gives.type: {}}
    elif gives is not None:
        response["content"] = {JSON: {"schema": gives}}
    return response


def describe_operation(
    *,
    docstring: str,
    method: str,
    roles: Iterable[str],
    codes: Iterable[str],
    takes: type[Schema] | None,
    query: type[Schema] | None,
    gives: type[Schema] | Media | None,
    successes: Mapping[int, str],
) -> dict[str, Any]:
    """Write a route's operation object, all but its id; `successes` are statuses and what each means."""
    by_status: dict[int, list[str]] = {}
    for code in codes:
        by_status.setdefault(STATUS_OF[code], []).append(code)
    responses: dict[str, Any] = {str(number): done(method, says, gives) for number, says in successes.items()}
    for number, names in sorted(by_status.items()):
        responses[str(number)] = SHARED_RESPONSES.get(number) or refusal(number, names)
    summary, _, rest = docstring.strip().partition("\n")
    words = [f"For the roles: {', '.join(sorted(roles))}.", *(line.strip() for line in rest.splitlines() if line.strip())]
    operation: dict[str, Any] = {
        "summary": summary,
        "description": " ".join(words),
        "responses": responses,
        "security": [{"bearer": []}],
        "x-roles": sorted(roles),
    }
    parameters: list[Any] = [] if query is None else [{"in": "query", "schema": query}]
    if method == "POST":
        parameters.append(IDEMPOTENCY_KEY)
    if parameters:
        operation["parameters"] = parameters
    if method in {"POST", "PUT"}:
        operation["requestBody"] = {"content": {JSON: {"schema": takes or Nothing}}, "required": _needs_body(takes)}
    return operation


def _needs_body(takes: type[Schema] | None) -> bool:
    """Whether nothing at all would be refused; no body is read as one without fields."""
    return takes is not None and bool(takes().validate({}))


def _headers(*names: str) -> dict[str, Any]:
    return {name: {"$ref": f"#/components/headers/{name}"} for name in (*names, "X-Request-Id")}
