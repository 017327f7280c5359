"""What every protocol's records have in common: who did what to what, and whether it worked.

A record of the protocol itself says so in `event.action`, `event.outcome` and `message`; where another record carries
the same section (an alert its `smb`), those three belong to that record.
"""

from collectors.suricata.ecs_endpoints import Document, add_related
from collectors.suricata.eve_values import Section


def tell_deed(
    eve: Section, document: Document, kind: str, action: str | None, succeeded: bool | None, about: str | None = None
) -> None:
    """Sets action and outcome of a record of that kind, and its line for lists."""
    if eve["event_type"] != kind:
        return
    event = document["event"]
    if action is not None:
        event["action"] = action
    if succeeded is not None:
        event["outcome"] = "success" if succeeded else "failure"
    if "message" not in document:
        document["message"] = " ".join([word for word in (kind, action, about) if word])


def name_user(document: Document, name: str | None, domain: str | None = None) -> None:
    """Who acted, once a document: the first section that knows a name."""
    if name is None:
        return
    add_related(document, "user", name)
    if "user" not in document:
        document["user"] = {"name": name} if domain is None else {"name": name, "domain": domain}


def name_file(document: Document, path: str | None, size: int | None = None) -> None:
    """What was acted on, unless the record says more of its file elsewhere."""
    if path is None or "file" in document:
        return
    file: Document = {"path": path}
    name = path.replace("\\", "/").rstrip("/").rpartition("/")[2]
    if name:
        file["name"] = name
    if size is not None:
        file["size"] = size
    document["file"] = file
