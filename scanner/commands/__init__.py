"""The commands of `scanner`, one a file; each loads what it needs only when it runs, so that help works without it."""
