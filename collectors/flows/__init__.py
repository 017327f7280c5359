"""Flows: NetFlow v5 and v9, IPFIX and sFlow v5 into sums of traffic by unit, direction, application and address."""
