"""The real things the tests run against: private databases, server processes, and clients to talk to them."""
