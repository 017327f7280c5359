"""Suricata's rules: where they come from, what is wrong with them, what another set would change, which is deployed."""
