"""The scanner's agent: hands scans to pages of this machine's browser, over HTTP on the loopback address.

Follow one scan: `recent.py` holds it for five seconds, `stream.py` writes it to each page, and `server.py` lets in the
pages that `gate.py` (who may call) and `pairing.py` (who has a token) know. The protocol is in docs/scanner.md.
"""
