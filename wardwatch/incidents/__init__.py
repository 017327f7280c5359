"""Incidents: how findings become one story, and how people carry it to its verdict."""
