"""The arithmetic of bills, and the calls that Billing makes."""
