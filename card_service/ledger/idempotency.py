"""Exactly once: the first answer to a request, kept in the transaction of its effect.

A request is known again by its natural key (an operation on a bill, for ever) and by the `Idempotency-Key` that
the caller may send (docs/contract.md section 5). Answers are looked for twice: cheaply before the card is locked,
and again under the lock if the card has changed in between.
"""

import hashlib
from collections.abc import Callable
from typing import NamedTuple, TypeVar

from sqlalchemy import bindparam, select

from card_service.kit.context import Context
from card_service.kit.db import faults
from card_service.kit.db.session import Session
from card_service.kit.db.statement import TENANT, Statement, insert_into
from card_service.kit.errors import AlreadyAnswered, Conflict, Refused, ServiceError
from card_service.kit.wire import canonical, encode
from card_service.models.idempotency import idempotency_keys

Command = TypeVar("Command")
Result = TypeVar("Result")


class IdempotencyKeyReused(Refused):
    """The caller used one key for two different requests."""

    code = "IDEMPOTENCY_KEY_REUSED"
    title = "This Idempotency-Key was used before for another request; use a new key for each new request"


class RequestInProgress(Conflict):
    """The first request of this key has not ended within the lock wait."""

    code = "REQUEST_IN_PROGRESS"
    title = "The same request is still being worked on; send it again in a moment to get its answer"


class Stored(NamedTuple):
    """A stored answer: the hash of the command it answered, its status and its very bytes."""

    fingerprint: str
    status: int
    body: str


_stored = Statement(
    select(idempotency_keys.c.fingerprint, idempotency_keys.c.status, idempotency_keys.c.body).where(
        idempotency_keys.c.tenant_id == TENANT,
        idempotency_keys.c.operation == bindparam("operation"),
        idempotency_keys.c.idempotency_key == bindparam("key"),
    ),
    Stored,
)
_remember: Statement[None] = Statement(insert_into(idempotency_keys))


def read_stored(session: Session, operation: str, key: str) -> Stored | None:
    """Read the answer that is stored under a key."""
    return session.one(_stored, operation=operation, key=key)


def bill_key(bill_id: int, return_id: int | None = None) -> str:
    """Name a request by its bill, and its return if it is one: unique per tenant and operation, for ever."""
    return f"bill:{bill_id}" if return_id is None else f"bill:{bill_id}:return:{return_id}"


def redemption_key(bill_id: int, ordinal: int) -> str:
    """Name the redemption of a bill, the first or one that followed a hold which is over."""
    return bill_key(bill_id) if ordinal <= 1 else f"{bill_key(bill_id)}:redemption:{ordinal}"


def header_key(context: Context) -> str:
    """Name a request by the caller's own key; no request is named by the empty one."""
    return "" if context.idempotency_key is None else f"key:{context.idempotency_key}"


def fingerprint(command: object) -> str:
    """SHA-256 of the validated command: equal for requests that mean the same."""
    return hashlib.sha256(canonical(command)).hexdigest()


def replay(by_bill: Stored | None, by_header: Stored | None, print_: str) -> None:
    """Raise `AlreadyAnswered` if this very request has its answer; refuse a key used for another request.

    A bill's key with another fingerprint is no error here: the bill's state says what is wrong.
    """
    if by_header is not None:
        if by_header.fingerprint != print_:
            raise IdempotencyKeyReused
        raise AlreadyAnswered(by_header.status, by_header.body)
    if by_bill is not None and by_bill.fingerprint == print_:
        raise AlreadyAnswered(by_bill.status, by_bill.body)


def remember(
    session: Session, context: Context, operation: str, natural: str | None, print_: str, result: object, status: int = 200
) -> None:
    """Keep the answer under the request's names, in the transaction of its effect."""
    keys = [key for key in (natural, header_key(context)) if key]
    row = {"operation": operation, "fingerprint": print_, "status": status, "created_at": context.now}
    body = encode(result)
    session.queue(_remember, [{**row, "idempotency_key": key, "body": body} for key in keys], blame=_still_running)


def _still_running(error: Exception) -> Exception:
    """Only an equal request that has not ended can hold this row."""
    return RequestInProgress() if faults.is_lock_timeout(error) else error


def find_answer(session: Session, context: Context, operation: str, print_: str) -> None:
    """Raise AlreadyAnswered if the caller's `Idempotency-Key` has its answer."""
    if key := header_key(context):
        replay(None, read_stored(session, operation, key), print_)


def keep_answer(session: Session, context: Context, operation: str, print_: str, result: object) -> None:
    """Keep an answer whose effects are committed already; raises AlreadyAnswered if an equal request was quicker."""
    find_answer(session, context, operation, print_)
    remember(session, context, operation, None, print_, result)


def once(
    operation: str,
    use_case: Callable[[Session, Context, Command], Result],
    *,
    status: int = 200,
    sent: Callable[[Result], tuple[object, int]] | None = None,
) -> Callable[[Session, Context, Command], Result]:
    """Make a use case answer a repeated `Idempotency-Key` with its first answer.

    For use cases without a natural key; those of bills look their key up together with the bill. `sent` tells what
    of the result is sent and with which status, where that is not simply the result with `status`.
    """

    def answered_once(session: Session, context: Context, command: Command) -> Result:
        key = header_key(context)
        if not key:
            return use_case(session, context, command)
        print_ = fingerprint(command)
        find_answer(session, context, operation, print_)
        try:
            result = use_case(session, context, command)
        except ServiceError:
            # The first of two equal requests may have been answered while this one waited for its lock; what refuses
            # this one is then the very effect of that one.
            find_answer(session, context, operation, print_)
            raise
        body, number = sent(result) if sent else (result, status)
        remember(session, context, operation, None, print_, body, number)
        return result

    return answered_once
