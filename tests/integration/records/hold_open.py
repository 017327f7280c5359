"""Holds a record store open until its standard input ends."""

import sys
from pathlib import Path

from wardwatch.model.time import utc_now
from wardwatch.records import open_records

store = open_records(Path(sys.argv[1]), utc_now)
sys.stdout.write("open\n")
sys.stdout.flush()
sys.stdin.read()
store.close()
