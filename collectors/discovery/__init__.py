"""Finding devices on the network: sweeps of prefixes and crawls from neighbour to neighbour, by SNMP alone."""
