"""Reachability: whether devices answer ICMP echo requests, how fast and how evenly."""
