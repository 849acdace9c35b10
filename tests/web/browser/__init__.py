"""The counter in a real browser: Debian's chromium, against the service behind a port."""
