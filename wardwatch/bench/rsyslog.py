"""Debian's rsyslog with its way into Elasticsearch, over the same lines: what WardWatch is measured against.

It ships what it can: the raw record with `@timestamp`, mapping nothing. Its settings are the best that were found (one
worker with large batches). It is measured into an index as the server makes one for it, and into one that an operator
has prepared: strings as keywords only, no dates to be guessed, room for all fields.
"""

import json
import shutil
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

INDEX = "rsyslog-eve"
BATCH = 5000
_QUIET_S = 8.0
"""When the count has not grown for so long, nothing more comes: a batch is under way for less than a second."""

_STRINGS = {"match_mapping_type": "string", "mapping": {"type": "keyword", "ignore_above": 1024}}
_MAPPINGS = {
    "date_detection": False,
    "dynamic_templates": [{"strings": _STRINGS}],
    "properties": {"@timestamp": {"type": "date"}},
}
_SETTINGS = {
    "number_of_shards": 1,
    "number_of_replicas": 0,
    "refresh_interval": "30s",
    "mapping": {"total_fields": {"limit": 5000}},
}
_CONFIGURATION = """
global(workDirectory="{folder}" maxMessageSize="1m")
main_queue(queue.type="FixedArray" queue.size="50000" queue.dequeueBatchSize="2000" queue.workerThreads="1")
module(load="imfile" mode="inotify")
module(load="omelasticsearch")
template(name="document" type="list") {{
  constant(value="{{\\"@timestamp\\":\\"")
  property(name="msg" position.from="15" position.to="40")
  constant(value="Z\\",")
  property(name="msg" position.from="2")
}}
ruleset(name="ship") {{
  action(
    type="omelasticsearch" server="127.0.0.1" serverport="{port}" searchIndex="{index}" searchType=""
    template="document" bulkmode="on" maxbytes="20m" errorFile="{folder}/errors.json"
    queue.type="LinkedList" queue.size="200000" queue.dequeueBatchSize="{batch}" queue.workerThreads="1"
    queue.timeoutEnqueue="-1" action.resumeRetryCount="-1"
  )
}}
input(type="imfile" file="{lines}" tag="eve:" ruleset="ship")
"""


def is_there() -> bool:
    """Whether rsyslog and its Elasticsearch output are installed."""
    plugins = Path("/usr/lib").glob("*/rsyslog/omelasticsearch.so")
    return shutil.which("rsyslogd", path="/usr/sbin:/usr/bin:/sbin:/bin") is not None and any(plugins)


def measure(lines: Path, count: int, port: int, folder: Path) -> dict[str, Any]:
    """Ships a file of so many lines into fresh indices of the node at that port, each until no more arrive.

    `events_per_s` is what is stored by the time until the last was, `lost` what never arrived; `prepared_index` is the
    same for an index that an operator has prepared.
    """
    plain = {"settings": {"number_of_replicas": 0}}
    prepared = {"settings": _SETTINGS, "mappings": _MAPPINGS}
    return {
        **_ship(lines, count, port, folder / "plain", plain),
        "prepared_index": _ship(lines, count, port, folder / "prepared", prepared),
    }


def _ship(lines: Path, count: int, port: int, folder: Path, made: dict[str, Any]) -> dict[str, Any]:
    folder.mkdir(parents=True)
    index = f"http://127.0.0.1:{port}/{INDEX}"
    _ask("PUT", index, made)
    began = arrived = time.monotonic()
    stored = 0
    with _running(folder, _CONFIGURATION.format(folder=folder, port=port, index=INDEX, batch=BATCH, lines=lines)):
        while stored < count and time.monotonic() - arrived < _QUIET_S:
            time.sleep(0.25)
            # Asked without a refresh, which would cost the one that is measured.
            taken = int(_ask("GET", f"{index}/_stats/indexing")["_all"]["primaries"]["indexing"]["index_total"])
            if taken != stored:
                stored, arrived = taken, time.monotonic()
    _ask("POST", f"{index}/_refresh")
    kept = int(_ask("GET", f"{index}/_count")["count"])
    _ask("DELETE", index)
    return {"events_per_s": round(kept / (arrived - began)), "lost": count - kept}


def _ask(method: str, url: str, body: object = None) -> Any:
    data = None if body is None else json.dumps(body).encode()
    asked = urllib.request.Request(url, data, {"content-type": "application/json"}, method=method)
    with urllib.request.urlopen(asked, timeout=60) as answer:
        return json.load(answer)


@contextmanager
def _running(folder: Path, configuration: str) -> Iterator[None]:
    """An rsyslogd of our own, beside whatever the system runs."""
    (folder / "rsyslog.conf").write_text(configuration)
    command = ["/usr/sbin/rsyslogd", "-n", "-f", str(folder / "rsyslog.conf"), "-i", str(folder / "pid")]
    with (folder / "rsyslog.log").open("wb") as log:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT)
    try:
        yield
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
