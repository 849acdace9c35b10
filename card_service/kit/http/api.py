"""The Api: flask-smorest's registration and OpenAPI document, with our shapes and without its pages."""

import json
from collections.abc import Iterable
from typing import Any

import flask_smorest
from flask import Flask, Response
from werkzeug.routing import BaseConverter

from card_service.kit.http.blueprint import Blueprint
from card_service.kit.http.fields import FIELD_TYPES, MAX_ID, describe
from card_service.kit.http.problems import register

NO_ID = -1


class IdConverter(BaseConverter):
    """An id in a path: ASCII digits up to 2^63-1. Anything else is the id of nothing, and so answers like an unknown one."""

    regex = "[^/]+"
    part_isolating = True

    def to_python(self, value: str) -> int:
        """Read the id; what is none becomes one that nothing has."""
        if value.isascii() and value.isdigit() and len(value) <= len(str(MAX_ID)) and int(value) <= MAX_ID:
            return int(value)
        return NO_ID


PROBLEM_SCHEMA: dict[str, Any] = {
    "type": "object",
    "description": "RFC 9457 problem details; `code` is stable",
    "required": ["type", "title", "status", "detail", "code"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "code": {"type": "string"},
        "errors": {"description": "Field names and what is wrong with each"},
    },
    "additionalProperties": True,
}


class Api(flask_smorest.Api):  # type: ignore[misc]  # flask-smorest has no types
    """Registers blueprints and writes the OpenAPI 3.1 document."""

    def _register_error_handlers(self) -> None:
        """Use the one handler of `problems.py` for everything, flask-smorest's own errors included."""
        register(self._app)

    def _openapi_json(self) -> Response:
        return Response(self.document(), content_type="application/json")

    def document(self) -> str:
        """Write the OpenAPI document as text, in a stable order."""
        return json.dumps(self.spec.to_dict(), indent=2, ensure_ascii=False) + "\n"


def build_api(app: Flask, blueprints: Iterable[Blueprint], *, version: str) -> Api:
    """Register the blueprints of an application."""
    app.url_map.converters["id"] = IdConverter
    app.config.update(
        API_TITLE="Card service",
        API_VERSION=version,
        OPENAPI_VERSION="3.1.0",
        OPENAPI_URL_PREFIX="/",
        OPENAPI_JSON_PATH="openapi.json",
        API_SPEC_OPTIONS={
            "info": {
                "description": "Loyalty cards of pharmacies: points are earned, redeemed and returned, exact to the paisa."
                " Amounts and points are JSON numbers with two decimals and may be sent as text too.",
                "license": {"name": "MIT", "identifier": "MIT"},
            },
            "servers": [{"url": "/"}],
        },
    )
    api = Api(app)
    for kind, name in FIELD_TYPES:
        api.register_field(kind, name, None)
    api.ma_plugin.converter.add_attribute_function(lambda _self, field, **_: describe(field))
    api.register_converter(IdConverter, lambda _: {"type": "integer", "format": "int64", "minimum": 1, "maximum": MAX_ID})
    api.spec.components.security_scheme(
        "bearer", {"type": "http", "scheme": "bearer", "description": "An API key or a signed token"}
    )
    api.spec.components.schema("Problem", PROBLEM_SCHEMA)
    for blueprint in blueprints:
        api.register_blueprint(blueprint)
    return api
