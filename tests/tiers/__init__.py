"""Tiers: what lifts a card, what it then has, and what takes it down again."""
