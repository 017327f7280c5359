"""Prints the JSON Schema of `notify.yaml`: `python -m wardwatch.notify > docs/schemas/notify.json`."""

import json
import sys

from wardwatch.notify.documents import notify_schema

json.dump(notify_schema(), sys.stdout, indent=2, ensure_ascii=False)
sys.stdout.write("\n")
