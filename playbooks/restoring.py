"""The way back to an older configuration as a plan like any other: linted, approved, pushed, taken back."""

import re

from playbooks.documents import Playbook
from playbooks.planning import Planner
from playbooks.plans import Plan
from wardwatch.model.inventory import Device


def restoring(planner: Planner, device: Device, text: str, version: str, author: str) -> Plan:
    """Raises `UserError` where the way cannot be computed, or could lock us out."""
    name = re.sub(r"[^a-z0-9-]", "-", f"restore-{device.id}".lower())[:60]
    title = f"{device.id}: {version}"
    playbook = Playbook.model_validate(
        {
            "apiVersion": "playbook/v1",
            "name": name,
            "title": {"vi": f"Khôi phục {title}", "en": f"Restore {title}"},
            "owner": author,
            "risk": "medium",
            "checks": {"post": [{"id": "login", "type": "new_session"}]},
        }
    )
    return planner.back_to(playbook, device, text, author)
