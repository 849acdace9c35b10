"""Posting a batch of bills: each in its own transaction, the whole answered once for an `Idempotency-Key`."""

from dataclasses import replace
from typing import Any

from card_service.kit.http import blueprint as http
from card_service.kit.http.problems import problem_of
from card_service.ledger.idempotency import find_answer, fingerprint, keep_answer
from card_service.points import batch, earn, metrics, schemas


def post_batch(body: dict[str, Any]) -> batch.BatchEarned:
    """Earn the bills of a loaded `EarnBatchBody`, for the API and for the counter that was offline."""
    database, context, print_ = http.database(), http.context(), fingerprint(body)
    database.read(find_answer, context, batch.OPERATION, print_)
    schema, each = schemas.EarnPointsBody(), replace(context, idempotency_key=None)

    def post(purchase: earn.EarnPoints) -> earn.PointsEarned:
        result = database.transact(earn.earn_points, each, purchase)
        metrics.count_earned(result)
        return result

    earner = batch.Earner(
        read=lambda bill: http.load(schema, bill),
        post=post,
        problem_of=problem_of,
    )
    result = batch.earn_each(body["items"], earner)
    if context.idempotency_key is not None:
        database.transact(keep_answer, context, batch.OPERATION, print_, result)
    return result
