"""Tests of the ledger: the proof of the books."""
