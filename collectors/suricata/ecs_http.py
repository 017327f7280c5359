"""The `http` section of EVE: request, response, URL and user agent."""

from collectors.suricata.ecs_endpoints import Document, add_related, canonical_address
from collectors.suricata.eve_values import Section, count, put, section, text, texts_of

_REQUEST = (("http_method", "method"), ("http_refer", "referrer"))


def describe_http(eve: Section, document: Document) -> None:
    """Fills http, url, user_agent, the server's domain and the outcome of the request."""
    http = section(eve, "http")
    status = count(http, "status")
    about = _about(http, status)
    if about:
        document["http"] = about
    host = _host(text(http, "hostname"))
    target = text(http, "url")
    url = _url(target, host, count(http, "http_port"))
    if url:
        document["url"] = url
    agent = text(http, "http_user_agent")
    if agent is not None:
        document["user_agent"] = {"original": agent}
    if host is not None:
        describe_server_name(eve, document, host)
    if eve["event_type"] == "http":
        if status is not None:
            document["event"]["outcome"] = "success" if status < 400 else "failure"
        document["message"] = _message(http, f"{host or ''}{target or ''}")


def describe_server_name(eve: Section, document: Document, host: str) -> None:
    """A name the client asked for belongs to the server: the destination, or the source of a reply.

    `fileinfo` does not say which way it went, so its ends get no name.
    """
    add_related(document, "hosts", host)
    # Every address ends in a digit or has a colon; most names are seen to be none by that.
    address = canonical_address(host) if ":" in host or host[-1].isdigit() else None
    if address is not None:
        add_related(document, "ip", address)
        return
    if eve["event_type"] == "fileinfo":
        return
    end = document.get("source" if eve.get("direction") == "to_client" else "destination")
    if end is not None:
        end["domain"] = host


def _about(http: Section, status: int | None) -> Document:
    about: Document = {}
    protocol = text(http, "protocol")
    if protocol is not None:
        put(about, "version", protocol.removeprefix("HTTP/") or None)
    request = texts_of(http, _REQUEST)
    if request:
        about["request"] = request
    response: Document = {} if status is None else {"status_code": status}
    put(response, "mime_type", text(http, "http_content_type"))
    length = count(http, "length")
    if length is not None:
        response["body"] = {"bytes": length}
    if response:
        about["response"] = response
    return about


def _host(hostname: str | None) -> str | None:
    """The host of a Host header: no port, no brackets, lower case."""
    if hostname is None:
        return None
    if hostname.startswith("["):
        return hostname[1:].partition("]")[0] or None
    if ":" in hostname:
        name, _, port = hostname.rpartition(":")
        if port.isdigit() and ":" not in name:
            hostname = name
    return hostname.lower() or None


def _url(target: str | None, host: str | None, port: int | None) -> Document:
    url: Document = {}
    if target is not None:
        url["original"] = target
        rest, _, fragment = target.partition("#")
        path, _, query = rest.partition("?")
        if "://" in path:
            path = "/" + path.partition("://")[2].partition("/")[2]
        if path:
            url["path"] = path
        if query:
            url["query"] = query
        if fragment:
            url["fragment"] = fragment
    put(url, "domain", host)
    put(url, "port", port)
    return url


def _message(http: Section, where: str) -> str:
    message = text(http, "http_method") or "HTTP"
    if where:
        message = f"{message} {where}"
    status = http.get("status")
    return f"{message} {status}" if status else message
