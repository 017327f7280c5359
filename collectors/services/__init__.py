"""Tries the services of the inventory from outside, as the people who use them do."""
