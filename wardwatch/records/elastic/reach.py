"""Whether the nodes answer, asked without changing anything."""

from wardwatch.records.elastic.client import connected, faults
from wardwatch.records.elastic.settings import ElasticSettings


def reach(settings: ElasticSettings) -> str:
    """The colour of the cluster's health and its number of nodes. Raises `UserError` or `StoreFault` that says what to
    do."""
    client = connected(settings)
    try:
        with faults("reaching"):
            health = client.cluster.health().body
    finally:
        client.close()
    return f"{health['status']}, {health['number_of_nodes']} nodes"
