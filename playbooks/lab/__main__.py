"""`python -m playbooks.lab PLATFORM COUNT`: fake devices in a process of their own, until its input ends. Prints where
they are as one line of JSON: `{"host_key": …, "ports": {name: port}}`."""

import json
import sys

from playbooks.lab.installation import fake
from playbooks.lab.server import Lab


def main() -> None:
    """The devices are called `d1`, `d2` and so on."""
    platform, count = sys.argv[1], int(sys.argv[2])
    with Lab([fake(f"d{number}", platform, 60.0) for number in range(1, count + 1)]) as lab:
        print(json.dumps({"host_key": lab.host_key, "ports": lab.ports}), flush=True)
        sys.stdin.read()


if __name__ == "__main__":
    main()
