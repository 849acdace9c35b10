"""The ledger of one card: its history, newest first, the proof of its books, and adjustments by hand."""

from typing import Any

from marshmallow import fields, post_load

from card_service.cards.find import CardNotFound
from card_service.kit.auth.caller import ADMIN, BILLING, CASHIER
from card_service.kit.http import blueprint as http
from card_service.kit.http.blueprint import Blueprint
from card_service.kit.http.fields import Choice, Day, Document, Flag, Instant, QueryWhole, Text, Whole, amount, signed_points
from card_service.kit.pagination import decode_cursor, page
from card_service.ledger.audit import audit_card
from card_service.ledger.idempotency import once
from card_service.models.ledger import TRANSACTION_TYPES
from card_service.points import adjust, history, metrics, schemas

blueprint = Blueprint("ledger", __name__, url_prefix="/api/v1/cards", description="The ledger of a card")
LIST = "transactions"
