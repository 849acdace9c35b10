"""What the service is built on and what knows nothing of loyalty: database, HTTP, credentials, errors, money."""
