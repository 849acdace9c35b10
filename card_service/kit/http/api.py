"""The Api: flask-smorest's registration and OpenAPI document, with our shapes and without its pages."""

import re
from collections.abc import Iterable
from copy import deepcopy
from functools import cached_property

import flask_smorest
import msgspec
from flask import Flask, Response
from werkzeug.routing import BaseConverter, Map, PathConverter

from card_service.kit.http.blueprint import Blueprint
from card_service.kit.http.fields import FIELD_TYPES, MAX_ID, describe, further
from card_service.kit.http.finish import Step, finish
from card_service.kit.http.operation import HEADERS, PROBLEM_SCHEMA, SHARED_RESPONSES, STATUS_OF, refusal
from card_service.kit.http.problems import register
from card_service.kit.wire import JSON, encode

NO_ID = -1
DESCRIPTION = """\
Loyalty cards of pharmacies: points are earned, redeemed and returned, exact to the paisa.

Amounts and points are JSON numbers with two decimals, and may be sent as text too. A field that may be left out may be
null as well; a field that is not known is refused. Lists come in pages: `nextCursor` of one is the `cursor` of the next.

A refusal is `application/problem+json` and has written nothing; its `code` says why. A method that a path does not take is
405 `METHOD_NOT_ALLOWED` with `Allow`.

Beside the paths below, for those who run the service: `/healthz`, `/readyz`, `/metrics`; this document is `/openapi.json`,
and `/docs` shows it.
"""


class IdConverter(BaseConverter):
    """An id in a path: ASCII digits up to 2^63-1. Anything else is the id of nothing, and so answers like an unknown one."""

    part_isolating = True

    def __init__(self, url_map: Map) -> None:
        """Leave out the words of paths registered before: GET /cards/search is 405, not the 404 of a card."""
        super().__init__(url_map)
        words = {rule.rule.rpartition("/")[2] for rule in url_map.iter_rules()}
        taken = "|".join(sorted(re.escape(word) for word in words if word and "<" not in word))
        self.regex = f"(?!(?:{taken})$)[^/]+"

    def to_python(self, value: str) -> int:
        """Read the id; what is none becomes one that nothing has."""
        if value.isascii() and value.isdigit() and len(value) <= len(str(MAX_ID)) and int(value) <= MAX_ID:
            return int(value)
        return NO_ID


class CardNumberConverter(PathConverter):
    """A card number in a path: unlike other texts it may hold slashes, and begin with one."""

    part_isolating = False
    regex = ".+?"


class Api(flask_smorest.Api):  # type: ignore[misc]  # flask-smorest has no types
    """Registers blueprints and writes the OpenAPI 3.1 document."""

    def _register_error_handlers(self) -> None:
        """Use the one handler of `problems.py` for everything, flask-smorest's own errors included."""
        register(self._app)

    DEFAULT_ERROR_RESPONSE_NAME = None
    examples: Iterable[Step] = ()

    def _register_responses(self) -> None:
        """Bring the answers that mean the same on every route, instead of flask-smorest's one for all errors."""
        components = self.spec.components
        for name, header in HEADERS.items():
            components.header(name, header)
        components.schema("Problem", PROBLEM_SCHEMA)
        for status, name in SHARED_RESPONSES.items():
            components.response(name, refusal(status, [code for code, number in STATUS_OF.items() if number == status]))

    def _openapi_json(self) -> Response:
        return Response(self.document, content_type=JSON)

    @cached_property
    def document(self) -> str:
        """The OpenAPI document as text, in a stable order."""
        document = deepcopy(self.spec.to_dict())
        for (schema, *_), name in self.ma_plugin.converter.refs.items():
            document["components"]["schemas"][name] |= further(schema)
        return msgspec.json.format(encode(finish(document, self.examples)), indent=2) + "\n"


def build_api(app: Flask, blueprints: Iterable[Blueprint], *, version: str, examples: Iterable[Step] = ()) -> Api:
    """Register the blueprints of an application; `examples` are shown in its OpenAPI document."""
    app.url_map.converters["id"] = IdConverter
    app.url_map.converters["card_number"] = CardNumberConverter
    # A path means what it says: `//` is no `/`, or a card number that begins with one would be read as another.
    app.url_map.merge_slashes = False
    app.config.update(
        # OPTIONS is a method that no path takes; Flask would answer it to anyone.
        PROVIDE_AUTOMATIC_OPTIONS=False,
        API_TITLE="Card service",
        API_VERSION=version,
        OPENAPI_VERSION="3.1.0",
        OPENAPI_URL_PREFIX="/",
        OPENAPI_JSON_PATH="openapi.json",
        API_SPEC_OPTIONS={
            "info": {
                "description": DESCRIPTION,
                "license": {"name": "MIT", "identifier": "MIT"},
            },
            "servers": [{"url": "/"}],
        },
    )
    api = Api(app)
    api.examples = examples
    for kind, name in FIELD_TYPES:
        api.register_field(kind, name, None)
    api.ma_plugin.converter.add_attribute_function(lambda _self, field, **_: describe(field))
    api.register_converter(IdConverter, lambda _: {"type": "integer", "format": "int64", "minimum": 1, "maximum": MAX_ID})
    card_number = {"type": "string", "minLength": 1, "maxLength": 50, "pattern": "^[!-~]+$"}
    api.register_converter(CardNumberConverter, lambda _: card_number)
    api.spec.components.security_scheme(
        "bearer", {"type": "http", "scheme": "bearer", "description": "An API key or a signed token"}
    )
    for blueprint in blueprints:
        api.register_blueprint(blueprint)
    return api
