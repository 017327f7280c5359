"""Suricata's events: its `eve.json` is followed, each line becomes an ECS document, and the file is its own journal."""
