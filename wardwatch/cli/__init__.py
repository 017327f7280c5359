"""The command line: `wardwatch COMMAND`. Commands are imported when they are called, so that `--help` is quick."""

import difflib
import errno
import importlib
import os
import sys
import tempfile
import traceback
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import version

import typer
from typer.main import get_command

from wardwatch.errors import SystemFault, UserError, WardWatchError

INTERRUPTED = 130
_WRONG_PATH = frozenset(
    {errno.EACCES, errno.EEXIST, errno.EISDIR, errno.ENAMETOOLONG, errno.ENOENT, errno.ENOTDIR}
    | {errno.EPERM, errno.EROFS}
)
_NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT})
_USAGE = """Usage: wardwatch COMMAND [OPTIONS] [ARGUMENTS]

Watches a city's e-government network, turns IDS alerts into incidents and rehearses attacks."""


@dataclass(frozen=True, slots=True)
class Part:
    """A command or a group of them: the module that has it (as `command` or `app`) and what it is for."""

    module: str
    summary: str


PARTS: dict[str, Part] = {
    "up": Part("wardwatch.cli.up", "Start everything and keep it running."),
    "inventory": Part("wardwatch.cli.inventory", "Import, export and show what the city has."),
    "discover": Part("wardwatch.cli.discover", "Look for devices, and decide of those that were found."),
    "edge": Part("wardwatch.cli.edge", "Let collectors in the districts in, and shut them out."),
    "services": Part("wardwatch.cli.services", "Try a service now and say why it fails."),
    "snmp": Part("wardwatch.cli.snmp", "Ask a device by SNMP."),
    "mibs": Part("wardwatch.cli.mibs", "Take names out of MIB files."),
    "events": Part("wardwatch.cli.events", "Map, import and count IDS events."),
    "notify": Part("wardwatch.cli.notify", "Check, test and read notifications, and say who is on call."),
    "sigma": Part("wardwatch.cli.sigma", "Check Sigma rules and run them over events."),
    "rules": Part("wardwatch.cli.rules", "Update, check, replay, deploy and roll back Suricata's rules."),
    "incidents": Part("wardwatch.cli.incidents", "List, take, assign and close incidents."),
    "ledger": Part("wardwatch.cli.ledger", "Show what was read, and what became of it."),
    "backup": Part("wardwatch.cli.backup", "Write everything into a folder, while it runs."),
    "restore": Part("wardwatch.cli.restore", "Bring a backup back."),
    "drill": Part("wardwatch.cli.drill", "Rehearse an attack and score what saw it."),
    "playbook": Part("wardwatch.cli.playbook", "Plan, approve, push and take back changes of configuration."),
    "config": Part("wardwatch.cli.config", "Back configurations up, show, compare and search them."),
    "hosts": Part("wardwatch.cli.hosts", "Trust the host keys of devices."),
    "simulate": Part("wardwatch.cli.simulate", "Answer SNMP for every device of an inventory."),
    "bench": Part("wardwatch.cli.bench", "Measure polling and event throughput on this machine."),
    "doctor": Part("wardwatch.cli.doctor", "Say what is installed, reachable and writable."),
    "core": Part("wardwatch.cli.core", "Run the core process: stores, detection, API, pages."),
    "collect": Part("wardwatch.cli.collect", "Run the polling process, here or in a district."),
    "ingest": Part("wardwatch.cli.ingest", "Run the process that reads eve.json."),
    "receive": Part("wardwatch.cli.receive", "Run the process that takes traps and syslog."),
    "demo-services": Part("wardwatch.cli.demo_services", "Run the demo's services that are checked."),
    "demo-sensor": Part("wardwatch.cli.demo_sensor", "Run the demo's sensor."),
}


def main(arguments: Sequence[str] | None = None) -> None:
    """Runs a command and leaves with its exit code: 2 for the user's fault, 1 for ours, 130 when interrupted."""
    sys.exit(run(sys.argv[1:] if arguments is None else arguments))


