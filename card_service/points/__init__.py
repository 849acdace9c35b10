"""What Billing calls: calculate, earn, redeem, reverse, adjust, and the history of a card."""
