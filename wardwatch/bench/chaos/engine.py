"""Elasticsearch goes away and comes back: its only node ended or hung, or one of three."""

import os
import signal
import time

from wardwatch.bench.chaos.trial import Trial

PORTIONS = 3
BACK_TO_NORMAL_S = 240.0


def away(trial: Trial) -> None:
    """The only node is killed, and started again after a minute."""
    first, second, third = trial.portions(PORTIONS)
    trial.sensor.write(first)
    time.sleep(trial.chance.uniform(0.5, 2.0))
    (node,) = trial.nodes
    node.kill()
    mark = trial.sensor.written
    trial.sensor.write(second)
    time.sleep(trial.plan.away_s)
    node.start()
    node.wait()
    back = time.monotonic()
    trial.sensor.write(third)
    trial.recover(back, mark)


def hung(trial: Trial) -> None:
    """The only node takes connections and answers nothing."""
    first, second, third = trial.portions(PORTIONS)
    trial.sensor.write(first)
    time.sleep(trial.chance.uniform(0.5, 2.0))
    (node,) = trial.nodes
    os.kill(node.pid, signal.SIGSTOP)
    mark = trial.sensor.written
    trial.sensor.write(second)
    time.sleep(trial.plan.away_s)
    os.kill(node.pid, signal.SIGCONT)
    back = time.monotonic()
    trial.sensor.write(third)
    trial.recover(back, mark)


def one_of_three(trial: Trial) -> None:
    """The first node that the core knows is killed: the other two go on. It comes back, and takes part."""
    first, second, third = trial.portions(PORTIONS)
    trial.sensor.write(first)
    time.sleep(trial.chance.uniform(0.5, 2.0))
    node = trial.nodes[0]
    mark = trial.sensor.written
    node.kill()
    killed = time.monotonic()
    trial.sensor.write(second)
    trial.recover(killed, mark)
    mark = trial.sensor.written
    node.start()
    trial.nodes[1].wait(len(trial.nodes))
    back = time.monotonic()
    trial.sensor.write(third)
    trial.recover(back, mark)
