"""The engine: discovery, the time window, and that nothing tampered with gets through."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collectors.snmp.simulator import ber, pdu
from collectors.snmp.simulator.ber import Malformed
from collectors.snmp.simulator.keys import Authentication, Privacy, localised_key, privacy_key
from collectors.snmp.simulator.usm import Header, Refused, Stat, UsmEngine, UsmUser, read_header

ENGINE = bytes.fromhex("80001f8805a1b2c3d4e5f60718")
USER = UsmUser(
    b"noc",
    Authentication("sha256", localised_key(b"authpassword", "sha256", ENGINE)),
    Privacy("aes128", privacy_key(b"privpassword", "sha256", "aes128", ENGINE)),
)
REQUEST = pdu.write_response(b"\x02\x01\x07", pdu.write_varbind(b"\x2b\x06", ber.NULL_VALUE), kind=pdu.GET)


def sealed(boots: int, time_s: int, flags: int = 7, user: bytes = b"noc", engine: bytes = ENGINE) -> bytes:
    """A request as a client makes it: the sealing of an engine whose keys are the same. Reportable stays set."""
    header = Header(b"\x02\x01\x05", 65_507, flags, engine, boots, time_s, user, 0, b"", b"", 0, 0)
    return UsmEngine(engine, USER).seal(header, REQUEST, boots, time_s, flags)


def test_a_message_in_time_opens() -> None:
    opened = UsmEngine(ENGINE, USER).open(sealed(3, 1000), 3, 1149)
    assert opened.plain[opened.pdu_at : opened.pdu_end] == REQUEST
    assert pdu.read_request(opened.plain, opened.pdu_at, opened.pdu_end).names == [b"\x2b\x06"]


@pytest.mark.parametrize(("boots", "time_s"), [(3, 1151), (4, 1000), (2, 1000), (3, 849)])
def test_a_message_out_of_time_gets_a_signed_report(boots: int, time_s: int) -> None:
    engine = UsmEngine(ENGINE, USER)
    with pytest.raises(Refused) as refused:
        engine.open(sealed(3, 1000), boots, time_s)
    assert refused.value.stat is Stat.NOT_IN_TIME_WINDOW
    report = refused.value.report
    assert report is not None
    header = read_header(report)
    assert (header.boots, header.time_s, header.level) == (boots, time_s, 1)
    assert USER.authentication is not None
    blanked = report.replace(header.digest, bytes(len(header.digest)))
    assert USER.authentication.verifies(blanked, header.digest)


@pytest.mark.parametrize(
    ("message", "stat"),
    [
        (sealed(3, 1000, engine=b"\x80\x00\x00\x00\x05x"), Stat.UNKNOWN_ENGINE),
        (sealed(3, 1000, user=b"nobody"), Stat.UNKNOWN_USER),
    ],
)
def test_strangers_get_a_plain_report_that_counts(message: bytes, stat: Stat) -> None:
    engine = UsmEngine(ENGINE, USER)
    for number in (1, 2):
        with pytest.raises(Refused) as refused:
            engine.open(message, 3, 1000)
        assert refused.value.stat is stat
        assert refused.value.report is not None
        assert ber.encode_integer(number, ber.COUNTER32) in refused.value.report
        assert read_header(refused.value.report).level == 0


def test_what_may_not_be_reported_is_dropped_silently() -> None:
    with pytest.raises(Refused) as refused:
        UsmEngine(ENGINE, USER).open(sealed(3, 1000, flags=3, user=b"nobody"), 3, 1000)
    assert refused.value.report is None


@given(st.data())
def test_a_tampered_message_never_opens(data: st.DataObject) -> None:
    message = bytearray(sealed(3, 1000))
    place = data.draw(st.integers(0, len(message) - 1))
    message[place] ^= data.draw(st.integers(1, 255))
    engine = UsmEngine(ENGINE, USER)
    try:
        opened = engine.open(bytes(message), 3, 1000)
    except (Refused, Malformed):
        return
    # What opens has lost its security level, which the agent refuses to answer at.
    assert opened.header.level != USER.level
