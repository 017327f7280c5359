"""Syslog (RFC 3164, RFC 5424) over UDP, TCP and TLS: framing, parsing, what vendors say, and its mapping to ECS."""
