"""The program at the counter that reads loyalty cards; it imports nothing of the service.

Follow one picture: `cli.py` takes the name, `frames.py` makes a frame of the file, `decoder.py` reads it.
"""
