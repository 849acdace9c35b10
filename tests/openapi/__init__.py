"""The OpenAPI document: complete, true, and usable by programs."""
