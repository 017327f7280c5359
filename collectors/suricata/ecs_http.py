"""The `http` section of EVE: request, response, URL and user agent."""

from collectors.suricata.ecs_endpoints import Document, add_related, canonical_address
from collectors.suricata.eve_values import Section, count, filled, kept, section, text

_KEPT = ("xff", "redirect", "http_content_type", "content_range", "http2")


def describe_http(eve: Section, document: Document) -> None:
    """Fills http, url, user_agent, the server's domain and the outcome of the request."""
    http = section(eve, "http")
    status = count(http, "status")
    document["http"] = filled(
        version=(text(http, "protocol") or "").removeprefix("HTTP/") or None,
        request=filled(method=text(http, "http_method"), referrer=text(http, "http_refer")),
        response=filled(
            status_code=status,
            mime_type=text(http, "http_content_type"),
            body=filled(bytes=count(http, "length")),
        ),
    )
    host = _host(text(http, "hostname"))
    url = _url(text(http, "url"), host, count(http, "http_port"))
    if url:
        document["url"] = url
    agent = text(http, "http_user_agent")
    if agent is not None:
        document["user_agent"] = {"original": agent}
    if host is not None:
        describe_server_name(eve, document, host)
    if status is not None and document["event"]["dataset"] == "suricata.http":
        document["event"]["outcome"] = "success" if status < 400 else "failure"
    remaining = kept(http, _KEPT)
    if remaining:
        document["suricata"]["eve"]["http"] = remaining
    if document["event"]["dataset"] == "suricata.http":
        document["message"] = _message(http, host)


def describe_server_name(eve: Section, document: Document, host: str) -> None:
    """A name the client asked for belongs to the server: the destination, or the source of a reply.

    `fileinfo` does not say which way it went, so its ends get no name.
    """
    add_related(document, "hosts", host)
    known = canonical_address(host)
    if known is not None:
        add_related(document, "ip", known[0])
        return
    if document["event"]["dataset"] == "suricata.fileinfo":
        return
    end = document.get("source" if eve.get("direction") == "to_client" else "destination")
    if end is not None:
        end["domain"] = host


def _host(hostname: str | None) -> str | None:
    """The host of a Host header: no port, no brackets, lower case."""
    if hostname is None:
        return None
    if hostname.startswith("["):
        return hostname[1:].partition("]")[0] or None
    name, colon, port = hostname.rpartition(":")
    return (name if colon and port.isdigit() and ":" not in name else hostname).lower() or None


def _url(target: str | None, host: str | None, port: int | None) -> Document:
    if target is None:
        return filled(domain=host, port=port)
    rest, _, fragment = target.partition("#")
    path, _, query = rest.partition("?")
    if "://" in path:
        path = "/" + path.partition("://")[2].partition("/")[2]
    return filled(
        original=target, path=path or None, query=query or None, fragment=fragment or None, domain=host, port=port
    )


def _message(http: Section, host: str | None) -> str:
    words = (text(http, "http_method") or "HTTP", f"{host or ''}{text(http, 'url') or ''}", http.get("status"))
    return " ".join(str(word) for word in words if word)
