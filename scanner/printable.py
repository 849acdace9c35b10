"""Text of others on a terminal: one line, and nothing that moves the cursor or looks like a second card."""


def printable(text: str) -> str:
    """Return the text with what is not printable written as an escape."""
    return "".join(one if one.isprintable() else one.encode("unicode_escape").decode("ascii") for one in text)
