"""Runs the processes of an installation: starts them in order, restarts what dies, stops them in reverse, and says how
they are.

Each child's standard input is a pipe that the supervisor holds open and never writes to: when it ends, the supervisor
is gone or wants the child to stop, and the child stops in order (`until_released`).
"""

import asyncio
import contextlib
import logging
import logging.handlers
import os
import signal
import sys
import threading
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from wardwatch.child_health import ChildHealth
from wardwatch.errors import SystemFault, UserError
from wardwatch.model.health import PartHealth
from wardwatch.model.time import Clock, utc_now
from wardwatch.process_figures import process_figures
from wardwatch.shipping.shippers import Backoff

log = logging.getLogger(__name__)

USER_FAULT = 2
SUPERVISED = "WARDWATCH_SUPERVISED"
COMPLAINT, HINT = "wardwatch: ", "  hint: "
"""How the command line begins a complaint, and the line that follows it."""
LOG_BYTES = 8 * 1024 * 1024
LINE_LIMIT = 1024 * 1024
EXIT_POLL_S = 0.1
READY_POLL_S = 0.1
RESTART_BACKOFF = Backoff(first_s=0.5, last_s=30.0)


@dataclass(frozen=True, slots=True)
class ProcessPlan:
    """One process: its name, its arguments (after the supervisor's program), and what tells that it is ready.

    `ready` is asked after each start until it is true; `ready_words` are the beginning of a line that the process
    prints once it is ready. With neither, it is ready at once.
    """

    name: str
    arguments: tuple[str, ...]
    ready: Callable[[], Awaitable[bool]] | None = None
    ready_timeout_s: float = 60.0
    ready_words: str | None = None


@dataclass(slots=True)
class _Child:
    plan: ProcessPlan
    health: ChildHealth
    process: asyncio.subprocess.Process | None = None
    last_words: str = ""
    task: asyncio.Task[None] | None = None
    failed: asyncio.Event = field(default_factory=asyncio.Event)
    ready: bool = False

    @property
    def runs(self) -> bool:
        return self.process is not None and self.process.returncode is None

    async def is_ready(self) -> bool:
        if self.plan.ready is not None:
            return await self.plan.ready()
        return self.ready or self.plan.ready_words is None

    def hear(self, line: str) -> None:
        """Takes a line of the process's output. A hint belongs to the sentence before it."""
        hint = line.startswith(HINT)
        self.last_words = f"{self.last_words} ({line.strip()})" if hint else line.removeprefix(COMPLAINT)
        self.ready = self.ready or (self.plan.ready_words is not None and line.startswith(self.plan.ready_words))


class _ChildLog(logging.handlers.RotatingFileHandler):
    """A process's log. Lines that a full disk does not take are counted, which is said once."""

    def __init__(self, path: Path) -> None:
        super().__init__(path, maxBytes=LOG_BYTES, backupCount=3, encoding="utf-8", delay=True)
        self.lost = 0

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802, the name is logging's
        self.lost += 1
        if self.lost == 1:
            log.error("log cannot be written, lines are lost file=%s reason=%s", self.baseFilename, sys.exc_info()[1])

    def close(self) -> None:
        """A full disk refuses the last lines once more; that must not keep the others from being stopped."""
        with contextlib.suppress(OSError):
            super().close()


