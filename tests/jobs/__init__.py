"""Jobs: each thing once, whatever is killed, repeated, or done by two at once."""
