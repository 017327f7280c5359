"""`wardwatch collect`: polls devices and ships what they say."""

from wardwatch.app import AppSettings
from wardwatch.app.collect import run_collect
from wardwatch.cli.processes import DEFAULT_DATA, DataOption, IntervalOption, run_process
from wardwatch.settings import DataFolder


def command(data: DataOption = DEFAULT_DATA, interval: IntervalOption = 60.0) -> None:
    """Polls every device of the inventory by SNMP and ships the readings to the core."""
    run_process(run_collect(AppSettings(DataFolder(data), interval_s=interval)))
