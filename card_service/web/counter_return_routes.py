"""Returns at the counter: look a bill up, take it back whole or in part."""

from flask import Blueprint, Response, request

from card_service.kit.http import blueprint as http
from card_service.web.counter_answers import config, formats, refuse, register_refusals, show, told
from card_service.web.counter_form import new_number, read_id
from card_service.web.counter_returns import BillLeft, ReturnUnreadable, make_return, read_return, see_bill_left
from card_service.web.counter_routes import PEOPLE
from card_service.web.i18n import translate
from card_service.web.session import signed_in

blueprint = Blueprint("counter_returns", __name__, url_prefix="/counter/return", template_folder="templates")
register_refusals(blueprint)


@blueprint.get("", provide_automatic_options=False)
@signed_in(*PEOPLE)
@told
def ask() -> Response:
    """Ask for the number of the bill."""
    return show("return_find")


@blueprint.post("/find", provide_automatic_options=False)
@signed_in(*PEOPLE)
@told
def find() -> Response:
    """Show what is left of a bill."""
    left: BillLeft = http.read(see_bill_left, read_id(request.form, "bill_id", "billId"))
    if not left.lines and not left.is_redeemed_only:
        return refuse(translate("Nothing is left of this bill: it was returned whole before."), status=409, code="BILL_CANCELLED")
    names = {entry["categoryId"]: entry["categoryName"] for entry in config().category_point_configs}
    said = translate("Bill found: %(amount)s is left of it.", amount=formats().money(left.left))
    return show("return", said=said, left=left, names=names, return_id=new_number(http.context().now))


@blueprint.post("", provide_automatic_options=False)
@signed_in(*PEOPLE)
@told
def take() -> Response:
    """Take back what the form says, once."""
    try:
        receipt = make_return(read_return(request.form))
    except ReturnUnreadable as unreadable:
        return refuse(str(unreadable), status=422, code="VALIDATION_FAILED")
    return show("return_receipt", said=translate("The return is booked. The receipt is ready."), receipt=receipt)
