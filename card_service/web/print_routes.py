"""The page on which an admin prints cards.

Every button sends the ids of the cards that it names, and a card that is asked for by its id is printed however often:
so a second click, or loading a sheet again, gives the very same cards and never the next ones.
"""

from flask import Blueprint, Response, make_response, render_template, request

from card_service.cards.barcode import CodeUnreadable
from card_service.cards.print_cards import PrintedCards
from card_service.cards.print_queue import PrintQueue, show_print_queue
from card_service.kit.auth.caller import ADMIN
from card_service.kit.http import blueprint as http
from card_service.kit.http.media import page
from card_service.web.counter_answers import formats, register_refusals
from card_service.web.counter_sentences import sentence_of
from card_service.web.print_form import NotPrinted, print_wanted, read_print_form
from card_service.web.session import signed_in

blueprint = Blueprint("card_printing", __name__, template_folder="templates")
register_refusals(blueprint)
PATH = "/print-cards"


@blueprint.get(PATH, provide_automatic_options=False)
@signed_in(ADMIN)
def ask() -> Response:
    """Show what waits to be printed, and what was printed last."""
    return _page()


@blueprint.post(PATH, provide_automatic_options=False)
@signed_in(ADMIN)
def print_sheets() -> Response:
    """Answer with the sheets themselves, under their own policy; or with the page, and why nothing was printed."""
    try:
        printed: PrintedCards = http.transact(print_wanted, read_print_form(request.form))
    except NotPrinted as refused:
        return _page(refused=str(refused), status=refused.status)
    except CodeUnreadable as refusal:
        return _page(refused=sentence_of(refusal), status=refusal.status)
    return page(printed.html, printed.policy, {})


def _page(*, refused: str = "", status: int = 200) -> Response:
    queue: PrintQueue = http.read(show_print_queue, None)
    typed = request.form.get("numbers", "")
    return make_response(render_template("print.html", queue=queue, formats=formats(), refused=refused, typed=typed), status)
