"""The generator process: a plan as JSON on standard input, a capture at the path given, a summary as JSON on output.

Exit code 2 with one sentence on standard error when the plan cannot be carried out.
"""

import dataclasses
import json
import sys
from pathlib import Path

from drills.generators.capture import write_capture
from drills.generators.plan import Plan, PlanError


def main() -> int:
    """Reads, writes, answers."""
    try:
        plan = Plan.of(json.load(sys.stdin))
        capture = write_capture(plan, Path(sys.argv[1]))
    except PlanError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    except OSError as error:
        sys.stderr.write(f"the capture cannot be written: {error}\n")
        return 1
    json.dump(dataclasses.asdict(capture), sys.stdout)
    return 0


if __name__ == "__main__":
    sys.exit(main())
