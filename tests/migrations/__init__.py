"""The migrations: one line of them, up, down, and up again after a crash."""
