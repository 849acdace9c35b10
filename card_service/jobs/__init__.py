"""What is done by the day: a job takes a card, or a chunk of reading, a transaction, and can be killed at any point."""
