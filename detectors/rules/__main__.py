"""Prints the JSON Schema of `rules.yaml`: `python -m detectors.rules > docs/schemas/rules.json`."""

import json
import sys

from detectors.rules.documents import RulesDocument

json.dump(RulesDocument.model_json_schema(), sys.stdout, indent=2, ensure_ascii=False)
sys.stdout.write("\n")
