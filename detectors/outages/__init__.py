"""What polls say about devices becomes their status: ok, degraded, down, behind or no data."""
