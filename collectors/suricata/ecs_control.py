"""Sections of EVE about machines: industrial control, the Internet of things, telephony and the network itself.

modbus, dnp3, enip, mqtt, snmp, dhcp, sip, ike, quic, bittorrent_dht, anomaly, drop and tunnel: mostly `event.action`
and `event.outcome`; names and addresses go to `related`.
"""

from collectors.suricata.ecs_deed import name_user, tell_deed
from collectors.suricata.ecs_endpoints import Document, add_related, canonical_address
from collectors.suricata.ecs_http import describe_server_name
from collectors.suricata.eve_values import Section, count, identifier, section, sections, text

# IEEE 1815, table 4-2: what an application function code asks for or answers.
_DNP3_FUNCTIONS: dict[int, str] = {
    0: "confirm", 1: "read", 2: "write", 3: "select", 4: "operate", 5: "direct_operate", 6: "direct_operate_no_ack",
    7: "freeze", 13: "cold_restart", 14: "warm_restart", 17: "start_application", 18: "stop_application",
    20: "enable_unsolicited", 21: "disable_unsolicited", 23: "delay_measurement", 24: "record_time", 25: "open_file",
    26: "close_file", 27: "delete_file", 28: "get_file_info", 29: "authenticate_file", 30: "abort_file",
    129: "response", 130: "unsolicited_response",
}  # fmt: skip
# RFC 2408, section 3.1, and RFC 7296, section 3.1.
_IKE_EXCHANGES: dict[int, str] = {
    1: "base", 2: "identity_protection", 3: "authentication_only", 4: "aggressive", 5: "informational",
    34: "ike_sa_init", 35: "ike_auth", 36: "create_child_sa", 37: "informational",
}  # fmt: skip
_UNSPECIFIED = ("0.0.0.0", "::")


def describe_modbus(eve: Section, document: Document) -> None:
    """The function is the action; an exception answered is a failure."""
    modbus = section(eve, "modbus")
    request, response = section(modbus, "request"), section(modbus, "response")
    function = text(request, "function_code") or text(response, "function_code")
    function = function or identifier(request, "function_raw") or identifier(response, "function_raw")
    failed = "exception" in response
    tell_deed(eve, document, "modbus", function, None if not response else not failed, text(request, "access_type"))


def describe_dnp3(eve: Section, document: Document) -> None:
    """The application function is the action."""
    dnp3 = section(eve, "dnp3")
    code = count(section(dnp3, "application"), "function_code")
    action = None if code is None else _DNP3_FUNCTIONS.get(code, str(code))
    ends = f"{identifier(dnp3, 'src') or '?'} to {identifier(dnp3, 'dst') or '?'}"
    tell_deed(eve, document, "dnp3", action, None, ends)


def describe_enip(eve: Section, document: Document) -> None:
    """The command is the action; a status other than success is a failure (Suricata 8 writes this type)."""
    enip = section(eve, "enip")
    request, response = section(enip, "request"), section(enip, "response")
    status = text(response, "status")
    tell_deed(eve, document, "enip", text(request, "command"), None if status is None else status == "Success")


def describe_mqtt(eve: Section, document: Document) -> None:
    """The first message of the transaction is the action; a connection names its user. Passwords stay in the line."""
    mqtt = section(eve, "mqtt")
    action = next(iter(mqtt), None)
    connect = section(mqtt, "connect")
    name_user(document, text(connect, "username"))
    code = count(section(mqtt, "connack"), "return_code")
    about = text(section(mqtt, "publish"), "topic") or text(connect, "client_id")
    tell_deed(eve, document, "mqtt", action, None if code is None else code == 0, about)


def describe_snmp(eve: Section, document: Document) -> None:
    """The operation is the action; SNMPv3 names its user. A community is a secret: it stays in the line."""
    snmp = section(eve, "snmp")
    name_user(document, text(snmp, "usm"))
    error = text(snmp, "error")
    version = identifier(snmp, "version")
    about = None if version is None else f"version {version}"
    tell_deed(eve, document, "snmp", text(snmp, "pdu_type"), None if error is None else False, about)


