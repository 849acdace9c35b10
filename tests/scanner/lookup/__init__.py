"""The look-up against the real service, and against what is none."""
