"""One search: whole or not at all, and empty where there is no index."""

import time
from typing import Any

from elasticsearch import ApiError, Elasticsearch

from wardwatch.records.elastic.client import faults

_NOT_YET = 503
"""What a search is told while the shard of an index made this very moment starts, or moves."""
_PAUSES_S = (0.05, 0.1, 0.2, 0.4, 0.8)
_WHOLE = {"ignore_unavailable": "true", "allow_no_indices": "true", "allow_partial_search_results": "false"}


def search(client: Elasticsearch, indices: str, ask: dict[str, Any]) -> dict[str, Any]:
    """The server's answer. Raises `StoreFault` rather than answer from a part of the records."""
    with faults("reading"):
        for pause_s in _PAUSES_S:
            try:
                return _search(client, indices, ask)
            except ApiError as error:
                if error.status_code != _NOT_YET:
                    raise
            time.sleep(pause_s)
        return _search(client, indices, ask)


def _search(client: Elasticsearch, indices: str, ask: dict[str, Any]) -> dict[str, Any]:
    body: dict[str, Any] = client.perform_request(
        "POST",
        f"/{indices}/_search",
        params=_WHOLE,
        headers={"content-type": "application/json", "accept": "application/json"},
        body={"track_total_hits": False, **ask},
    ).body
    return body
