"""The whole Elasticsearch store as files: each index with its definition, and its documents byte by byte as they were
sent.

The server's own snapshots want a folder that all nodes share, which few small clusters have; this needs nothing but the
right to read. The instant is that of a point in time (PIT), so that appends and retention go on meanwhile.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import orjson
from elasticsearch import Elasticsearch
from elasticsearch.serializer import JsonSerializer

from wardwatch.records.elastic.client import connected, faults
from wardwatch.records.elastic.indices import made_by_us
from wardwatch.records.elastic.settings import ElasticSettings
from wardwatch.row_files import SUFFIX, RowFile

PREFIX = "prefix"
_KEEP = "10m"
_PAGE = 500


class _Hit(msgspec.Struct):
    source: msgspec.Raw = msgspec.field(name="_source")
    id: str = msgspec.field(name="_id")
    sort: list[Any]


class _Hits(msgspec.Struct):
    hits: list[_Hit]


class _Page(msgspec.Struct):
    pit_id: str
    hits: _Hits


class _Pages(JsonSerializer):
    """Leaves documents as the bytes they are: numbers that no Python type holds come back as they went."""

    def json_loads(self, data: bytes) -> Any:
        try:
            return msgspec.json.decode(data, type=_Page)
        except msgspec.ValidationError:
            return orjson.loads(data)


class ElasticSnapshot:
    """`wardwatch.ports.Snapshot` of the Elasticsearch store."""

    def __init__(self, client: Elasticsearch, settings: ElasticSettings) -> None:
        self._client = client
        self._prefix = settings.prefix
        self._pages = connected(settings, _Pages())
        everything = f"{settings.prefix}-*"
        try:
            with faults("taking a snapshot of"):
                client.indices.refresh(index=everything)
                found = client.indices.get(index=everything).body
                self._indices = {name: about for name, about in sorted(found.items()) if made_by_us(about)}
                self._pit = client.open_point_in_time(index=everything, keep_alive=_KEEP).body["id"]
        except BaseException:
            self._pages.close()
            raise

    def write(self, folder: Path) -> dict[str, int]:
        (folder / PREFIX).write_text(f"{self._prefix}\n", encoding="ascii")
        return {name: self._write(name, about, folder) for name, about in self._indices.items()}

    def close(self) -> None:
        self._pages.close()
        with faults("ending a snapshot of"):
            self._client.options(ignore_status=404).close_point_in_time(id=self._pit)

    def _write(self, name: str, about: Any, folder: Path) -> int:
        """A line of JSON for each document: its id and itself."""
        (folder / f"{name}.json").write_bytes(orjson.dumps(about))
        with RowFile(folder / f"{name}{SUFFIX}") as file:
            for hit in self._documents(name):
                file.add(b"[%b,%b]" % (orjson.dumps(hit.id), bytes(hit.source)))
        return file.rows

    def _documents(self, name: str) -> Iterator[_Hit]:
        after: dict[str, Any] = {}
        while True:
            with faults("taking a snapshot of"):
                answer = self._pages.search(
                    size=_PAGE,
                    pit={"id": self._pit, "keep_alive": _KEEP},
                    query={"term": {"_index": name}},
                    sort="_shard_doc",
                    track_total_hits=False,
                    **after,
                )
            page: _Page = answer.body
            self._pit = page.pit_id
            yield from page.hits.hits
            if len(page.hits.hits) < _PAGE:
                return
            after = {"search_after": page.hits.hits[-1].sort}
