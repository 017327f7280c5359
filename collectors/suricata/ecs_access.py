"""Sections of EVE about people and files: logins, shares and transfers.

ssh, smb, dcerpc, krb5, ftp, ftp_data, nfs, tftp, rdp, rfb and pgsql: `user`, `file`, `event.action` and
`event.outcome`. Passwords that a protocol sends in the clear stay in the original alone.
"""

from collectors.suricata.ecs_deed import name_file, name_user, tell_deed
from collectors.suricata.ecs_endpoints import Document, add_related
from collectors.suricata.eve_values import Section, count, section, text, texts

_UNFINISHED = "0xc0000016"
"""SMB's STATUS_MORE_PROCESSING_REQUIRED: an answer on the way, neither success nor failure."""
_FTP_FILES = frozenset({"RETR", "STOR", "STOU", "APPE", "DELE", "SIZE", "MDTM", "RNFR", "RNTO"})


def describe_ssh(eve: Section, document: Document) -> None:
    """Relates the HASSH fingerprints; the versions make the line for lists."""
    ssh = section(eve, "ssh")
    versions = []
    for end in ("client", "server"):
        side = section(ssh, end)
        add_related(document, "hash", text(section(side, "hassh"), "hash"))
        versions.append(text(side, "software_version") or "unknown")
    tell_deed(eve, document, "ssh", None, None, " to ".join(versions))


def describe_smb(eve: Section, document: Document) -> None:
    """Fills file, user and outcome; relates the client's host."""
    smb = section(eve, "smb")
    path = text(smb, "filename") or text(smb, "share") or text(smb, "named_pipe")
    name_file(document, path, count(smb, "size") or None)
    login = section(smb, "ntlmssp")
    name_user(document, text(login, "user"), text(login, "domain"))
    add_related(document, "hosts", (text(login, "host") or "").lower())
    kerberos = section(section(smb, "kerberos"), "snames")
    add_related(document, "hosts", text(kerberos, "host"))
    code = text(smb, "status_code")
    succeeded = None if code is None or code == _UNFINISHED else code in ("0x0", "0x00000000")
    tell_deed(eve, document, "smb", text(smb, "command"), succeeded, path)


def describe_dcerpc(eve: Section, document: Document) -> None:
    """Fills action and outcome of a remote procedure call."""
    dcerpc = section(eve, "dcerpc")
    answer = text(dcerpc, "response")
    succeeded = None if answer is None else answer not in ("FAULT", "BINDNACK", "REJECT")
    opnum = count(section(dcerpc, "req"), "opnum")
    about = None if opnum is None else f"opnum {opnum}"
    tell_deed(eve, document, "dcerpc", text(dcerpc, "request"), succeeded, about)


def describe_krb5(eve: Section, document: Document) -> None:
    """Fills user with its realm, and the outcome of a ticket request."""
    krb5 = section(eve, "krb5")
    name_user(document, text(krb5, "cname"), text(krb5, "realm"))
    kind = text(krb5, "msg_type")
    succeeded = None if kind is None else kind != "KRB_ERROR"
    tell_deed(eve, document, "krb5", kind, succeeded, text(krb5, "sname") or text(krb5, "error_code"))


def describe_ftp(eve: Section, document: Document) -> None:
    """Fills action, user and file; a reply of 4xx or 5xx is a failure."""
    ftp = section(eve, "ftp")
    command, argument = text(ftp, "command"), text(ftp, "command_data")
    if command == "USER":
        name_user(document, argument)
    elif command in _FTP_FILES:
        name_file(document, argument)
    codes = texts(ftp, "completion_code")
    succeeded = codes[-1][0] in "123" if codes else None
    shown = argument if command != "PASS" else None
    tell_deed(eve, document, "ftp", command, succeeded, shown)


def describe_ftp_data(eve: Section, document: Document) -> None:
    """Fills file and action of a transfer."""
    transfer = section(eve, "ftp_data")
    path = text(transfer, "filename")
    name_file(document, path)
    tell_deed(eve, document, "ftp_data", text(transfer, "command"), None, path)


def describe_nfs(eve: Section, document: Document) -> None:
    """Fills file, action and outcome; the caller's machine is a related host, its numeric user the user's id."""
    rpc, nfs = section(eve, "rpc"), section(eve, "nfs")
    path = text(nfs, "filename")
    name_file(document, path)
    credentials = section(rpc, "creds")
    add_related(document, "hosts", (text(credentials, "machine_name") or "").lower())
    uid = count(credentials, "uid")
    if uid is not None and "user" not in document:
        document["user"] = {"id": str(uid)}
    status = text(nfs, "status")
    tell_deed(eve, document, "nfs", text(nfs, "procedure"), None if status is None else status == "OK", path)


def describe_tftp(eve: Section, document: Document) -> None:
    """Fills file and action (`read`, `write`)."""
    tftp = section(eve, "tftp")
    path = text(tftp, "file")
    name_file(document, path)
    tell_deed(eve, document, "tftp", text(tftp, "packet"), None, path)


def describe_rdp(eve: Section, document: Document) -> None:
    """Relates the client's name; the cookie names the user."""
    rdp = section(eve, "rdp")
    cookie = text(rdp, "cookie")
    name_user(document, None if cookie is None else cookie.rpartition("=")[2] or None)
    client = text(section(rdp, "client"), "client_name")
    add_related(document, "hosts", None if client is None else client.lower())
    tell_deed(eve, document, "rdp", text(rdp, "event_type"), None, client)


def describe_rfb(eve: Section, document: Document) -> None:
    """Fills the outcome of a VNC login."""
    rfb = section(eve, "rfb")
    result = text(section(rfb, "authentication"), "security_result")
    succeeded = None if result is None else result == "OK"
    tell_deed(eve, document, "rfb", None, succeeded, text(section(rfb, "framebuffer"), "name"))


def describe_pgsql(eve: Section, document: Document) -> None:
    """Fills user and outcome of a message to PostgreSQL."""
    pgsql = section(eve, "pgsql")
    request, response = section(pgsql, "request"), section(pgsql, "response")
    startup = section(request, "startup_parameters")
    name_user(document, text(startup, "user"))
    action = text(request, "message") or ("query" if "simple_query" in request else None)
    succeeded = None if not response else "severity_non_localizable" not in response and "code" not in response
    tell_deed(eve, document, "pgsql", action, succeeded, text(request, "simple_query"))
