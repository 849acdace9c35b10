"""Tests of what an operator sees and does: logs, numbers, readiness, starting and stopping."""
