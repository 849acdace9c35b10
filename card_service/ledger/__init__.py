"""The only code that writes the ledger: postings, lots, balances and stored answers."""
