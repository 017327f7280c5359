"""Who is known, who was met before, who is new: nobody twice, nobody lost."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

from wardwatch.discovery.gathering import Gathered, gather, keys_of
from wardwatch.discovery.known import Known
from wardwatch.discovery.proposals import Proposer
from wardwatch.model.discovery import Candidate, CandidateState, Duplicate, Heard
from wardwatch.model.inventory import DeviceRole, Inventory
from wardwatch.model.records import DeviceFacts

Hear = Callable[..., Heard]


def put(
    inventory: Inventory, *heard: Heard, before: Gathered | None = None, facts: tuple[DeviceFacts, ...] = ()
) -> Gathered:
    known = Known(inventory, facts)
    stored = {key: candidate for candidate, keys in (before.candidates if before else ()) for key in keys}
    return gather(heard, stored, known, Proposer(known))


def only(gathered: Gathered) -> Candidate:
    ((candidate, _),) = gathered.candidates
    return candidate


def test_a_device_of_the_inventory_is_no_candidate(inventory: Inventory, heard: Hear) -> None:
    assert put(inventory, heard("10.1.1.2"), heard("10.0.0.1", serial="FCZ1000AAAA")) == Gathered((), 2)


def test_a_stranger_is_proposed_where_its_address_and_name_say(inventory: Inventory, heard: Hear) -> None:
    proposal = only(put(inventory, heard())).proposal
    found = (proposal.id, proposal.role, proposal.unit, proposal.site, proposal.zone)
    assert found == ("sw2-dong-da-example", "access-switch", "ward-1", "site-ward-1", "lan")
    assert "its address 10.1.1.9 is in 10.1.1.0/24" in proposal.reasons[0].en


def test_another_box_at_a_devices_address_is_told(inventory: Inventory, heard: Hear) -> None:
    candidate = only(put(inventory, heard("10.0.0.1", serial="FCZ2000BBBB")))
    assert candidate.duplicate == Duplicate("core-r1", "address")


def test_a_device_at_another_address_is_recognised(inventory: Inventory, heard: Hear) -> None:
    at = heard().at
    facts = (
        DeviceFacts("w1-sw1", "interfaces", at, ({"index": "1", "mac": "020000aabb01"},)),
        DeviceFacts("w1-sw1", "system", at, ({"sys_name": "sw1.dong-da", "sys_object_id": "1.3.6.1.4.1.2011.2.23"},)),
    )
    by_serial = only(put(inventory, heard(serial="fcz1000aaaa "), facts=facts))
    by_chassis = only(put(inventory, heard(chassis="02:00:00:AA:BB:01"), facts=facts))
    by_name = only(put(inventory, heard(name="SW1"), facts=facts))
    assert [each.duplicate for each in (by_serial, by_chassis, by_name)] == [
        Duplicate("core-r1", "serial"),
        Duplicate("w1-sw1", "chassis"),
        Duplicate("w1-sw1", "name"),
    ]


def test_two_serial_numbers_are_two_devices_whatever_their_name(inventory: Inventory, heard: Hear) -> None:
    assert only(put(inventory, heard(name="core-r1", serial="FCZ9999ZZZZ"))).duplicate is None
    assert only(put(inventory, heard(name="core-r1"))).duplicate == Duplicate("core-r1", "name")


def test_a_name_is_one_with_and_without_its_domain_but_not_in_another(inventory: Inventory, heard: Hear) -> None:
    facts = (DeviceFacts("w1-sw1", "system", heard().at, ({"sys_name": "sw1.dong-da"},)),)
    known = Known(inventory, facts)
    assert [known.named(name) for name in ("SW1", "sw1.dong-da", "sw1.ba-dinh", "10.1.1.2", "")] == [
        "w1-sw1",
        "w1-sw1",
        None,
        None,
        None,
    ]


def test_one_box_at_several_addresses_is_one_candidate(inventory: Inventory, heard: Hear) -> None:
    candidate = only(put(inventory, heard("10.1.1.9", serial="S12345"), heard("10.1.1.10", serial="S12345")))
    assert (candidate.heard.address, candidate.heard.addresses, candidate.version) == ("10.1.1.10", ("10.1.1.9",), 1)


def test_serials_that_vendors_leave_empty_join_nobody(inventory: Inventory, heard: Hear) -> None:
    gathered = put(inventory, heard("10.1.1.9", serial="0000000000"), heard("10.1.1.10", serial="0000000000"))
    assert len(gathered.candidates) == 2
    assert keys_of(heard(serial="N/A")) == ("address:10.1.1.9:161",)


def test_seen_again_it_keeps_what_it_said_and_takes_what_is_new(inventory: Inventory, heard: Hear) -> None:
    first = put(inventory, heard(serial="S12345", vendor="Huawei"))
    later = heard().at + timedelta(days=1)
    again = only(put(inventory, heard(at=later, credential=None, name="neighbour says"), before=first))
    assert (again.heard.serial, again.heard.name, again.heard.credential) == ("S12345", "sw2.dong-da.example", "read")
    assert (again.first_seen, again.last_seen, again.version) == (heard().at, later, 2)


def test_a_rejected_one_stays_rejected(inventory: Inventory, heard: Hear) -> None:
    candidate = replace(only(put(inventory, heard())), state=CandidateState.REJECTED)
    before = Gathered(((candidate, keys_of(candidate.heard)),))
    assert only(put(inventory, heard(), before=before)).state is CandidateState.REJECTED


def test_an_accepted_one_comes_back_when_its_device_has_left(inventory: Inventory, heard: Hear) -> None:
    candidate = replace(only(put(inventory, heard())), state=CandidateState.ACCEPTED, device="w1-sw2")
    before = Gathered(((candidate, keys_of(candidate.heard)),))
    assert only(put(inventory, heard(), before=before)).state is CandidateState.NEW


def test_a_candidate_that_somebody_entered_by_hand_is_settled(inventory: Inventory, heard: Hear) -> None:
    before = put(inventory, heard())
    entered = replace(inventory.devices["w1-sw1"], id="w1-sw2", name="w1-sw2", address="10.1.1.9", addresses=())
    more = replace(inventory, devices={**inventory.devices, "w1-sw2": entered})
    settled = only(put(more, heard(), before=before))
    assert (settled.state, settled.device) == (CandidateState.MERGED, "w1-sw2")


def test_the_role_follows_products_of_the_inventory_and_then_the_family(inventory: Inventory, heard: Hear) -> None:
    alike = only(put(inventory, heard(name="box", model="S5720"))).proposal
    family = only(put(inventory, heard(name="box", family="fortigate"))).proposal
    assert (alike.role, family.role) == (DeviceRole.ACCESS_SWITCH, DeviceRole.FIREWALL)
    assert only(put(inventory, heard(name="box"))).proposal.role is None


def test_where_no_network_tells_the_neighbour_does(inventory: Inventory, heard: Hear) -> None:
    proposal = only(put(inventory, heard("10.250.0.1", seen_by="w1-sw1"))).proposal
    assert (proposal.unit, proposal.site) == ("ward-1", "site-ward-1")


def test_two_strangers_of_one_name_get_two_ids(inventory: Inventory, heard: Hear) -> None:
    gathered = put(inventory, heard("10.1.1.9"), heard("10.1.1.10"))
    assert [candidate.proposal.id for candidate, _ in gathered.candidates] == [
        "sw2-dong-da-example",
        "sw2-dong-da-example-2",
    ]
