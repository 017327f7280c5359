"""`wardwatch simulate`: an inventory that answers SNMP on loopback addresses, and tells by traps, syslog and flows."""

import contextlib
import ipaddress
import signal
from pathlib import Path
from types import FrameType
from typing import Annotated

import typer

from collectors.flows.simulator.exporting import Exporting, ExportingSettings
from collectors.reception.simulator.stories import STORIES
from collectors.reception.simulator.telling import Telling, TellingSettings
from collectors.snmp.simulator.config import SimulatorSettings
from collectors.snmp.simulator.fault_documents import load_faults
from collectors.snmp.simulator.faults import FaultSchedule
from collectors.snmp.simulator.simulator import Simulator
from wardwatch.cli.data import open_data
from wardwatch.cli.processes import DEFAULT_DATA, DataOption
from wardwatch.errors import UserError
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
    traps: Annotated[str | None, typer.Option(help="ADDRESS:PORT that devices send traps to.")] = None,
    syslog: Annotated[str | None, typer.Option(help="ADDRESS:PORT that devices send syslog to, over UDP.")] = None,
    flows: Annotated[
        str | None, typer.Option(help="ADDRESS:PORT that routers export NetFlow, IPFIX and sFlow to.")
    ] = None,
    per_minute: Annotated[
        float, typer.Option(help="How many things a minute devices tell of by traps and syslog.", min=0.01, max=6000)
    ] = 2.0,
    scenario: Annotated[
        list[str] | None, typer.Option(help=f"What befalls devices, repeatable: {', '.join(STORIES)}. All by default.")
    ] = None,
) -> None:
    """Answers SNMP v2c and v3 for every device of an inventory; SIGUSR1 prints what was counted, SIGTERM ends it."""
    folder = DataFolder(data)
    city = import_inventory([inventory]) if inventory is not None else _stored(data)
    telling = _telling(traps, syslog, per_minute, scenario, seed, city)
    to_flows = _target(flows, "--flows")
    exporting = Exporting(ExportingSettings(to_flows, seed=seed), city, utc_now) if to_flows else None
    start = utc_now()
    schedule = load_faults(faults, start, city) if faults is not None else FaultSchedule()
    words = Secrets(secrets or folder.secrets)
    simulator = Simulator(SimulatorSettings(seed=seed), city, words.resolve, schedule, utc_now)
    simulator.start()

    def report(_signal: int, _frame: FrameType | None) -> None:
        typer.echo(f"counted {simulator.counts}")
        if telling is not None or exporting is not None:
            typer.echo(f"told {_listed(telling, exporting)}")

    signal.signal(signal.SIGUSR1, report)
    call_when_released(simulator.stop)
    ports = ", ".join(str(port) for port in simulator.ports)
    typer.echo(f"simulating {len(city.devices):,} devices on lo:{ports}")
    with telling or contextlib.nullcontext(), exporting or contextlib.nullcontext():
        simulator.run()
    typer.echo(f"stopped; counted {simulator.counts}")
    if telling is not None or exporting is not None:
        typer.echo(f"told {_listed(telling, exporting)}")


def _telling(
    traps: str | None, syslog: str | None, per_minute: float, scenario: list[str] | None, seed: int, city: Inventory
) -> Telling | None:
    """What makes the devices tell; None where nobody is to hear it. Raises `UserError`."""
    stories = tuple(scenario or STORIES)
    for name in stories:
        if name not in STORIES:
            raise UserError(f"there is no scenario {name!r}", f"known are {', '.join(STORIES)}")
    if traps is None and syslog is None:
        if scenario:
            raise UserError("a scenario needs somebody who hears of it", "give --traps, --syslog or both")
        return None
    to_traps, to_syslog = _target(traps, "--traps"), _target(syslog, "--syslog")
    return Telling(TellingSettings(to_traps, to_syslog, per_minute, stories, seed), city, utc_now)


def _target(text: str | None, option: str) -> tuple[str, int] | None:
    """An IPv4 address of this machine and a port: what simulated devices can reach from loopback addresses."""
    if text is None:
        return None
    host, _, port = text.rpartition(":")
    try:
        if not ipaddress.IPv4Address(host).is_loopback or not 0 < int(port) < 65_536:
            raise ValueError
    except ValueError:
        raise UserError(f"{option} {text!r} is no loopback address with a port", "write 127.0.0.1:1162") from None
    return host, int(port)


def _listed(*tellers: Telling | Exporting | None) -> str:
    told = [each for teller in tellers if teller is not None for each in sorted(teller.counts.items())]
    return ", ".join(f"{name}={count}" for name, count in told) or "nothing"


def _stored(data: Path) -> Inventory:
    """The inventory of a data folder."""
    with open_data(data, must_exist=True) as opened:
        return opened.inventory
