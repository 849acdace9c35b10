"""Tiers: what a card's bills of the last days make of it, and what that gives."""
