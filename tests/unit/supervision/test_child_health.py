"""What a supervisor says of a process: one restart, a crash loop, recovery."""

import os
import signal
from datetime import UTC, datetime, timedelta

import pytest

from wardwatch.child_health import ChildHealth
from wardwatch.model.health import PartHealth, PartState
from wardwatch.process_figures import process_figures

NOON = datetime(2026, 7, 9, 12, tzinfo=UTC)


def at(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


def said(child: ChildHealth, seconds: float, runs: bool = True) -> PartHealth:
    return child.health(at(seconds), runs, {"rss_bytes": 1.0})


@pytest.fixture
def core() -> ChildHealth:
    child = ChildHealth("core", NOON)
    child.started(NOON)
    child.ready(at(2))
    return child


def test_one_restart_is_told_with_its_cause_and_how_long_it_was_away(core: ChildHealth) -> None:
    core.ended(at(1000), -signal.SIGKILL, "polling goes on")
    away = said(core, 1001, runs=False)
    assert (away.state, away.since, away.restarts) == (PartState.RESTARTING, at(1000), 1)
    assert away.detail.en == "ended by signal SIGKILL"
    core.started(at(1001))
    assert said(core, 1002).state is PartState.RESTARTING, "it runs, but does not serve yet"
    core.ready(at(1004))
    back = said(core, 1005)
    assert (back.state, back.since) == (PartState.RUNNING, at(1004))
    assert back.detail.en == "was away for 4 s; ended by signal SIGKILL"
    assert back.figures == {"rss_bytes": 1.0}


def test_a_crash_loop_is_told_apart_and_ends_after_a_steady_minute(core: ChildHealth) -> None:
    for number in range(3):
        core.ended(at(10 * number + 5), 1, "the disk is full")
        core.started(at(10 * number + 6))
        core.ready(at(10 * number + 7))
    looping = said(core, 28)
    assert (looping.state, looping.since) == (PartState.FAILED, at(25))
    assert looping.detail.en == "ended 3 times in a row soon after its start; ended with code 1: the disk is full"
    assert said(core, 85).state is PartState.FAILED
    assert said(core, 87).state is PartState.RUNNING
    core.ended(at(200), 1, "")
    assert said(core, 201).state is PartState.RESTARTING


def test_a_process_that_is_gone_has_no_figures() -> None:
    assert process_figures(2**22 + 1) == {}
    assert process_figures(os.getpid())["rss_bytes"] > 1_000_000
