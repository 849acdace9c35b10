"""Campaigns: what gives more points for a while, to whom, and how much of it is left."""