class Supervisor:
    """Keeps the planned processes running until it is told to stop."""

    def __init__(
        self,
        plans: Sequence[ProcessPlan],
        logs: Path,
        backoff: Backoff = RESTART_BACKOFF,
        program: Sequence[str] = (sys.executable, "-m", "wardwatch"),
        clock: Clock = utc_now,
        environment: Mapping[str, str] = {},
    ) -> None:
        """`environment` is added to that of every child."""
        self._children = [_Child(plan, ChildHealth(plan.name, clock())) for plan in plans]
        self._logs = logs
        self._program = program
        self._backoff = backoff
        self._clock = clock
        self._environment = environment
        self._stopping = False
        self.changed = asyncio.Event()
        """Set whenever a child's state has changed; whoever waits for it clears it."""

    async def start(self, announce: Callable[[str], None] | None = None) -> None:
        """Starts each process once the one before it is ready, and announces its name then. Raises its own words when
        one does not come up."""
        self._logs.mkdir(parents=True, exist_ok=True)
        for child in self._children:
            child.task = asyncio.create_task(self._keep(child), name=f"keep-{child.plan.name}")
            await self._await_ready(child)
            if announce is not None:
                announce(child.plan.name)

    async def stop(self, timeout_s: float = 20.0) -> None:
        """Stops in reverse order; a process that does not stop in time is killed."""
        self._stopping = True
        for child in reversed(self._children):
            await _stop(child, timeout_s)
            child.health.stopped(self._clock())
            self.changed.set()
            if child.task is not None:
                # Whether it waits to start again or copies the last lines: what it leaves is swept in any case.
                child.task.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await child.task

    def restarts(self) -> dict[str, int]:
        """How often each process was started again."""
        return {child.plan.name: child.health.restarts for child in self._children}

    def parts(self) -> list[PartHealth]:
        """How each process is, with what the kernel says of it; those that were not started yet are left out."""
        now = self._clock()
        return [
            child.health.health(
                now, child.runs, process_figures(child.process.pid) if child.process and child.runs else {}
            )
            for child in self._children
            if child.task is not None
        ]

    async def _await_ready(self, child: _Child) -> None:
        try:
            async with asyncio.timeout(child.plan.ready_timeout_s):
                while not await child.is_ready():
                    if child.failed.is_set():
                        raise UserError(child.last_words or f"{child.plan.name} refused to start")
                    await asyncio.sleep(0.1)
        except TimeoutError:
            raise SystemFault(
                f"{child.plan.name} was not ready after {child.plan.ready_timeout_s:.0f} s: {child.last_words}",
                f"see {self._logs / child.plan.name}.log",
            ) from None

    async def _keep(self, child: _Child) -> None:
        handler = _ChildLog(self._logs / f"{child.plan.name}.log")
        try:
            while not self._stopping:
                code = await self._run_once(child, handler)
                if self._stopping:
                    return
                if code == USER_FAULT:
                    child.failed.set()
                child.health.ended(self._clock(), code, child.last_words)
                self.changed.set()
                delay_s = self._backoff.after(child.health.short_lives)
                log.error(
                    "process ended name=%s code=%s restart_in_s=%.1f words=%s",
                    child.plan.name,
                    code,
                    delay_s,
                    child.last_words,
                )
                await asyncio.sleep(delay_s)
        finally:
            handler.close()

    async def _run_once(self, child: _Child, handler: logging.Handler) -> int:
        child.health.started(self._clock())
        child.ready = False
        try:
            process = await asyncio.create_subprocess_exec(
                *self._program,
                *child.plan.arguments,
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.STDOUT,
                limit=LINE_LIMIT,
                env={**os.environ, **self._environment, SUPERVISED: "1", "PYTHONUNBUFFERED": "1"},
                start_new_session=True,
            )
        except OSError as error:
            child.last_words = f"cannot be started: {error.strerror or error}"
            return 1
        child.process = process
        assert process.stdout is not None, "it was asked for above"
        copying = asyncio.create_task(_copy_log(process.stdout, child, handler))
        watching = asyncio.create_task(self._watch_ready(child))
        try:
            await _end_of(process)
        finally:
            watching.cancel()
            # What a killed process left behind may hold its output open, so the rest of it ends with them only.
            _sweep(process.pid)
            await copying
        return await process.wait()

    async def _watch_ready(self, child: _Child) -> None:
        """Notes when a process does its work again: it may be long after its start."""
        while not await child.is_ready():
            await asyncio.sleep(READY_POLL_S)
        child.health.ready(self._clock())
        self.changed.set()


async def _end_of(process: asyncio.subprocess.Process) -> None:
    """Waits until the process itself has ended. On Python 3.11 `wait` waits for the ends of its pipes too, which those
    that it left behind may hold."""
    while process.returncode is None:
        await asyncio.sleep(EXIT_POLL_S)


def _sweep(group: int) -> None:
    """Ends what a process left behind when it was killed (a sensor's Suricata): each child leads a group of its own."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(group, signal.SIGKILL)


async def _copy_log(stream: asyncio.StreamReader, child: _Child, handler: logging.Handler) -> None:
    """Copies a child's output into its bounded log and remembers its last line."""
    while True:
        try:
            line = await stream.readline()
        except ValueError:
            continue
        if not line:
            return
        text = line.decode("utf-8", "replace").rstrip()
        if text:
            child.hear(text)
            handler.emit(logging.LogRecord(child.plan.name, logging.INFO, "", 0, text, (), None))


async def _stop(child: _Child, timeout_s: float) -> None:
    process = child.process
    if process is None or process.returncode is not None:
        return
    if process.stdin is not None:
        process.stdin.close()
    try:
        await asyncio.wait_for(_end_of(process), timeout_s)
    except TimeoutError:
        log.error("process did not stop in time, killed name=%s", child.plan.name)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        await _end_of(process)


async def until_released() -> None:
    """Returns when this process should stop: SIGTERM, SIGINT, or, under a supervisor, the end of standard input."""
    loop = asyncio.get_running_loop()
    released = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, released.set)
    watched = os.environ.get(SUPERVISED) == "1"
    if watched:
        loop.add_reader(sys.stdin.fileno(), _drain_input, released)
    try:
        await released.wait()
    finally:
        if watched:
            loop.remove_reader(sys.stdin.fileno())


async def until_released_or_failed(*work: Awaitable[None]) -> None:
    """As `until_released`, while the work of this process goes on; raises the error of work that failed. The supervisor
    then starts the process again: a part that died must not leave a process that looks alive."""
    tasks = [asyncio.ensure_future(each) for each in (until_released(), *work)]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def call_when_released(stop: Callable[[], None]) -> None:
    """As `until_released`, for a process without an event loop: `stop` is called from a signal or a thread."""
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda _number, _frame: stop())
    if os.environ.get(SUPERVISED) == "1":
        threading.Thread(target=_await_input_end, args=(stop,), name="await-release", daemon=True).start()


def _await_input_end(stop: Callable[[], None]) -> None:
    while os.read(sys.stdin.fileno(), 4096):
        pass
    stop()


def _drain_input(released: asyncio.Event) -> None:
    """Nothing is ever written to a child's standard input: what becomes readable is its end."""
    if not os.read(sys.stdin.fileno(), 4096):
        released.set()
