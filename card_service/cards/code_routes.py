"""The codes of cards: as pictures, and as sheets of cards to print."""

from typing import Any

import msgspec

from card_service.cards import print_cards, schemas
from card_service.cards.barcode import Symbology
from card_service.cards.code_picture import code_png, code_svg
from card_service.cards.find import find_card
from card_service.kit.auth.caller import ADMIN, ROLES
from card_service.kit.errors import AlreadyAnswered
from card_service.kit.http import blueprint as http
from card_service.kit.http.blueprint import Blueprint
from card_service.kit.http.media import Media, page, picture
from card_service.ledger.idempotency import once

blueprint = Blueprint("codes", __name__, url_prefix="/api/v1/cards", description="Barcodes of cards, and cards to print")
PNG, SVG = "image/png", "image/svg+xml"
PRINTED, REMAINING = "Cards-Printed", "Cards-Remaining"
_COUNT = {"required": True, "schema": {"type": "integer", "minimum": 0}}
SHEETS = Media(
    "text/html",
    {
        PRINTED: {"description": "How many cards are on the sheets", **_COUNT},
        REMAINING: {"description": "With `notYetPrinted`: how many more were never printed", **_COUNT},
    },
)


@blueprint.call(
    "POST",
    "/print",
    roles=(ADMIN,),
    takes=schemas.PrintCardsBody,
    gives=SHEETS,
    refuses=("CARD_NOT_FOUND", "CARD_NOT_ACTIVE", "CODE_UNREADABLE"),
)
def print_sheets(body: print_cards.PrintCards) -> Any:
    """Print cards: a page of A4 sheets, ten cards each, for a browser to print.

    The cards by their ids, or those that were never printed. They count as printed once this is answered; the same
    `Idempotency-Key` gives the very same sheets again.
    """
    try:
        return _sheets(http.transact(once(print_cards.OPERATION, print_cards.print_cards), body))
    except AlreadyAnswered as first:
        response = _sheets(msgspec.json.decode(first.body, type=print_cards.PrintedCards))
        response.headers["Idempotent-Replayed"] = "true"
        return response


@blueprint.call(
    "GET",
    "/<id:card_id>/barcode.png",
    roles=ROLES,
    query=schemas.BarcodeQuery,
    gives=Media(PNG),
    refuses=("CARD_NOT_FOUND", "CODE_UNREADABLE"),
)
def get_png(card_id: int, query: dict[str, Any]) -> Any:
    """Draw a card's number as a PNG at 300 dpi: Code 128 with the number below, or QR.

    It was read back before it is answered. With an `ETag`; `If-None-Match` is answered 304.
    """
    return picture(code_png(http.read(find_card, card_id).card_number, Symbology(query["symbology"])), PNG)


@blueprint.call(
    "GET",
    "/<id:card_id>/barcode.svg",
    roles=ROLES,
    query=schemas.BarcodeQuery,
    gives=Media(SVG),
    refuses=("CARD_NOT_FOUND", "CODE_UNREADABLE"),
)
def get_svg(card_id: int, query: dict[str, Any]) -> Any:
    """Draw a card's number as an SVG in millimetres: Code 128 with the number below, or QR.

    It was read back before it is answered. With an `ETag`; `If-None-Match` is answered 304.
    """
    return picture(code_svg(http.read(find_card, card_id).card_number, Symbology(query["symbology"])), SVG)


def _sheets(printed: print_cards.PrintedCards) -> Any:
    return page(printed.html, printed.policy, {PRINTED: str(len(printed.card_ids)), REMAINING: str(printed.remaining)})
