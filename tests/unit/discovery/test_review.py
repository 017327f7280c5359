"""A decision is a change of the inventory that could have been written by hand, or it is refused in a sentence."""

from collections.abc import Callable

import pytest

from wardwatch.discovery.gathering import gather
from wardwatch.discovery.known import Known
from wardwatch.discovery.proposals import Proposer
from wardwatch.discovery.review import decided
from wardwatch.errors import NotFound, UserError
from wardwatch.model.discovery import Candidate, CandidateState, Decision, Heard
from wardwatch.model.inventory import DeviceRole, Inventory

Hear = Callable[..., Heard]


def candidate(inventory: Inventory, heard: Heard) -> Candidate:
    known = Known(inventory, ())
    return gather([heard], {}, known, Proposer(known)).candidates[0][0]


def test_an_accepted_candidate_is_a_device(inventory: Inventory, heard: Hear) -> None:
    met = candidate(inventory, heard(vendor="Huawei", model="S5720", serial="S12345", ports=28))
    settled, changed = decided(met, Decision("accept", name="Chuyển mạch 2"), inventory, "lan", heard().at)
    assert changed is not None
    device = changed.devices["sw2-dong-da-example"]
    assert (device.name, device.role, device.unit, device.address) == (
        "Chuyển mạch 2",
        DeviceRole.ACCESS_SWITCH,
        "ward-1",
        "10.1.1.9",
    )
    assert (device.credential, device.serial, device.ports) == ("read", "S12345", 28)
    assert (settled.state, settled.device, settled.decided_by, settled.version) == (
        CandidateState.ACCEPTED,
        device.id,
        "lan",
        met.version + 1,
    )


@pytest.mark.parametrize(
    ("decision", "why"),
    [
        (Decision("accept", role="switch"), "role"),
        (Decision("accept", unit="ward-9"), "there is no unit 'ward-9'"),
        (Decision("accept", device="Ward Switch"), "is no id"),
        (Decision("accept", device="w1-sw1"), "there is a device 'w1-sw1' already"),
        (Decision("accept", address="10.0.0.1"), "10.0.0.1 port 161 is already that of another device"),
        (Decision("accept", credential="write"), "there is no credential 'write'"),
        (Decision("merge"), "nobody was recognised"),
        (Decision("merge", device="w1-sw9"), "there is no device 'w1-sw9'"),
        (Decision("forget"), "is no decision"),
    ],
)
def test_what_cannot_stand_is_refused(inventory: Inventory, heard: Hear, decision: Decision, why: str) -> None:
    with pytest.raises(UserError, match=why):
        decided(candidate(inventory, heard()), decision, inventory, "lan", heard().at)


def test_what_is_missing_is_named_together(inventory: Inventory, heard: Hear) -> None:
    with pytest.raises(UserError, match="cannot be accepted without role, unit, site, zone"):
        decided(candidate(inventory, heard("10.99.0.1", name="box")), Decision("accept"), inventory, "lan", heard().at)


def test_a_merger_adds_the_address_and_what_nobody_had_written_down(inventory: Inventory, heard: Hear) -> None:
    met = candidate(inventory, heard(vendor="Huawei", model="other", serial="S777777"))
    settled, changed = decided(met, Decision("merge", device="w1-sw1"), inventory, "lan", heard().at)
    assert changed is not None
    device = changed.devices["w1-sw1"]
    assert device.addresses == ("10.200.0.2", "10.1.1.9")
    assert (device.address, device.vendor, device.model, device.serial) == ("10.1.1.2", "Huawei", "S5720", "S777777")
    assert settled.state is CandidateState.MERGED


def test_a_rejection_may_be_taken_back_an_acceptance_not(inventory: Inventory, heard: Hear) -> None:
    rejected, changed = decided(candidate(inventory, heard()), Decision("reject"), inventory, "lan", heard().at)
    assert changed is None
    accepted, changed = decided(rejected, Decision("accept"), inventory, "lan", heard().at)
    assert changed is not None
    with pytest.raises(UserError, match="was accepted already: it is device 'sw2-dong-da-example'"):
        decided(accepted, Decision("reject"), changed, "lan", heard().at)
    with pytest.raises(NotFound):
        decided(candidate(inventory, heard()), Decision("merge", device="no-such"), inventory, "lan", heard().at)
