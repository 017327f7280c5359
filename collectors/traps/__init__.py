"""SNMP traps and informs: decoded, named, paired, and mapped to ECS."""
