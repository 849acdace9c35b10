"""The tree of refusals: what went wrong as a fact, without a word of HTTP.

ServiceError
├── NotFound         the thing does not exist, or is another tenant's, which is the same answer
├── Conflict         the thing is in a state that does not allow this
├── Refused          the request itself cannot be accepted
│   └── ValidationFailed   ... because of these fields
├── Forbidden        the caller is known and may not
├── Unauthenticated  the caller is not known
├── TooManyRequests  the caller asks more often than agreed
├── Unavailable      nothing is wrong with the request: try again
└── Malformed        the bytes are not what they claim to be

Concrete errors live beside the function that raises them. `code` is stable and part of the API
(docs/contract.md section 1); `status` is its number there.
"""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar


class ServiceError(Exception):
    """A refusal with a stable code; `extra` are further members of the answer."""

    status: ClassVar[int] = 500
    code: ClassVar[str] = "INTERNAL_ERROR"
    title: ClassVar[str] = "Something went wrong"

    def __init__(self, detail: str = "", **extra: Any) -> None:
        """Keep the sentence for people and the members for programs."""
        super().__init__(detail or self.title)
        self.detail = detail or self.title
        self.extra = extra


class NotFound(ServiceError):
    """Nothing of this name exists for this tenant."""

    status = 404
    code = "NOT_FOUND"
    title = "There is nothing here"


class Conflict(ServiceError):
    """The state of things does not allow it."""

    status = 409
    code = "CONFLICT"
    title = "The present state does not allow this"


class Refused(ServiceError):
    """The request is well formed and cannot be accepted."""

    status = 422
    code = "VALIDATION_FAILED"
    title = "The request cannot be accepted"


class ValidationFailed(Refused):
    """Fields of the request are wrong; `errors` maps each to its messages."""

    title = "Some fields are missing or wrong"

    def __init__(self, errors: Mapping[str, Any] | Sequence[str] | None = None, detail: str = "") -> None:
        """Take the messages per field, as marshmallow gives them."""
        super().__init__(detail)
        self.errors = errors


class Forbidden(ServiceError):
    """The caller's role does not include this."""

    status = 403
    code = "FORBIDDEN"
    title = "These credentials may not do this"


class Unauthenticated(ServiceError):
    """No credentials, or none that are valid."""

    status = 401
    code = "UNAUTHENTICATED"
    title = "Valid credentials are needed: an API key or a token, as 'Authorization: Bearer ...'"


class TooManyRequests(ServiceError):
    """A limit was reached; `retry_after` is in seconds."""

    status = 429
    code = "RATE_LIMITED"
    title = "Too many requests"

    def __init__(self, detail: str = "", retry_after: int = 1) -> None:
        """Say when to come again, in whole seconds."""
        super().__init__(detail)
        self.retry_after = max(1, retry_after)


class Unavailable(ServiceError):
    """The request wrote nothing and may be sent again as it is, after `retry_after` seconds."""

    status = 503
    code = "TRY_AGAIN"
    title = "The service could not finish this in time; nothing was written, send it again"
    retry_after = 1


class Malformed(ServiceError):
    """The body is not JSON as RFC 8259 has it, or not JSON that is safe to read."""

    status = 400
    code = "MALFORMED_JSON"
    title = "The body is not well-formed JSON"


class BodyTooLarge(Malformed):
    """The body is larger than any request of this API can be."""

    status = 413
    code = "BODY_TOO_LARGE"
    title = "The body is larger than 64 KiB"


class UnsupportedMediaType(Malformed):
    """The body is not declared to be JSON."""

    status = 415
    code = "UNSUPPORTED_MEDIA_TYPE"
    title = "The body must be sent as application/json"


class AlreadyAnswered(Exception):
    """This request was answered before: `body` are the very bytes of that answer."""

    def __init__(self, status: int, body: str) -> None:
        """Keep the first answer."""
        super().__init__("already answered")
        self.status = status
        self.body = body
