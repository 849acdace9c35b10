"""Tests of the `card-service` commands."""
