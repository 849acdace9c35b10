"""The database: column types, statements compiled once, a session bound to a tenant, the transaction runner."""
