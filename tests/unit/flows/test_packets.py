"""The outside of packets: sequences, templates, and lengths that lie."""

import struct

import pytest

from collectors.flows.exporters import Exporter
from collectors.flows.packets import Malformed, Protocol, as_agent, outside
from collectors.flows.simulator.flow import Flow
from collectors.flows.simulator.netflow5 import NetFlow5
from collectors.flows.simulator.sflow import SFlow
from collectors.flows.simulator.templated import Ipfix, NetFlow9

FLOWS = [Flow(f"10.1.0.{number}", "198.51.100.7", 40_000, 443, 6, 1000, 2) for number in range(1, 46)]
AT_S = 1_790_000_000


def reason(data: bytes) -> str:
    with pytest.raises(Malformed) as refused:
        outside(data)
    return str(refused.value)


def test_each_protocol_is_known_by_its_head() -> None:
    for maker, protocol in (
        (NetFlow5(), Protocol.NETFLOW5),
        (NetFlow9(), Protocol.NETFLOW9),
        (Ipfix(), Protocol.IPFIX),
        (SFlow("192.0.2.1"), Protocol.SFLOW),
    ):
        assert {outside(each).protocol for each in maker.tell(FLOWS, AT_S)} == {protocol}


def test_lengths_that_lie_are_refused() -> None:
    five = NetFlow5().tell(FLOWS[:1], AT_S)[0]
    assert reason(five + b"\0") == "wrong_length"
    assert reason(b"\0\5") == "truncated"
    assert reason(b"\0\7" + bytes(40)) == "unknown_version"
    ten = Ipfix().tell(FLOWS[:1], AT_S)[0]
    assert reason(ten[:-1]) == "wrong_length"
    nine = bytearray(NetFlow9().tell(FLOWS[:1], AT_S)[0])
    nine[22:24] = struct.pack("!H", 3)
    assert reason(bytes(nine)) == "wrong_set_length"
    sampled = bytearray(SFlow("192.0.2.1").tell(FLOWS[:1], AT_S)[0])
    # The length of the headers within the sampled packet: more than the record has.
    sampled[28 + 8 + 32 + 8 + 12 : 28 + 8 + 32 + 8 + 16] = struct.pack("!I", 60_000)
    assert reason(bytes(sampled)) == "wrong_set_length"


@pytest.mark.parametrize("maker", [NetFlow9(), Ipfix()], ids=["v9", "ipfix"])
def test_templates_that_end_decoders_are_refused(maker: NetFlow9 | Ipfix) -> None:
    told = maker.announce(AT_S)[0]
    at = told.index(struct.pack("!HH", 256, 9))
    assert reason(told[: at + 2] + struct.pack("!H", 0) + told[at + 4 :]) == "wrong_template"
    assert reason(told[: at + 2] + struct.pack("!H", 900) + told[at + 4 :]) == "wrong_template"
    # An IPv4 address of 200 bytes.
    assert reason(told[: at + 6] + struct.pack("!H", 200) + told[at + 8 :]) == "wrong_template"


@pytest.mark.parametrize("kind", [NetFlow5, NetFlow9, Ipfix, lambda: SFlow("192.0.2.1")])
def test_what_is_lost_on_the_way_is_counted(kind: type[NetFlow9]) -> None:
    maker, exporter = kind(), Exporter()
    packets = [*maker.announce(AT_S), *maker.tell(FLOWS, AT_S), *maker.tell(FLOWS, AT_S)]
    for packet in packets[:-3]:
        exporter.look(packet)
    assert (exporter.counts.lost, exporter.counts.templates_missing) == (0, 0)
    exporter.look(packets[-1])
    missing = exporter.counts.lost
    assert missing > 0
    exporter.look(packets[-2])
    assert exporter.counts.late == 1
    assert exporter.counts.lost < missing


def test_missing_templates_are_counted_until_they_come() -> None:
    maker, exporter = NetFlow9(), Exporter()
    exporter.look(maker.tell(FLOWS[:1], AT_S)[0])
    assert exporter.counts.templates_missing == 1
    for packet in (*maker.announce(AT_S), *maker.tell(FLOWS[:1], AT_S)):
        exporter.look(packet)
    assert exporter.counts.templates_missing == 1
    exporter.forget()
    exporter.look(maker.tell(FLOWS[:1], AT_S)[0])
    assert exporter.counts.templates_missing == 2


def test_an_sflow_agent_gets_the_address_it_is_known_by() -> None:
    packet = SFlow("192.0.2.1").tell(FLOWS[:1], AT_S)[0]
    told = as_agent(packet, bytes((127, 64, 0, 9)))
    assert told[8:12] == bytes((127, 64, 0, 9))
    assert told[12:] == packet[12:]
