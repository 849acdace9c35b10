"""A multi-tenant loyalty service for pharmacies: cards, points, and a ledger that is exact to the paisa."""
