"""The `fileinfo` section of EVE, and the `files` of an alert: files seen in traffic and their hashes."""

from collectors.suricata.ecs_endpoints import Document, add_related
from collectors.suricata.eve_values import Section, count, put, section, sections, text, texts_of

_HASHES = (("md5", "md5"), ("sha1", "sha1"), ("sha256", "sha256"))


def describe_file(eve: Section, document: Document) -> None:
    """Fills file: path, name, size, hashes."""
    about = section(eve, "fileinfo")
    path = text(about, "filename")
    hashes = texts_of(about, _HASHES)
    file: Document = {}
    if path is not None:
        file["path"] = path
        name = path.replace("\\", "/").rstrip("/").rpartition("/")[2]
        if name:
            file["name"] = name
    put(file, "size", count(about, "size"))
    if hashes:
        file["hash"] = hashes
    if file:
        document["file"] = file
    for value in hashes.values():
        add_related(document, "hash", value)
    if "message" not in document:
        document["message"] = "file" if path is None else f"file {path}"


def relate_files(eve: Section, document: Document) -> None:
    """The hashes of an alert's files."""
    for about in sections(eve, "files"):
        for value in texts_of(about, _HASHES).values():
            add_related(document, "hash", value)
