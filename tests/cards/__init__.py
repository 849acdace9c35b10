"""Tests of card_service/cards."""
