"""From a frame to the codes on it: `frames.py` is what is looked at, `code.py` what is found, `reader.py` how."""
