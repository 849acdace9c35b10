"""Bills that were kept while the service could not be reached: sent as a batch, answered one by one, as JSON."""

from flask import Blueprint, Response, request

from card_service.kit.http import blueprint as http
from card_service.kit.http.body import read_json
from card_service.kit.wire import JSON, encode
from card_service.points.post_batch import post_batch
from card_service.points.schemas import EarnBatchBody
from card_service.web.counter_routes import PEOPLE
from card_service.web.counter_sentences import sentence
from card_service.web.session import signed_in

blueprint = Blueprint("counter_batch", __name__, url_prefix="/counter")


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
    return Response(encode(result), content_type=JSON)
