"""Every action of packets that a scenario may ask for, by its name."""

from drills.generators.actions import (
    browse,
    dns_tunnel,
    http_beacon,
    http_exfiltration,
    http_request,
    silence,
    ssh_attempts,
    tcp_scan,
)
from drills.generators.floods import http_flood, syn_flood, udp_flood
from drills.generators.guessing import address_sweep, generated_names, snmp_guessing
from drills.generators.local import arp_spoof, rogue_dhcp
from drills.generators.mail import smtp_message
from drills.generators.plan import Generator
from drills.generators.smb import smb_encryption, smb_session
from drills.generators.tls import tls_beacon, tls_session

ACTIONS: dict[str, Generator] = {
    "address_sweep": address_sweep,
    "arp_spoof": arp_spoof,
    "browse": browse,
    "dns_tunnel": dns_tunnel,
    "generated_names": generated_names,
    "http_beacon": http_beacon,
    "http_exfiltration": http_exfiltration,
    "http_flood": http_flood,
    "http_request": http_request,
    "rogue_dhcp": rogue_dhcp,
    "silence": silence,
    "smb_encryption": smb_encryption,
    "smb_session": smb_session,
    "smtp_message": smtp_message,
    "snmp_guessing": snmp_guessing,
    "ssh_attempts": ssh_attempts,
    "syn_flood": syn_flood,
    "tcp_scan": tcp_scan,
    "tls_beacon": tls_beacon,
    "tls_session": tls_session,
    "udp_flood": udp_flood,
}
