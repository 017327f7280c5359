"""Packets of drills, made by scapy in a process of its own (`python -m drills.generators`).

Nothing here imports any part of WardWatch but its model: scapy is GPL-2.0-only, and it is kept apart from credentials.
"""
