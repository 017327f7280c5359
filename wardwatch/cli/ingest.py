"""`wardwatch ingest`: follows Suricata's events and ships them."""

from wardwatch.app import AppSettings
from wardwatch.app.ingest import run_ingest
from wardwatch.cli.processes import DEFAULT_DATA, DataOption, run_process
from wardwatch.settings import DataFolder


def command(data: DataOption = DEFAULT_DATA) -> None:
    """Follows the eve.json files of the data folder, maps them to ECS and ships them to the core."""
    run_process(run_ingest(AppSettings(DataFolder(data))))
