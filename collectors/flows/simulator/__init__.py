"""Exporters of flows that do not exist: real NetFlow v5, v9, IPFIX and sFlow v5 packets, seeded."""
