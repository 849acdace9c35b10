"""Tests that follow whole purchases through the service over HTTP."""
