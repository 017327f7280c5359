"""Prints the JSON Schema of an inventory document: `python -m wardwatch.inventory > docs/schemas/inventory.json`."""

import json
import sys

from wardwatch.inventory.documents import inventory_schema

json.dump(inventory_schema(), sys.stdout, indent=2, ensure_ascii=False)
sys.stdout.write("\n")
