"""The program's own settings, its logging and its server."""
