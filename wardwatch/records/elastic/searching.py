"""One search: whole or not at all, and empty where there is no index."""

from typing import Any

from elasticsearch import Elasticsearch

from wardwatch.records.elastic.client import faults

_WHOLE = {"ignore_unavailable": "true", "allow_no_indices": "true", "allow_partial_search_results": "false"}


def search(client: Elasticsearch, indices: str, ask: dict[str, Any]) -> dict[str, Any]:
    """The server's answer. Raises `StoreFault` rather than answer from a part of the records."""
    with faults("reading"):
        answer = client.perform_request(
            "POST",
            f"/{indices}/_search",
            params=_WHOLE,
            headers={"content-type": "application/json", "accept": "application/json"},
            body={"track_total_hits": False, **ask},
        )
    body: dict[str, Any] = answer.body
    return body
