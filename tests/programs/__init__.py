"""Programmes, over HTTP."""
