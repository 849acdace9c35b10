"""The people of a tenant: who they are, how they sign in, and their sessions."""
