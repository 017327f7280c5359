"""BER: what is written reads back; hostile bytes raise Malformed and nothing else."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collectors.snmp.simulator import ber, pdu
from collectors.snmp.simulator.ber import Malformed
from collectors.snmp.simulator.usm import read_header

OIDS = st.tuples(st.integers(0, 1), st.integers(0, 39)).flatmap(
    lambda head: st.lists(st.integers(0, 2**32 - 1), max_size=20).map(lambda tail: (*head, *tail))
)


@given(OIDS)
def test_oids_read_back(oid: ber.Oid) -> None:
    assert ber.decode_oid(ber.encode_oid(oid)) == oid


@given(st.integers(-(2**31), 2**31 - 1))
def test_integers_read_back_in_the_fewest_octets(value: int) -> None:
    element = ber.encode_integer(value)
    assert ber.read_integer(element, 0, len(element)) == (value, len(element))
    assert len(element) - 2 == next(size for size in range(1, 6) if -(1 << 8 * size - 1) <= value < 1 << 8 * size - 1)


@pytest.mark.parametrize(
    ("value", "tag", "octets"),
    [
        (0, 2, "020100"),
        (127, 2, "02017f"),
        (128, 2, "02020080"),
        (-128, 2, "020180"),
        (2**64 - 1, 0x46, "460900" + "ff" * 8),
    ],
)
def test_integers_as_x690_writes_them(value: int, tag: int, octets: str) -> None:
    assert ber.encode_integer(value, tag).hex() == octets


@given(st.binary(max_size=300))
def test_long_contents_read_back(contents: bytes) -> None:
    element = ber.encode(ber.OCTETS, contents)
    assert ber.read_octets(element, 0, len(element)) == (contents, len(element))


@pytest.mark.parametrize("contents", ["", "80", "2b80", "2b8001", "2b9080808000", "2bffffffffffff7f"])
def test_bad_oids_are_malformed(contents: str) -> None:
    with pytest.raises(Malformed):
        ber.decode_oid(bytes.fromhex(contents))


@pytest.mark.parametrize("octets", ["30", "3080", "308500000000ff", "30820001", "1f01", "3005"])
def test_bad_headers_are_malformed(octets: str) -> None:
    with pytest.raises(Malformed):
        ber.read_header(bytes.fromhex(octets), 0, len(octets) // 2)


@given(st.binary(max_size=200))
def test_hostile_bytes_raise_nothing_else(data: bytes) -> None:
    for reader in (
        lambda: pdu.read_request(data, 0, len(data)),
        lambda: read_header(data),
        lambda: ber.decode_oid(data),
    ):
        with contextlib.suppress(Malformed):
            reader()
