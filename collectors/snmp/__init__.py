"""Polling by SNMP v2c and v3: sessions with guards, rates from raw counters, rounds with an outcome per device."""
