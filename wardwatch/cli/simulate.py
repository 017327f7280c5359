"""`wardwatch simulate`: an inventory that answers SNMP on loopback addresses."""

import signal
from pathlib import Path
from types import FrameType
from typing import Annotated

import typer

from collectors.snmp.simulator.config import SimulatorSettings
from collectors.snmp.simulator.fault_documents import load_faults
from collectors.snmp.simulator.faults import FaultSchedule
from collectors.snmp.simulator.simulator import Simulator
from wardwatch.cli.data import open_data
from wardwatch.cli.processes import DEFAULT_DATA, DataOption
from wardwatch.inventory.exchange import import_inventory
from wardwatch.model.inventory import Inventory
from wardwatch.model.time import utc_now
from wardwatch.secrets import Secrets
from wardwatch.settings import DataFolder
from wardwatch.supervision import call_when_released


def command(
    data: DataOption = DEFAULT_DATA,
    inventory: Annotated[
        Path | None, typer.Option(help="Inventory documents to simulate, instead of the data folder's inventory.")
    ] = None,
    faults: Annotated[Path | None, typer.Option(help="Faults file: what goes wrong and when.")] = None,
    seed: Annotated[int, typer.Option(help="The same seed and inventory make the same city.", min=0)] = 1,
    secrets: Annotated[
        Path | None, typer.Option(help="Folder of secret files, instead of the data folder's secrets.")
    ] = None,
) -> None:
    """Answers SNMP v2c and v3 for every device of an inventory; SIGUSR1 prints what was counted, SIGTERM ends it."""
    folder = DataFolder(data)
    city = import_inventory([inventory]) if inventory is not None else _stored(data)
    start = utc_now()
    schedule = load_faults(faults, start, city) if faults is not None else FaultSchedule()
    words = Secrets(secrets or folder.secrets)
    simulator = Simulator(SimulatorSettings(seed=seed), city, words.resolve, schedule, utc_now)
    simulator.start()

    def report(_signal: int, _frame: FrameType | None) -> None:
        typer.echo(f"counted {simulator.counts}")

    signal.signal(signal.SIGUSR1, report)
    call_when_released(simulator.stop)
    ports = ", ".join(str(port) for port in simulator.ports)
    typer.echo(f"simulating {len(city.devices):,} devices on lo:{ports}")
    simulator.run()
    typer.echo(f"stopped; counted {simulator.counts}")


def _stored(data: Path) -> Inventory:
    """The inventory of a data folder."""
    with open_data(data, must_exist=True) as opened:
        return opened.inventory
