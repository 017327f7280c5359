"""Configuration backup, plans, pushes and compliance."""
