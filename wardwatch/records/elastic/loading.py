"""What a snapshot wrote, back into Elasticsearch: the indices as they were, under the names of the settings."""

import logging
import random
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import msgspec
import orjson
from elasticsearch import Elasticsearch

from wardwatch.errors import StoreFault, UserError
from wardwatch.records.elastic.client import connected, faults
from wardwatch.records.elastic.indices import made_by_us
from wardwatch.records.elastic.settings import ElasticSettings
from wardwatch.records.elastic.snapshot import PREFIX
from wardwatch.row_files import SUFFIX, read_rows

log = logging.getLogger(__name__)

_BUSY = frozenset({429, 502, 503, 504})
_THERE = frozenset({200, 201, 409})
_HEADERS = {"accept": "application/json", "content-type": "application/x-ndjson"}
_DECODER = msgspec.json.Decoder(tuple[str, msgspec.Raw])
_FORMER = ("uuid", "creation_date", "version", "provided_name", "history", "resize", "routing")
"""What the server itself says of an index, and of nodes that may be gone."""


def load_elastic(settings: ElasticSettings, folder: Path, rows: Mapping[str, int], replace: bool) -> None:
    """Makes the indices of a snapshot and fills them. Raises `UserError` where the cluster holds records under the
    prefix already, unless they are to be replaced, and `StoreFault` where it does not take everything."""
    client = connected(settings)
    try:
        _make_room(client, settings.prefix, replace)
        former = (folder / PREFIX).read_text(encoding="ascii").strip()
        for index, expected in rows.items():
            definition = orjson.loads((folder / f"{index}.json").read_bytes())
            name = _renamed(index, former, settings.prefix)
            _make(client, name, definition, former, settings)
            own_ids = definition["settings"]["index"].get("mode") != "time_series"
            _fill(client, settings, name, folder / f"{index}{SUFFIX}", own_ids)
            _check(client, name, expected)
    finally:
        client.close()


def _make_room(client: Elasticsearch, prefix: str, replace: bool) -> None:
    with faults("asking for the indices of"):
        found = client.indices.get(index=f"{prefix}-*").body
        ours = [name for name, about in found.items() if made_by_us(about)]
        if ours and not replace:
            raise UserError(
                f"Elasticsearch holds {len(ours)} indices {prefix}-* already", "add --replace to delete them first"
            )
        for name in ours:
            client.indices.delete(index=name, ignore_unavailable=True)


def _renamed(name: str, former: str, prefix: str) -> str:
    return prefix + name.removeprefix(former)


def _make(client: Elasticsearch, name: str, about: Any, former: str, settings: ElasticSettings) -> None:
    kept = {key: value for key, value in about["settings"]["index"].items() if key not in _FORMER}
    aliases = {_renamed(alias, former, settings.prefix): way for alias, way in about["aliases"].items()}
    with faults("making an index of"):
        client.indices.create(
            index=name,
            settings={"index": {**kept, "number_of_replicas": settings.replicas}},
            mappings=about["mappings"],
            aliases=aliases,
        )


def _fill(client: Elasticsearch, settings: ElasticSettings, name: str, file: Path, own_ids: bool) -> None:
    part, size = list[bytes](), 0
    for row in read_rows(file):
        record_id, source = _DECODER.decode(row)
        # The server itself makes the ids of time series, from their dimensions and times.
        part += [orjson.dumps({"create": {"_id": record_id} if own_ids else {}}), bytes(source)]
        size += len(row)
        if size > settings.bulk_bytes:
            _send(client, name, part, settings.patience_s)
            part, size = [], 0
    if part:
        _send(client, name, part, settings.patience_s)


def _send(client: Elasticsearch, name: str, part: list[bytes], patience_s: float) -> None:
    """Sends until everything is there; what an earlier try has stored is there already (409)."""
    deadline = time.monotonic() + patience_s
    for pause in _pauses():
        with faults("filling"):
            path = f"/{name}/_bulk?filter_path=errors,items.*.status,items.*.error.type,items.*.error.reason"
            answer = client.options(ignore_status=list(_BUSY)).perform_request(
                "POST", path, headers=_HEADERS, body=b"\n".join([*part, b""])
            )
        left = [about for about in _members(answer.body) if about["status"] not in _THERE]
        if answer.meta.status not in _BUSY and not left:
            return
        lasting = next((about for about in left if about["status"] not in _BUSY), None)
        if lasting is not None:
            raise StoreFault(f"the index {name} refuses a record of the backup: {lasting.get('error')}")
        if time.monotonic() + pause > deadline:
            raise StoreFault(f"Elasticsearch is too busy to fill {name}", "restore again when it is not")
        time.sleep(pause)


def _members(body: Any) -> Iterator[Any]:
    if isinstance(body, dict) and body.get("errors"):
        for item in body.get("items", ()):
            yield from item.values()


def _pauses() -> Iterator[float]:
    pause = 0.2
    while True:
        yield pause * (0.5 + random.random())
        pause = min(2 * pause, 5.0)


def _check(client: Elasticsearch, name: str, expected: int) -> None:
    with faults("counting"):
        client.indices.refresh(index=name)
        found = client.count(index=name).body["count"]
    if found != expected:
        raise StoreFault(f"the index {name} has {found} of {expected} records", "restore again with --replace")
    log.info("index restored index=%s records=%d", name, found)
