"""What the commands of single processes share: their options, and how a coroutine is run until it is released."""

import asyncio
from collections.abc import Coroutine
from pathlib import Path
from typing import Annotated, Any

import typer

from wardwatch.errors import UserError
from wardwatch.garbage import look_seldom
from wardwatch.logs import configure_logging
from wardwatch.settings import Listen

DataOption = Annotated[Path, typer.Option("--data", help="Data folder of the installation.")]
ListenOption = Annotated[str, typer.Option("--listen", help="HOST:PORT of the web server.")]
IntervalOption = Annotated[float, typer.Option("--interval", help="Seconds between two polls of a device.", min=5)]

DEFAULT_DATA = Path("var/wardwatch")
DEFAULT_LISTEN = "127.0.0.1:8080"


def parse_listen(text: str) -> Listen:
    """`HOST:PORT`, `[IPv6]:PORT` or `:PORT` (every address). Raises `UserError` for anything else."""
    host, _, port = text.rpartition(":")
    if not port.isdigit() or not 0 < int(port) < 65536:
        raise UserError(f"--listen {text}: this is not HOST:PORT", "write for example --listen 127.0.0.1:8080")
    return Listen(host.strip("[]") or "0.0.0.0", int(port))


def run_process(process: Coroutine[Any, Any, None]) -> None:
    """Runs a process's coroutine with logging set up."""
    configure_logging()
    look_seldom()
    asyncio.run(process)
