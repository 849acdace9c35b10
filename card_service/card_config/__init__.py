"""A tenant's settings: the card configuration, percentages, discounts and restrictions."""
