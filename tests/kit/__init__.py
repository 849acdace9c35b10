"""Tests of card_service/kit."""
