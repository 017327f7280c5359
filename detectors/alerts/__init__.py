"""Alerts of one rule between two ends within a window are one line of the inbox."""
