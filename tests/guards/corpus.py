"""Bodies that are no bodies of this API, and values that no field takes: as bytes, for what no writer of JSON would make."""
# ruff: noqa: E501 - the tables have a line for each sort of mistake

import gzip
import json
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

JSON = "application/json"
MAX_BYTES = 64 * 1024
DIGITS = "9" * 5000
FULL_WIDTH = "\uff11\uff12"


class Broken(NamedTuple):
    """What is sent, and the statuses that may come back."""

    body: bytes
    statuses: frozenset[int]
    headers: Mapping[str, str] = {}


def broken(valid: Mapping[str, Any]) -> Iterator[tuple[str, Broken]]:
    """Give bodies that are wrong whatever the route; `valid` is one that would be right."""
    text = json.dumps(valid)
    yield from _not_json(text)
    yield from _wrongly_declared(text)
    inside = text[1:-1] + "," if len(valid) else ""
    for name, value in {
        "NaN": "NaN", "Infinity": "Infinity", "minus Infinity": "-Infinity", "number": "1", "text": '"x"', "null": "null",
        "true": "true", "list": "[]", "object": "{}", "emoji": '"\\ud83d\\ude00"', "an exponent": "1e5", "a long decimal": "0.1234567890",
    }.items():  # fmt: skip
        yield f"unknown field: {name}", Broken(f'{{{inside}"nobodyKnowsThis":{value}}}'.encode(), frozenset({422}))
    for name, key in {
        "empty": "", "proto": "__proto__", "class": "__class__", "tenant": "tenantId", "snake": "tenant_id", "dot": "a.b",
        "space": " billId", "case": "BILLID", "emoji": "\U0001f600", "long": "k" * 1000, "method": "load", "zero width": "bill\u200bId",
    }.items():  # fmt: skip
        yield f"unknown name: {name}", Broken(f"{{{inside}{json.dumps(key)}:1}}".encode(), frozenset({422}))
    for name, whole in {
        "list": "[]", "list of it": f"[{text}]", "text": '"text"', "it as text": json.dumps(text), "number": "1", "null": "null",
        "true": "true", "decimal": "1.5", "NaN": "NaN", "minus zero": "-0",
    }.items():  # fmt: skip
        yield f"not an object: {name}", Broken(whole.encode(), frozenset({422}))


def _not_json(text: str) -> Iterator[tuple[str, Broken]]:
    inside = text[1:-1] + "," if len(text) > 2 else ""
    for name, body in {
        "one bracket": "{", "closed twice": text + "}", "cut": text[:-1], "garbage behind": text + " x", "two objects": text + text,
        "a comma at the end": text[:-1] + ",}", "no quotes": "{billId: 1}", "single quotes": "{'billId': 1}",
        "comment": f"/* hello */{text}", "line comment": f"{text}// hello", "hash": f"{text}# hello", "hex": f'{{{inside}"a":0x10}}',
        "a plus": f'{{{inside}"a":+1}}', "a leading zero": f'{{{inside}"a":01}}', "a point first": f'{{{inside}"a":.5}}',
        "a point last": f'{{{inside}"a":5.}}', "True": f'{{{inside}"a":True}}', "None": f'{{{inside}"a":None}}',
        "undefined": f'{{{inside}"a":undefined}}', "underscore": f'{{{inside}"a":1_000}}', "half a number": f'{{{inside}"a":1e}}',
        "full-width digits": f'{{{inside}"a":{FULL_WIDTH}}}', "arabic digits": f'{{{inside}"a":\u0661}}', "form": "billId=1&points=5",
        "XML": "<body><billId>1</billId></body>", "YAML": "billId: 1\n", "blank": " \r\n\t ", "a NUL": "\x00", "NUL behind": text + "\x00",
        "a raw line break": f'{{{inside}"a":"b\nc"}}', "a raw NUL": f'{{{inside}"a":"b\x00c"}}', "a bad escape": f'{{{inside}"a":"\\x41"}}',
        "half an escape": f'{{{inside}"a":"\\u12"}}', "an escaped NUL": f'{{{inside}"a":"\\u0000"}}',
        "a high surrogate": f'{{{inside}"a":"\\ud800"}}', "a low surrogate": f'{{{inside}"a":"x\\udc00"}}',
        "surrogates the wrong way round": f'{{{inside}"a":"\\udc00\\ud800"}}', "a surrogate in a name": f'{{{inside}"\\ud800":1}}',
        "a NUL in a name": f'{{{inside}"a\\u0000":1}}', "a name twice": f'{{{inside}"a":1,"a":1}}',
        "a name twice, escaped": f'{{{inside}"ab":1,"\\u0061b":2}}', "a name twice inside": f'{{{inside}"a":{{"b":1,"b":2}}}}',
        "a name thrice": '{"billId":1,"billId":2,"billId":3}', "twenty-one digits": f'{{{inside}"a":{DIGITS[:21]}}}',
        "five thousand digits": f'{{{inside}"a":{DIGITS}}}', "minus and many digits": f'{{{inside}"a":-{DIGITS[:30]}}}',
        "many decimals": f'{{{inside}"a":0.{DIGITS}}}', "a huge exponent": f'{{{inside}"a":1e{DIGITS[:20]}}}',
        "a tiny exponent": f'{{{inside}"a":1e-{DIGITS[:20]}}}', "nothing with an exponent": f'{{{inside}"a":0E-{DIGITS[:20]}}}',
        "seventeen deep": f'{{{inside}"a":{"[" * 17}{"]" * 17}}}', "objects seventeen deep": '{"a":' * 17 + "1" + "}" * 17,
        "thirty thousand brackets": "[" * 30_000, "closed again": "[" * 30_000 + "]" * 30_000,
        "half a UTF-8 letter": None, "UTF-16": None, "UTF-16 with a mark": None, "UTF-32": None, "latin-1": None, "overlong": None,
        "a BOM": None, "a surrogate in UTF-8": None, "gzip": None, "0xFF": None,
    }.items():  # fmt: skip
        data = _BYTES[name](text) if body is None else body.encode()
        yield name, Broken(data, frozenset({400}))


