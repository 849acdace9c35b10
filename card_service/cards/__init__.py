"""Cards: issued, found, blocked, replaced, merged."""
