"""What stands on the counter: the three clients of the real application, and the scanner."""

import json
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from werkzeug.test import Client

from card_service.kit.wire import JSON, encode

BASE = "/api/v1"
READ_WITHIN_SECONDS = 60


class DemoStopped(Exception):
    """Something did not go as it must; the message says what."""


@dataclass(frozen=True, slots=True)
class Till:
    """Calls the application as Billing, the cashier or the admin would, through WSGI."""

    client: Client
    keys: Mapping[str, str]

    def call(self, role: str, method: str, path: str, body: Mapping[str, Any] | None = None) -> Any:
        """Send a request and give its answer with exact amounts; raises DemoStopped for a refusal."""
        answer = self.client.open(
            BASE + path,
            method=method,
            headers={"Authorization": f"Bearer {self.keys[role]}"},
            data=None if body is None else encode(body),
            content_type=None if body is None else JSON,
        )
        if answer.status_code >= 400:  # noqa: PLR2004 - all refusals
            raise DemoStopped(f"{method} {path} was refused: {answer.get_data(as_text=True)}")
        return json.loads(answer.get_data(as_text=True), parse_float=Decimal)

    def bill(self, name: str, body: Mapping[str, Any]) -> Any:
        """Make one of the internal calls of a bill."""
        return self.call("billing", "POST", f"/internal/cards/{name}", body)


def scan(picture: Path) -> str:
    """Read the card number on a picture by the scanner, a program of its own; raises DemoStopped."""
    program = "from scanner.cli import main; main(prog_name='scanner')"
    done = subprocess.run(  # noqa: S603 - our own program, on a file of our own
        [sys.executable, "-c", program, "decode", "--json", str(picture)],
        capture_output=True,
        text=True,
        timeout=READ_WITHIN_SECONDS,
        check=False,
    )
    if done.returncode != 0:
        said = done.stderr.strip().splitlines()
        raise DemoStopped(said[-1] if said else "the scanner stopped without a word")
    numbers = [json.loads(line)["number"] for line in done.stdout.splitlines()]
    if len(numbers) != 1:
        raise DemoStopped(f"the scanner found {len(numbers)} codes on {picture} instead of one")
    return str(numbers[0])