_BYTES: dict[str, Any] = {
    "half a UTF-8 letter": lambda text: text.encode()[:-1] + b',"a":"\xe2\x82"}',
    "UTF-16": lambda text: text.encode("utf-16-le"),
    "UTF-16 with a mark": lambda text: text.encode("utf-16"),
    "UTF-32": lambda text: text.encode("utf-32"),
    "latin-1": lambda text: text.encode()[:-1] + b',"a":"\xe9"}',
    "overlong": lambda text: text.encode()[:-1] + b',"a":"\xc0\x80"}',
    "a BOM": lambda text: b"\xef\xbb\xbf" + text.encode(),
    "a surrogate in UTF-8": lambda text: text.encode()[:-1] + b',"a":"\xed\xa0\x80"}',
    "gzip": lambda text: gzip.compress(text.encode()),
    "0xFF": lambda _: b"\xff" * 100,
}


def _wrongly_declared(text: str) -> Iterator[tuple[str, Broken]]:
    for kind in (
        "text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "text/json", "application/xml",
        "application/jsonp", "application/javascript", "application", "json", "*/*", "application/json, text/plain", "text/plain+json",
    ):  # fmt: skip
        yield f"as {kind}", Broken(text.encode(), frozenset({415}), {"Content-Type": kind})
    yield "as nothing", Broken(text.encode(), frozenset({415}), {"Content-Type": ""})
    for coding in ("gzip", "deflate", "br", "gzip, identity", "GZIP", "x-unknown"):
        yield f"encoded as {coding}", Broken(text.encode(), frozenset({415}), {"Content-Encoding": coding})
    yield "really gzip", Broken(gzip.compress(text.encode()), frozenset({415}), {"Content-Encoding": "gzip"})
    full = text.encode() + b" " * (MAX_BYTES + 1 - len(text))
    yield "a byte too large", Broken(full, frozenset({413}))
    yield "a megabyte", Broken(b'{"a":"' + b"x" * 1024 * 1024 + b'"}', frozenset({413}))
    yield "too large and not JSON", Broken(b"x" * (MAX_BYTES + 1), frozenset({413}), {"Content-Type": "text/plain"})
    latin = text.encode()[:-1] + b',"a":"\xe9"}'
    yield "declared latin-1", Broken(latin, frozenset({400}), {"Content-Type": "application/json; charset=iso-8859-1"})
    wide = text.encode("utf-16")
    yield "declared UTF-16", Broken(wide, frozenset({400}), {"Content-Type": "application/json; charset=utf-16"})


