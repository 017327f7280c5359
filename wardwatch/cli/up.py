"""`wardwatch up`: a whole installation with one command."""

import asyncio
import fcntl
import http.client
import logging
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from wardwatch import service
from wardwatch.app.reporting import Reporter
from wardwatch.cli.examination import PORT_ADVICE, beyond_socket_path, cannot_listen
from wardwatch.cli.processes import DEFAULT_LISTEN, IntervalOption, ListenOption, parse_listen
from wardwatch.demo.variants import ADMINISTRATOR_FILE, DemoVariant, login_words
from wardwatch.errors import SystemFault, UserError
from wardwatch.installation import Installation, read_installation, read_reception
from wardwatch.leftovers import end_leftovers, marked
from wardwatch.logs import configure_logging
from wardwatch.model.time import utc_now
from wardwatch.settings import DataFolder, Listen
from wardwatch.shipping import CoreConnection
from wardwatch.supervision import ProcessPlan, Supervisor, until_released_or_failed

DEMO_INTERVAL_S = 30.0
DEMO_SNMP_PORT = 16161
CORE = "core"


def command(
    demo: Annotated[bool, typer.Option("--demo", help="A simulated city: inventory, devices and attacks.")] = False,
    data: Annotated[Path | None, typer.Option("--data", help="Data folder.")] = None,
    listen: ListenOption = DEFAULT_LISTEN,
    interval: IntervalOption = 60.0,
    variant: Annotated[DemoVariant, typer.Option(help="Which city the demo shows.")] = DemoVariant.CITY,
    seed: Annotated[int, typer.Option(help="The same seed makes the same city.", min=0)] = 1,
    snmp_port: Annotated[
        int, typer.Option(help="UDP port of a new demo's simulated devices.", min=1, max=65535)
    ] = DEMO_SNMP_PORT,
) -> None:
    """Starts and supervises every process of an installation until Ctrl-C."""
    folder = DataFolder(data or Path("var/demo" if demo else "var/wardwatch"))
    where = parse_listen(listen)
    configure_logging(logging.WARNING)
    _make(folder)
    installation = read_installation(folder)
    with _alone(folder):
        if left := end_leftovers(folder.root):
            typer.echo(f"ended what an earlier run left behind: {left} processes")
        if complaint := cannot_listen(where):
            raise UserError(f"WardWatch cannot listen on {where}: {complaint}", PORT_ADVICE)
        login = _prepared(folder, demo, seed, variant, snmp_port)
        pace = min(interval, DEMO_INTERVAL_S) if demo else interval
        asyncio.run(_supervise(installation, where, demo, pace, seed, login))


def _prepared(data: DataFolder, demo: bool, seed: int, variant: DemoVariant, snmp_port: int) -> str:
    """Makes the folder ready; the words to print. A demo that was prepared before needs nothing of it, and loading
    what prepares costs as much time as the core's own start."""
    kept = data.secrets / ADMINISTRATOR_FILE
    if demo and kept.exists():
        return login_words(kept.read_text(encoding="utf-8").strip(), demo)
    from wardwatch.cli import first_start

    return first_start.prepare(data, demo, seed, variant, snmp_port)


async def _supervise(
    installation: Installation, listen: Listen, demo: bool, interval_s: float, seed: int, login: str
) -> None:
    data = installation.data
    plans = _plans(installation, listen, demo, interval_s, seed)
    supervisor = Supervisor(plans, data.logs, environment=marked(data.root))
    reporter = Reporter(CoreConnection(data.socket), supervisor.parts, utc_now, supervisor.changed)
    try:
        await until_released_or_failed(
            _run(supervisor, lambda: _announce(installation, listen, login)), reporter.run(), service.watch()
        )
        typer.echo("stopping")
    finally:
        service.notify(service.STOPPING)
        await supervisor.stop()


async def _run(supervisor: Supervisor, announce: Callable[[], None]) -> None:
    """Starts everything and goes on until cancelled: a stop that is asked for during the start is heard as well."""
    await supervisor.start(lambda name: announce() if name == CORE else None)
    service.notify(service.READY)
    await asyncio.Event().wait()


