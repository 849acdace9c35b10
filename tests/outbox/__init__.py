"""Events for others: each once, with its cause."""
