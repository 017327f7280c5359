"""The command line: `wardwatch COMMAND`. Commands are imported when they are called, so that `--help` is quick."""

import importlib
import os
import sys
import tempfile
import traceback
from collections.abc import Sequence
from dataclasses import dataclass

import click
import typer
from typer.main import get_command

from wardwatch.errors import SystemFault, WardWatchError


@dataclass(frozen=True, slots=True)
class Part:
    """A command or a group of them: the module that has it (as `command` or `app`) and what it is for."""

    module: str
    summary: str


PARTS: dict[str, Part] = {
    "up": Part("wardwatch.cli.up", "Start everything and keep it running."),
    "inventory": Part("wardwatch.cli.inventory", "Import, export and show what the city has."),
    "snmp": Part("wardwatch.cli.snmp", "Ask a device by SNMP."),
    "events": Part("wardwatch.cli.events", "Map, import and count IDS events."),
    "drill": Part("wardwatch.cli.drill", "Rehearse an attack and score what saw it."),
    "simulate": Part("wardwatch.cli.simulate", "Answer SNMP for every device of an inventory."),
    "bench": Part("wardwatch.cli.bench", "Measure polling and event throughput on this machine."),
    "doctor": Part("wardwatch.cli.doctor", "Say what is installed, reachable and writable."),
    "core": Part("wardwatch.cli.core", "Run the core process: stores, detection, API, pages."),
    "collect": Part("wardwatch.cli.collect", "Run the polling process."),
    "ingest": Part("wardwatch.cli.ingest", "Run the process that reads eve.json."),
    "demo-sensor": Part("wardwatch.cli.demo_sensor", "Run the demo's sensor."),
}


class Parts(click.Group):
    """The root: knows its commands by name and imports one when it is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(PARTS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        part = PARTS.get(cmd_name)
        return None if part is None else load_command(cmd_name, part)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The summaries of the table: asking the commands themselves would import them all."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, part.summary) for name, part in PARTS.items()])


def load_command(name: str, part: Part) -> click.Command:
    """Imports a part and makes a click command of its `app` (a group) or its `command` (a function)."""
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
    command = get_command(app)
    command.name = name
    return command


ROOT = Parts(
    name="wardwatch",
    help="Watches a city's e-government network, turns IDS alerts into incidents and rehearses attacks.",
    context_settings={"help_option_names": ["-h", "--help"]},
    no_args_is_help=True,
)


def main(arguments: Sequence[str] | None = None) -> None:
    """Runs a command and leaves with its exit code: 2 for the user's fault, 1 for ours, 130 when interrupted."""
    sys.exit(run(sys.argv[1:] if arguments is None else arguments))


def run(arguments: Sequence[str]) -> int:
    """As `main`, but returns the exit code. Never lets a traceback through."""
    try:
        result = ROOT.main(list(arguments), prog_name="wardwatch", standalone_mode=False)
        sys.stdout.flush()
        return result if isinstance(result, int) else 0
    except WardWatchError as error:
        return _complain(error.message, error.hint, error.exit_code)
    except click.exceptions.Exit as error:
        return error.exit_code
    except click.exceptions.NoArgsIsHelpError as error:
        error.show()
        return 2
    except click.ClickException as error:
        context = getattr(error, "ctx", None)
        hint = f"try '{context.command_path} --help'" if context else None
        return _complain(error.format_message(), hint, 2)
    except (KeyboardInterrupt, click.Abort):
        return 130
    except BrokenPipeError:
        # The reader (`head`) has enough; what Python still holds for it is thrown away without a word.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except Exception as error:
        return _complain(f"unexpected {type(error).__name__}: {str(error) or 'no message'}", _log(), 1)


def _complain(message: str, hint: str | None, exit_code: int) -> int:
    print(f"wardwatch: {message}", file=sys.stderr)
    if hint:
        print(f"  hint: {hint}", file=sys.stderr)
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
