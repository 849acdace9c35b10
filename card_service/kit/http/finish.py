"""The last strokes on the OpenAPI document: what no schema says by itself, and the examples.

It works on the document as plain data and is asked once for each process, so nothing of it costs a request.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from card_service.kit.http.problems import PROBLEM
from card_service.kit.wire import JSON, camel

TEXT = r"^ *[^\u0000-\u0020\u007f-\u00a0\u00ad][^\u0000-\u001f\u007f-\u00a0\u00ad]*$"
"""Printable, and not only spaces; other alphabets have more characters that are not printable than are listed here."""
OWN_ID = ("card_id", "entry_id")
"""What a path calls `{id}`, being the id of the very thing that the path names."""
METHODS = ("get", "put", "post", "delete")
_PARAMETER = re.compile(r"\{(\w+)\}")
Step = Mapping[str, Any]


def finish(document: dict[str, Any], examples: Iterable[Step]) -> dict[str, Any]:
    """Complete the document in place and return it; `examples` are requests with the answers they got, in order."""
    components = document["components"]
    document["paths"] = {_public(path): item for path, item in document["paths"].items()}
    for item in document["paths"].values():
        for parameter in item.get("parameters", ()):
            parameter["name"] = _public_name(parameter["name"])
    for name in _reachable(components["schemas"], _bodies(document)):
        for field in components["schemas"][name].get("properties", {}).values():
            _as_sent(field)
    for _, operation in _operations(document):
        for parameter in operation.get("parameters", ()):
            _as_written_in_a_url(parameter["schema"])
    _illustrate(document, examples)
    used = _reachable(components["schemas"], document["paths"], components["responses"])
    components["schemas"] = {name: components["schemas"][name] for name in sorted(used)}
    return document


def _public_name(name: str) -> str:
    return "id" if name in OWN_ID else camel(name)


def _public(path: str) -> str:
    return _PARAMETER.sub(lambda found: f"{{{_public_name(found[1])}}}", path)


def _operations(document: Mapping[str, Any]) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    for item in document["paths"].values():
        for method in METHODS:
            if method in item:
                yield item, item[method]


def _bodies(document: Mapping[str, Any]) -> list[Any]:
    return [operation["requestBody"] for _, operation in _operations(document) if "requestBody" in operation]


def _reachable(schemas: Mapping[str, Any], *places: Any) -> set[str]:
    """Name the schemas that these parts of the document refer to, directly or through others."""
    found: set[str] = set()
    left = list(places)
    while left:
        part = left.pop()
        if isinstance(part, dict):
            name = str(part.get("$ref", "")).removeprefix("#/components/schemas/")
            if name in schemas and name not in found:
                found.add(name)
                left.append(schemas[name])
            left.extend(part.values())
        elif isinstance(part, list):
            left.extend(part)
    return found


def _as_sent(field: dict[str, Any]) -> None:
    """Say of a field of a body what it takes: numbers as text too, and which text is printable."""
    types = field.get("type", [])
    types = [types] if isinstance(types, str) else list(types)
    if "number" in types:
        field["type"] = [types[0], "string", *types[1:]]
        field["pattern"] = _decimal_pattern(field)
    elif "string" in types and not field.keys() & {"pattern", "enum", "format"}:
        field["pattern"] = TEXT
    if field.get("default", ...) is None:
        del field["default"]


def _decimal_pattern(field: Mapping[str, Any]) -> str:
    """Write the bounds of a number as a pattern for its text."""
    places = len(f"{field['multipleOf']:.10f}".rstrip("0").partition(".")[2])
    decimals = rf"(\.[0-9]{{1,{places}}})?"
    to_hundred = rf"(100(\.0{{1,{places}}})?|[0-9]{{1,2}}{decimals})"
    pattern = to_hundred if field["maximum"] == 100 else rf"[0-9]{{1,10}}{decimals}"  # noqa: PLR2004
    if "exclusiveMinimum" in field:
        pattern = rf"(?=.*[1-9]){pattern}"
    elif field["minimum"] < 0:
        pattern = f"-?{pattern}"
    return f"^{pattern}$"


def _as_written_in_a_url(schema: dict[str, Any]) -> None:
    """Take null out of a parameter: what is not sent is not in the address at all."""
    if isinstance(schema.get("type"), list):
        schema["type"] = next(name for name in schema["type"] if name != "null")
    if None in schema.get("enum", ()):
        schema["enum"] = [value for value in schema["enum"] if value is not None]
    if schema.get("default", ...) is None:
        del schema["default"]


def _illustrate(document: dict[str, Any], examples: Iterable[Step]) -> None:
    """Put each example's request and answer where it belongs; a body that no schema allows is no example of one."""
    by_id = {operation["operationId"]: (item, operation) for item, operation in _operations(document)}
    for step in examples:
        item, operation = by_id[step["operation"]]
        shown = {"summary": step["summary"]}
        if "body" in step and step.get("answer", {}).get("code") != "VALIDATION_FAILED":
            _add(operation["requestBody"]["content"][JSON], step["name"], shown | {"value": step["body"]})
        for given, where in ((step.get("path", {}), item), (step.get("query", {}), operation)):
            for parameter in where.get("parameters", ()):
                if parameter["in"] in {"path", "query"} and parameter["name"] in given:
                    parameter.setdefault("example", given[parameter["name"]])
        response = _resolve(document, operation["responses"][str(step["status"])])
        for media, content in response.get("content", {}).items():
            if media in {JSON, PROBLEM}:
                _add(content, step["name"], shown | {"value": step["answer"]})


def _add(content: dict[str, Any], name: str, example: dict[str, Any]) -> None:
    content.setdefault("examples", {})[name] = example


def _resolve(document: Mapping[str, Any], part: dict[str, Any]) -> dict[str, Any]:
    if "$ref" not in part:
        return part
    found: Any = document
    for key in part["$ref"].removeprefix("#/").split("/"):
        found = found[key]
    resolved: dict[str, Any] = found
    return resolved
