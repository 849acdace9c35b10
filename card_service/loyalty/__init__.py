"""The programme as its members see it: enrolling, one member as a whole, and what happened to them in time."""