def _announce(installation: Installation, listen: Listen, login: str) -> None:
    """The core serves: pages can be opened while the rest is still starting."""
    typer.echo(f"WardWatch is at {'https' if installation.tls else 'http'}://{_reachable(listen)}")
    if login:
        typer.echo(login)
    typer.echo(f"logs are in {installation.data.logs}; Ctrl-C stops everything")


def _plans(installation: Installation, listen: Listen, demo: bool, interval_s: float, seed: int) -> list[ProcessPlan]:
    """The processes in the order of their start."""
    data, secure = installation.data, installation.tls is not None
    folder = ("--data", str(data.root))
    pace = ("--interval", str(interval_s))
    core = ProcessPlan(CORE, ("core", *folder, "--listen", str(listen), *pace), lambda: _answers(listen, secure))
    plans = [core]
    if demo:
        faults = str(data.root / "faults.yaml")
        simulate = ("simulate", *folder, "--faults", faults, "--seed", str(seed), *_hearers(data))
        plans.append(ProcessPlan("simulate", simulate, ready_words="simulating"))
        plans.append(ProcessPlan("demo-services", ("demo-services", *folder)))
    plans.append(ProcessPlan("collect", ("collect", *folder, *pace)))
    plans.append(ProcessPlan("ingest", ("ingest", *folder)))
    plans.append(ProcessPlan("receive", ("receive", *folder)))
    if demo:
        plans.append(ProcessPlan("sensor", ("demo-sensor", *folder, "--seed", str(seed))))
    return plans


def _hearers(data: DataFolder) -> list[str]:
    """Whom the demo's devices tell what befalls them: the receiver, where it listens on loopback."""
    reception = read_reception(data)
    ways = (("--traps", reception.traps), ("--syslog", reception.syslog_udp), ("--flows", reception.flows))
    return [
        word
        for option, addresses in ways
        for address in [each for each in addresses if each.host.startswith("127.")][:1]
        for word in (option, str(address))
    ]


async def _answers(listen: Listen, secure: bool) -> bool:
    """Whether the core's web server answers."""
    return await asyncio.to_thread(_get_health, listen, secure)


def _get_health(listen: Listen, secure: bool) -> bool:
    connection = _connection(_reachable(listen), secure)
    try:
        connection.request("GET", "/healthz")
        return connection.getresponse().status == http.HTTPStatus.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def _connection(where: Listen, secure: bool) -> http.client.HTTPConnection:
    """To our own child on this machine, whose certificate is for the name that others call it by."""
    if not secure:
        return http.client.HTTPConnection(where.host, where.port, timeout=2)
    unverified = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    unverified.check_hostname = False
    unverified.verify_mode = ssl.CERT_NONE
    return http.client.HTTPSConnection(where.host, where.port, timeout=2, context=unverified)


def _reachable(listen: Listen) -> Listen:
    """An address that a browser on this machine can open."""
    everywhere = {"0.0.0.0": "127.0.0.1", "::": "::1"}
    return Listen(everywhere.get(listen.host, listen.host), listen.port)


def _make(data: DataFolder) -> None:
    if beyond := beyond_socket_path(data.socket):
        raise UserError(
            f"the path of the data folder {data.root} is too long for a socket in it",
            f"choose one that is shorter by {beyond} characters",
        )
    try:
        data.root.mkdir(mode=0o700, parents=True, exist_ok=True)
        data.secrets.mkdir(mode=0o700, exist_ok=True)
        # Suricata is pointed at this folder, so it is there before the process that reads it.
        data.eve.mkdir(exist_ok=True)
    except OSError as error:
        raise UserError(
            f"the data folder {data.root} cannot be made: {error.strerror}", "choose another --data folder"
        ) from None


@contextmanager
def _alone(data: DataFolder) -> Iterator[None]:
    """One installation a data folder."""
    with data.lock.open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise UserError(
                f"another wardwatch works on {data.root}", "stop it, or give another --data folder"
            ) from None
        except OSError as error:
            raise SystemFault(f"{data.root} cannot be locked: {error.strerror}", "use a local disk") from None
        yield
