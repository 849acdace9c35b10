"""Measures what the service costs and how fast it answers; see bench/README.md."""
