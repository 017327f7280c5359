"""Everything that brings records in: SNMP, reachability, traps, syslog, flows, Suricata."""
