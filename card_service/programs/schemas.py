"""The bodies and answers of the programmes."""

from typing import Any

from marshmallow import fields, post_load

from card_service.kit.http.facts import Facts
from card_service.kit.http.fields import Choice, Day, Document, Instant, Text, Whole, money, signed_points
from card_service.programs.create import CreateProgram
from card_service.programs.rules import STATUSES, TYPES


def _currency(**kwargs: Any) -> Text:
    return Text(longest=3, pattern="[A-Z]{3}", says="Must be a currency code such as INR.", **kwargs)


class CashBackAnswer(Document):
    """What the card of a CASH_BACK programme has, as money; null for any other card."""

    currency = Text(longest=3, required=True)
    balance = signed_points(required=True)
    pending = money(required=True)
    debt = money(required=True)


class CreateProgramBody(Document):
    """A new programme: a draft until it is activated."""

    name = Text(longest=200, required=True)
    type = Choice(*TYPES, required=True)
    starts_on = Day(load_default=None, allow_none=True)
    ends_on = Day(load_default=None, allow_none=True)
    currency = _currency(load_default=None)
    rules = Facts(load_default=dict)

    @post_load
    def command(self, data: dict[str, Any], **_: Any) -> CreateProgram:
        """Make the command."""
        return CreateProgram(**data)


class ChangeProgramBody(Document):
    """Any subset of the fields; `version`, if sent, must be the one last read."""

    name = Text(longest=200)
    type = Choice(*TYPES)
    starts_on = Day(allow_none=True)
    ends_on = Day(allow_none=True)
    currency = _currency()
    rules = Facts()
    version = Whole()


class Program(Document):
    """A programme; its days are the tenant's, both included."""

    id = Whole(required=True)
    name = Text(longest=200, required=True)
    type = Choice(*TYPES, required=True)
    status = Choice(*STATUSES, required=True)
    starts_on = Day(required=True, allow_none=True)
    ends_on = Day(required=True, allow_none=True)
    currency = Text(longest=3, required=True)
    rules = Facts(required=True)
    version = Whole(required=True)
    created_at = Instant(required=True)
    updated_at = Instant(required=True)


class ProgramPage(Document):
    """A page of programmes."""

    items = fields.List(fields.Nested(Program), required=True)
    next_cursor = Text(longest=200, required=True, allow_none=True)
