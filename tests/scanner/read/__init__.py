"""`scanner read` and `scanner agent` as programs, and what a person hears and sees of them."""
