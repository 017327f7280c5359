"""The syslog listener of the receiver."""

from collectors.reception.listener import Listener
from collectors.syslog.listener import SyslogSettings, syslog_listener
from wardwatch.app.surroundings import Surroundings


def syslog(around: Surroundings) -> Listener:
    """Raises `UserError` where its certificate cannot be used."""
    said = around.settings
    settings = SyslogSettings(said.syslog_udp, said.syslog_tcp, said.syslog_tls, said.proof, said.authorities)
    return syslog_listener(
        settings, around.inventory, around.put, around.has_room, around.clock, around.began, around.edge
    )
