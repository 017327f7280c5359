"""Prints the JSON Schema of vendor profiles: `python -m collectors.snmp.profiles > docs/schemas/profile.json`."""

import json
import sys

from collectors.snmp.profiles.language import Profile

json.dump(Profile.model_json_schema(), sys.stdout, indent=2, ensure_ascii=False)
sys.stdout.write("\n")
