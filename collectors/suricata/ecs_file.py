"""The `fileinfo` section of EVE, and the `files` of an alert: files seen in traffic and their hashes."""

from collectors.suricata.ecs_endpoints import Document, add_related
from collectors.suricata.eve_values import Section, count, filled, kept, section, sections, text

_KEPT = ("state", "stored", "gaps", "file_id", "tx_id", "magic", "storing", "sid")


def describe_file(eve: Section, document: Document) -> None:
    """Fills file: path, name, size, hashes."""
    about = section(eve, "fileinfo")
    path = text(about, "filename")
    hashes = _hashes(about)
    document["file"] = filled(
        path=path,
        name=(path or "").replace("\\", "/").rstrip("/").rpartition("/")[2] or None,
        size=count(about, "size"),
        hash=hashes,
    )
    for value in hashes.values():
        add_related(document, "hash", value)
    document["suricata"]["eve"]["fileinfo"] = kept(about, _KEPT)
    document.setdefault("message", " ".join(word for word in ("file", path) if word))


def relate_files(eve: Section, document: Document) -> None:
    """The hashes of an alert's files; the list itself stays under `suricata.eve.files`."""
    for about in sections(eve, "files"):
        for value in _hashes(about).values():
            add_related(document, "hash", value)


def _hashes(about: Section) -> Section:
    return filled(md5=text(about, "md5"), sha1=text(about, "sha1"), sha256=text(about, "sha256"))
