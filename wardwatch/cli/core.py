"""`wardwatch core`: stores, detection, API and live stream."""

from wardwatch.app import AppSettings
from wardwatch.app.core import run_core
from wardwatch.cli.processes import (
    DEFAULT_DATA,
    DEFAULT_LISTEN,
    DataOption,
    IntervalOption,
    ListenOption,
    parse_listen,
    run_process,
)
from wardwatch.settings import DataFolder


def command(
    data: DataOption = DEFAULT_DATA, listen: ListenOption = DEFAULT_LISTEN, interval: IntervalOption = 60.0
) -> None:
    """Runs the core: record and state stores, detection, API and live stream."""
    run_process(run_core(AppSettings(DataFolder(data), parse_listen(listen), interval)))
