"""What is paid beside bills: for signing up, for a birthday, for a friend, for whatever a tenant thinks of."""
