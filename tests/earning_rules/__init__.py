"""Earning rules over HTTP: what is paid beside bills."""
