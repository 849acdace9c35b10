"""What is left when the database, a worker or the whole service ends in the middle of its work."""
