"""`python -m playbooks`: the JSON Schema of a playbook."""

import json

from playbooks.documents import Playbook

print(json.dumps(Playbook.model_json_schema(), ensure_ascii=False, indent=2))
