"""Bills that were kept while the service could not be reached: sent as a batch, answered one by one, as JSON."""

from collections.abc import Sequence
from decimal import Decimal

from flask import Blueprint, Response, request

from card_service.kit.context import Context
from card_service.kit.db.session import Session
from card_service.kit.http import blueprint as http
from card_service.kit.http.body import read_json
from card_service.kit.http.fields import MAX_ID
from card_service.kit.wire import JSON, Answer, encode
from card_service.points.batch import BatchItem
from card_service.points.post_batch import post_batch
from card_service.points.read_bill import read_bill
from card_service.points.schemas import EarnBatchBody
from card_service.web.counter_routes import PEOPLE
from card_service.web.counter_sentences import sentence
from card_service.web.session import signed_in

blueprint = Blueprint("counter_batch", __name__, url_prefix="/counter")


class Taken(Answer, frozen=True):
    """What points have paid of a bill, whose answer the page may never have seen."""

    bill_id: int
    points: Decimal
    amount: Decimal


class KeptEarned(Answer, frozen=True):
    """An answer per bill, in their order, and the bills that points had paid a part of."""

    items: list[BatchItem]
    taken: list[Taken]


def points_taken(session: Session, context: Context, bill_ids: Sequence[int]) -> list[Taken]:
    """Find the bills of which points have paid something that was not given back."""
    found = ((bill_id, read_bill(session, bill_id, context.now)[0]) for bill_id in bill_ids)
    live = [(bill_id, bill.redemption) for bill_id, bill in found if bill is not None and bill.redemption is not None]
    return [
        Taken(bill_id=bill_id, points=one.points - one.points_restored, amount=one.amount - one.amount_restored)
        for bill_id, one in live
        if one.points > one.points_restored
    ]


@blueprint.post("/earn-points/batch", provide_automatic_options=False)
@signed_in(*PEOPLE)
def earn_batch() -> Response:
    """Post up to 100 bills, each by itself, with an answer for each; refusals are problems, as in the API."""
    body = http.load(EarnBatchBody(), read_json(request.get_data(), request.content_type))
    result = post_batch(body)
    for item in result.items:
        if item.problem is not None:
            # The page shows it to a cashier, beside the bill.
            item.problem["detail"] = sentence(item.problem["code"])
    ids = [item.bill_id for item in result.items if item.bill_id is not None and 1 <= item.bill_id <= MAX_ID]
    answer = KeptEarned(items=result.items, taken=http.read(points_taken, ids))
    return Response(encode(answer), content_type=JSON)
