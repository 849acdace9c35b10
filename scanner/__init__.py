"""The program at the counter that reads loyalty cards; it imports nothing of the service.

Follow one card: a source (`sources/`) gives a code or a frame, `decode/` reads the frame, `acceptance.py` decides whether
that is a card, and what is accepted leaves as an `event.py` through `commands/read.py` or the agent.
"""
