"""Campaigns, over HTTP and as pure rules."""
