"""A city that answers SNMP: every device of an inventory, each at its own loopback address, from one process."""