NO_NUMBERS = (
    "true", "false", "[]", "{}", "[1]", '""', '" "', '"x"', '"NaN"', '"Infinity"', '"-Infinity"', '"sNaN"', '"1e2"', '"1_0"', '" 1"',
    '"1 "', '"+1"', '"--1"', '"0x1"', '"1,5"', f'"{FULL_WIDTH}"', '"\\u0661"', '"\\u00bd"', '"\\u2460"', '"1\\n"', '"1;"', '"."', '"1."', '".5"',
    "NaN", "Infinity", "-Infinity", "1e400", "1e-400", "-1e400", "1e999999999", "1e-999999999", "99999999999999999999", "-99999999999999999999",
    '"\\ud800"', '"\\u0000"', "1e99999999999999999999",
)  # fmt: skip
NO_IDS = (
    *NO_NUMBERS, '"1"', "1.0", "1.5", "1e0", "-0", "0", "-1", "9223372036854775808", "1.0000000000000001", "0.0",
)  # fmt: skip
NO_MONEY = (
    *NO_NUMBERS,
    "-0.01",
    "-1",
    "0.001",
    "5.005",
    '"5.005"',
    '"5.000"',
    "10000000000",
    "9999999999.995",
    '"10000000000"',
    "1e10",
    "5.0e-3",
)
NO_TEXT = (
    "true",
    "1",
    "1.5",
    "[]",
    "{}",
    '""',
    '" "',
    '"\\u0000"',
    '"a\\u0000b"',
    '"\\ud800"',
    '"a\\nb"',
    '"\\u202eevil"',
    '"\\u200b"',
    '"\\ue000"',
)
NO_CARD_NUMBERS = (
    *NO_TEXT, '"CARD 1"', '" CARD1"', '"CARD1 "', '"CARD1\\n"', '"CARD\\t1"', '"CARD\\u00a01"', f'"{FULL_WIDTH}"', '"CARD\\u00e9"',
    '"\\uff23\\uff21\\uff32\\uff24"', '"CARD\\u200b1"', '"C\\u0301"', '"\\u0421ARD"', f'"{"9" * 51}"', '"CARD\\u007f"', '"CARD\\u2028"',
)  # fmt: skip
NO_CHOICES = ("true", "1", "[]", "{}", '""', '"x"', '"commit"', '"COMMIT "', '"NONE\\u0000"', '["COMMIT"]')
NO_FLAGS = ("1", "0", '"true"', '"false"', '""', "[]", "{}", '"yes"', "1.0")
NO_DAYS = (
    "1", "true", "[]", '""', '"today"', '"2026-13-01"', '"2026-02-30"', '"20260302"', '"2026-W10-1"', '"2026-3-2"', '"0001-01-01"', '"9999-12-31"',
    '"2026-03-02T00:00:00Z"', '"2026-03-02 "', '"\\uff12\\uff10\\uff12\\uff16-03-02"', '"-2026-03-02"', '"0000-00-00"', '"2026-03-02\\n"',
)  # fmt: skip
NO_INSTANTS = (
    "1", "true", "[]", '""', '"now"', '"2026-03-02"', '"2026-03-02T06:30:00"', '"2026-03-02 06:30:00Z"', '"2026-02-30T00:00:00Z"',
    '"2026-03-02T24:00:01Z"', '"2026-03-02T06:60:00Z"', '"2026-03-02T06:30:61Z"', '"2026-03-02T06:30:00.1234567Z"', '"2026-03-02T06:30:00+99:99"',
    '"0001-01-01T00:00:00+23:59"', '"9999-12-31T23:59:59-23:59"', '"0000-00-00T00:00:00Z"', '"\\uff12026-03-02T06:30:00Z"', '"2026-03-02T06:30:00z\\n"',
    "1772433000", '"1970-01-01T00:00:00Z"', '"9000-01-01T00:00:00Z"',
)  # fmt: skip
NO_FACTS = (
    "1", "true", "[]", '"x"', '{"1a": 1}', '{"": 1}', '{"a b": 1}', '{"\\u00e4": 1}', '{"a": null}', '{"a": []}', '{"a": {}}', '{"a": "\\n"}',
    '{"a": 1e30}', '{"a": 0.123456789012345678901}', '{"=a": 1}', json.dumps({"a": "x" * 501}), json.dumps({"a" * 51: 1}),
    json.dumps({f"a{number}": 1 for number in range(51)}),
)  # fmt: skip
NO_LISTS = ("1", "true", '"x"', "{}", "[]", "[[]]", "[null]", "[1]", '["x"]', "[true]", '[{"nobodyKnowsThis":1}]', "[{}]")
