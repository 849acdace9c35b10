"""How Alembic reaches the database: always over the connection that `card_service.migrate` hands it."""

from alembic import context

from card_service.models import bills, card_config, cards, earning, idempotency, ledger, programs, tenants, tiers
from card_service.models.base import metadata

TABLE_GROUPS = (tenants, card_config, cards, earning, ledger, idempotency, bills, programs, tiers)
"""Imported so that their tables are in `metadata`."""

connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata=metadata, transaction_per_migration=True)
with context.begin_transaction():
    context.run_migrations()
