"""Vendor profiles: what a product family tells about itself, and where, as data."""
