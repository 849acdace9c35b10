"""What happened that somebody outside may want to hear of: kept with its cause, sent by nobody yet."""