def run(arguments: Sequence[str]) -> int:
    """As `main`, but returns the exit code. Never lets a traceback through."""
    try:
        exit_code = _dispatch(list(arguments))
        sys.stdout.flush()
        return exit_code
    except WardWatchError as error:
        return _complain(error.message, error.hint, error.exit_code)
    except typer.TyperException as error:
        return _misused(error)
    except (KeyboardInterrupt, typer.Abort):
        return INTERRUPTED
    except BrokenPipeError:
        # The reader (`head`) has enough; what Python still holds for it is thrown away without a word.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except OSError as error:
        return _cannot_use(error)
    except Exception as error:
        return _unexpected(error)


def _dispatch(arguments: list[str]) -> int:
    if not arguments or arguments[0] in ("-h", "--help"):
        typer.echo(_overview())
        return 0 if arguments else 2
    name, *rest = arguments
    if name == "--version":
        typer.echo(f"wardwatch {version('wardwatch')}")
        return 0
    if name not in PARTS:
        near = difflib.get_close_matches(name, PARTS, n=1)
        hint = f"did you mean '{near[0]}'?" if near else "'wardwatch --help' lists them"
        raise UserError(f"there is no command '{name}'", hint)
    command = get_command(_load(name, PARTS[name]))
    result = command.main(rest, prog_name=f"wardwatch {name}", standalone_mode=False)
    return result if isinstance(result, int) else 0


def _overview() -> str:
    """The summaries of the table: asking the commands themselves would import them all."""
    width = max(map(len, PARTS))
    listed = "\n".join(f"  {name:<{width}}  {part.summary}" for name, part in PARTS.items())
    return f"{_USAGE}\n\nCommands:\n{listed}\n\n'wardwatch COMMAND --help' says more about one."


def _load(name: str, part: Part) -> typer.Typer:
    """Imports a part: its `app` (a group), or its `command` (a function) as an app of one."""
    try:
        module = importlib.import_module(part.module)
    except ModuleNotFoundError as error:
        if error.name != part.module:
            raise SystemFault(
                f"'wardwatch {name}' needs the Python package '{error.name}', which is not installed",
                "run 'make setup' in the checkout",
            ) from error
        raise SystemFault(f"'wardwatch {name}' is not part of this installation") from None
    app: typer.Typer | None = getattr(module, "app", None)
    if app is None:
        app = typer.Typer(add_completion=False)
        app.command(name)(module.command)
    return app


def _misused(error: typer.TyperException) -> int:
    """A wrong option or argument, in one sentence."""
    context = getattr(error, "ctx", None)
    hint = f"try '{context.command_path} --help'" if context is not None else None
    message = getattr(error, "format_message", lambda: str(error))()
    # A group called without a command has printed its help already and has nothing more to say.
    return _complain(message, hint, 2) if message else 2


def _cannot_use(error: OSError) -> int:
    """A file that cannot be used: the user's fault where the path is wrong, the machine's where the disk is full."""
    if error.errno in _NO_ROOM:
        where = error.filename or "a file"
        return _complain(f"{where} cannot be written: {error.strerror}", "free space on its disk", 1)
    if error.errno in _WRONG_PATH and error.filename is not None:
        return _complain(f"{error.filename}: {error.strerror}", "give another path, or the right to use this one", 2)
    return _unexpected(error)


def _unexpected(error: Exception) -> int:
    return _complain(f"unexpected {type(error).__name__}: {str(error) or 'no message'}", _log(), 1)


def _complain(message: str, hint: str | None, exit_code: int) -> int:
    typer.echo(f"wardwatch: {message}", err=True)
    if hint:
        typer.echo(f"  hint: {hint}", err=True)
    return exit_code


def _log() -> str:
    """Writes the traceback being handled to a file of its own (mode 0600)."""
    try:
        descriptor, path = tempfile.mkstemp(prefix="wardwatch-error-", suffix=".log")
        with os.fdopen(descriptor, "w", encoding="utf-8", errors="backslashreplace") as file:
            traceback.print_exc(file=file)
    except OSError as error:
        return f"this is our fault, and its log could not be written either: {error.strerror}"
    return f"this is our fault, please report it with {path}"
