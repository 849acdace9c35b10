"""Every table of the service, one file a group; nothing is re-exported here, so each import names its file."""
