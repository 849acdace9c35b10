"""A pharmacy to try the service on: its shop, some weeks of its bills, and the main job played once."""
