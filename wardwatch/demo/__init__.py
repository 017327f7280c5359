"""The demo: an invented city with its network, its traffic and its attackers."""
