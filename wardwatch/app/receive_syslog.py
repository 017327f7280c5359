"""The syslog listener of the receiver."""

from collectors.syslog.listener import SyslogListener, SyslogSettings
from wardwatch.app.surroundings import Surroundings


def syslog(around: Surroundings) -> SyslogListener:
    said = around.settings
    settings = SyslogSettings(
        said.syslog_udp,
        said.syslog_tcp,
        said.syslog_tls,
        said.proof,
        str(said.authorities) if said.authorities else None,
    )
    return SyslogListener(
        settings, around.inventory, around.put, around.has_room, around.clock, around.began, around.edge
    )
