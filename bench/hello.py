"""A small Flask application that costs about a millisecond of CPU a request, to compare servers by."""

import json
import os
import time
from typing import Any

from flask import Flask, request

# A real application takes its time to load; stopping a server in that time is part of the comparison.
time.sleep(float(os.environ.get("BENCH_HELLO_LOADS_FOR", "0")))

app = Flask(__name__)
_ROUNDS = 45


@app.post("/work")
def work() -> dict[str, Any]:
    """Parse and print a bill again and again, holding the interpreter's lock as real work does."""
    bill: dict[str, Any] = request.get_json()
    for _ in range(_ROUNDS):
        bill = json.loads(json.dumps(bill))
    return bill


@app.post("/slow")
def slow() -> dict[str, Any]:
    """Wait half a second, as a request waiting for a lock of the database does."""
    time.sleep(0.5)
    bill: dict[str, Any] = request.get_json()
    return bill
