"""Loyalty programmes: what kind of programme a card is in, and whether it earns now."""