def describe_dhcp(eve: Section, document: Document) -> None:
    """Relates the client's name and the address it got."""
    dhcp = section(eve, "dhcp")
    hostname = text(dhcp, "hostname")
    add_related(document, "hosts", None if hostname is None else hostname.lower())
    client: Document = {}
    mac, assigned = text(dhcp, "client_mac"), text(dhcp, "assigned_ip")
    if mac is not None:
        client["mac"] = mac.replace(":", "-").upper()
    if assigned is not None and assigned not in _UNSPECIFIED and (address := canonical_address(assigned)) is not None:
        client["ip"] = address
        add_related(document, "ip", address)
    if client:
        document["client"] = client
    action = text(dhcp, "dhcp_type")
    succeeded = {"ack": True, "nak": False}.get(action or "")
    tell_deed(eve, document, "dhcp", action, succeeded, hostname or mac)


def describe_sip(eve: Section, document: Document) -> None:
    """The method is the action, the URI the URL; an answer of 400 and above is a failure."""
    sip = section(eve, "sip")
    uri, code = text(sip, "uri"), text(sip, "code") or identifier(sip, "code")
    if uri is not None and "url" not in document:
        document["url"] = {"original": uri}
    succeeded = None if code is None or not code.isdecimal() or code < "200" else code < "400"
    tell_deed(eve, document, "sip", text(sip, "method"), succeeded, uri or text(sip, "response_line"))


def describe_ike(eve: Section, document: Document) -> None:
    """The exchange is the action."""
    ike = section(eve, "ike")
    code = count(ike, "exchange_type")
    action = None if code is None else _IKE_EXCHANGES.get(code, str(code))
    tell_deed(eve, document, "ike", action, None, text(ike, "alg_enc"))


def describe_quic(eve: Section, document: Document) -> None:
    """Fills what the handshake shows: server name, JA3, JA4 and the agent, where TLS and HTTP have them."""
    quic = section(eve, "quic")
    name, agent = text(quic, "sni"), text(quic, "ua")
    ja3, ja4 = text(section(quic, "ja3"), "hash"), text(quic, "ja4")
    client: Document = {}
    for field, value in (("server_name", name), ("ja3", ja3), ("ja4", ja4)):
        if value is not None:
            client[field] = value
    if client:
        document["tls"] = {"client": client}
    ja3s = text(section(quic, "ja3s"), "hash")
    if ja3s is not None:
        document.setdefault("tls", {})["server"] = {"ja3s": ja3s}
    for value in (ja3, ja3s, ja4):
        add_related(document, "hash", value)
    if agent is not None:
        document["user_agent"] = {"original": agent}
    if name is not None:
        describe_server_name(eve, document, name.lower())
    tell_deed(eve, document, "quic", None, None, name)


def describe_bittorrent(eve: Section, document: Document) -> None:
    """The request is the action; peers it was told of are related."""
    dht = section(eve, "bittorrent_dht")
    response = section(dht, "response")
    for peer in (*sections(response, "nodes"), *sections(response, "values")):
        address = text(peer, "ip")
        add_related(document, "ip", None if address is None else canonical_address(address))
    succeeded = False if "error" in dht else True if response else None
    tell_deed(eve, document, "bittorrent_dht", text(dht, "request_type"), succeeded)


def describe_anomaly(eve: Section, document: Document) -> None:
    """The layer is the action, the parser's complaint the reason."""
    anomaly = section(eve, "anomaly")
    what = text(anomaly, "event") or identifier(anomaly, "code")
    if what is not None and eve["event_type"] == "anomaly":
        document["event"]["reason"] = what
    tell_deed(eve, document, "anomaly", text(anomaly, "type"), None, what)


def describe_drop(eve: Section, document: Document) -> None:
    """A packet that the sensor stopped, and why."""
    drop = section(eve, "drop")
    reason = text(drop, "reason")
    if reason is not None and eve["event_type"] == "drop":
        document["event"]["reason"] = reason
    tell_deed(eve, document, "drop", "blocked", None, reason)


def describe_tunnel(eve: Section, document: Document) -> None:
    """The outer ends of a tunnel; source and destination are the inner ones."""
    tunnel = section(eve, "tunnel")
    outer: Document = {}
    for key, field in (("src_ip", "source_ip"), ("dest_ip", "destination_ip")):
        written = text(tunnel, key)
        address = None if written is None else canonical_address(written)
        if address is not None:
            outer[field] = address
            add_related(document, "ip", address)
    protocol = text(tunnel, "proto")
    if protocol is not None:
        outer["protocol"] = protocol.lower()
    if outer:
        document["wardwatch"]["tunnel"] = outer
