"""Members, over HTTP and by the command."""
