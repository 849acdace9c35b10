"""Alembic migrations: four digits, one step each, safe to run again after a crash."""
