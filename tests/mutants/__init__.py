"""Seeded defects, each caught by a named test of this suite."""
