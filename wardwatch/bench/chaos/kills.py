"""kill -9 of a process at random moments of an ingest; it is started again at once."""

import time

from wardwatch.bench.chaos.trial import BEFORE, Inflict, Trial

WITHIN_S = 1.0


def kills(process: str) -> Inflict:
    """Each portion of the lines meets one kill, most of it written before, the rest after."""
    lines = process != "collect"

    def inflict(trial: Trial) -> None:
        for portion in trial.portions(trial.plan.kills):
            before = int(portion * BEFORE)
            trial.sensor.write(before)
            time.sleep(trial.chance.uniform(0, WITHIN_S))
            trial.rig.kill(process)
            killed = time.monotonic()
            mark = trial.sensor.written if lines else trial.rig.stored(lines)
            trial.sensor.write(portion - before)
            trial.recover(killed, mark, lines)

    return inflict
