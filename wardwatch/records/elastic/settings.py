"""How the record store reaches Elasticsearch, and how it keeps its indices."""

from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path


@dataclass(frozen=True, slots=True)
class ElasticSettings:
    """`urls` are the nodes (https, except on loopback); `api_key` is the key itself, read from its secret; `ca` a file
    of the authority that signed the nodes' certificates (None: the system's).

    A bulk request is cut at `bulk_bytes`. A node that is busy or away is asked again for `patience_s`; then the batch
    stays at its edge. What was appended is seen after at most `refresh_s`. Ages count from the day in an index's name:
    of admission for events and rejected lines, of the sample itself for samples.
    """

    urls: tuple[str, ...]
    api_key: str | None = field(default=None, repr=False)
    ca: Path | None = None
    prefix: str = "wardwatch"
    shards: int = 1
    replicas: int = 0
    bulk_bytes: int = 3 * 1024 * 1024
    timeout_s: float = 30.0
    patience_s: float = 20.0
    refresh_s: float = 1.0
    keep_events: timedelta = timedelta(days=400)
    keep_samples: timedelta = timedelta(days=400)
    keep_rejected: timedelta = timedelta(days=90)
