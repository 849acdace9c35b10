"""The `card-service` commands, one group a file; cli.py lists them."""
