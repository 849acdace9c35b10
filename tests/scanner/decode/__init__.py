"""Tests of the reading of frames."""
