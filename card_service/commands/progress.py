"""How far a command is that goes from card to card, on stderr: rewritten in place at a terminal, else a line now and then."""

import sys
import time

import click

LINE_EVERY_SECONDS = 10.0
TERMINAL_EVERY_SECONDS = 0.2


class Progress:
    """Counts the cards that were seen, and those on which something was done."""

    def __init__(self) -> None:
        """Say nothing yet."""
        self._terminal = sys.stderr.isatty()
        self._label, self._began, self._shown, self._seen, self._done = "", 0.0, 0.0, 0, 0

    def begin(self, label: str) -> None:
        """Start counting anew."""
        self._label = label
        self._began = self._shown = time.monotonic()
        self._seen = self._done = 0

    def count(self, seen: int, done: int, card_id: int) -> None:
        """Count cards up to an id, and show them when it is time."""
        self._seen, self._done = self._seen + seen, self._done + done
        now = time.monotonic()
        if now - self._shown >= (TERMINAL_EVERY_SECONDS if self._terminal else LINE_EVERY_SECONDS):
            self._shown = now
            rate = self._seen / (now - self._began)
            said = f"{self._label}: {self._seen:,} seen, {self._done:,} done, {rate:,.0f} a second, card {card_id}"
            click.echo(f"\r{said}\033[K" if self._terminal else said, err=True, nl=not self._terminal)

    def end(self) -> None:
        """Leave the line clean."""
        if self._terminal:
            click.echo("\r\033[K", err=True, nl=False)
