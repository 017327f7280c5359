"""How processes log: one line an event, UTC, `key=value` fields, to standard error, which the supervisor keeps."""

import logging
import time


def configure_logging(level: int = logging.INFO) -> None:
    """Called once by a process's command. Libraries speak from warnings upwards only."""
    handler = logging.StreamHandler()
    formatter = logging.Formatter("%(asctime)s %(levelname)s %(name)s %(message)s", "%Y-%m-%dT%H:%M:%SZ")
    formatter.converter = time.gmtime
    handler.setFormatter(formatter)
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(logging.WARNING)
    for part in ("wardwatch", "collectors", "detectors", "drills", "playbooks", "api", "dashboards"):
        logging.getLogger(part).setLevel(level)
