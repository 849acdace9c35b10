"""How a command that takes long is stopped between two cards."""

import signal
from threading import Event


def stopped_by_signals() -> Event:
    """Make the event that SIGTERM and Ctrl-C set; a second one ends the program where it is, which does no harm either."""
    stop = Event()

    def ask(number: int, _frame: object) -> None:
        signal.signal(number, signal.SIG_DFL)
        stop.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, ask)
    return stop
