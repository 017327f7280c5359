"""In which order devices are changed: a canary, then batches that never hold two of a redundancy group. Pure."""

from collections.abc import Sequence

from playbooks.documents import Rollout
from playbooks.plans import DevicePlan


def batches(devices: Sequence[DevicePlan], rollout: Rollout) -> list[list[DevicePlan]]:
    """The devices in batches: the canary first, then by cumulative shares. What may not be in a batch, since another of
    its group or too many of its site are, goes into one of its own after it."""
    canary = _split(devices[: rollout.canary.count], rollout.per_site)
    rest = list(devices[rollout.canary.count :])
    found, done = canary, 0
    for share in rollout.batches:
        until = max(done, -(-len(rest) * int(share.rstrip("%")) // 100))
        found += _split(rest[done:until], rollout.per_site)
        done = until
    return found + _split(rest[done:], rollout.per_site)


def _split(devices: Sequence[DevicePlan], per_site: int) -> list[list[DevicePlan]]:
    waiting, found = list(devices), []
    while waiting:
        batch: list[DevicePlan] = []
        for device in waiting:
            same_group = device.group is not None and any(each.group == device.group for each in batch)
            if not same_group and sum(each.site == device.site for each in batch) < per_site:
                batch.append(device)
        taken = {device.device for device in batch}
        waiting = [device for device in waiting if device.device not in taken]
        found.append(batch)
    return found
