"""When what was appended is seen: the server shows it after a refresh, and readers are who asks for one.

While nobody reads, indices are not refreshed (each refresh writes a segment, which costs the appends); a reader
refreshes what was written to, at most once in `refresh_s`. With `refresh_s` 0 every read sees every append before it.
"""

import threading
import time
from collections.abc import Callable, Iterable

from elasticsearch import Elasticsearch

from wardwatch.records.elastic.client import faults
from wardwatch.records.elastic.settings import ElasticSettings


class Visibility:
    """Knows which indices were written to since they were last refreshed: at the start, perhaps all. Thread-safe."""

    def __init__(
        self, client: Elasticsearch, settings: ElasticSettings, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._client = client
        self._refresh_s = settings.refresh_s
        self._monotonic = monotonic
        self._written = {f"{settings.prefix}-*"}
        self._changing = threading.Lock()
        self._refreshing = threading.Lock()
        self._refreshed_at: float | None = None

    def wrote(self, indices: Iterable[str]) -> None:
        """These indices, or their aliases, took something: to be called after the acknowledgement."""
        with self._changing:
            self._written.update(indices)

    def before_read(self) -> None:
        """Makes visible what was appended up to `refresh_s` ago."""
        if self._refreshed_at is None or self._monotonic() - self._refreshed_at >= self._refresh_s:
            self.refresh()

    def refresh(self) -> bool:
        """Makes everything visible; whether there was anything that may not have been."""
        # Who comes while another refreshes waits for it: what they look for may be in that very refresh.
        with self._refreshing:
            with self._changing:
                names, self._written = sorted(self._written), set()
            if not names:
                return False
            try:
                with faults("refreshing"):
                    # A list of a few days and kinds; by and by the names of all of them, so it goes in portions.
                    for start in range(0, len(names), 32):
                        self._client.indices.refresh(index=",".join(names[start : start + 32]), ignore_unavailable=True)
            except BaseException:
                self.wrote(names)
                raise
            self._refreshed_at = self._monotonic()
            return True
