"""Prints the JSON Schema of `settings.yaml`: `python -m wardwatch.installation > docs/schemas/settings.json`."""

import json
import sys

from wardwatch.installation.documents import settings_schema

json.dump(settings_schema(), sys.stdout, indent=2, ensure_ascii=False)
sys.stdout.write("\n")
