"""Messages come out whole, however the stream is cut into pieces."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collectors.syslog.framing import Framing, FramingError

BODIES = st.lists(
    st.binary(min_size=1, max_size=40).map(lambda body: b"<13>" + body.replace(b"\n", b" ")), min_size=1, max_size=8
)


@given(BODIES, st.lists(st.booleans(), min_size=8, max_size=8), st.integers(1, 7))
def test_every_message_of_either_kind_comes_out_once(bodies: list[bytes], counted: list[bool], piece: int) -> None:
    stream = b"".join(
        b"%d %s" % (len(body), body) if count else body + b"\n" for body, count in zip(bodies, counted, strict=False)
    )
    framing = Framing()
    found = [each for at in range(0, len(stream), piece) for each in framing.feed(stream[at : at + piece])]
    assert found == bodies[: len(counted)]
    assert framing.rest() == b""


def test_a_line_without_its_end_is_taken_at_the_end_and_half_a_counted_one_is_not() -> None:
    framing = Framing()
    assert list(framing.feed(b"<13>one\n<13>two")) == [b"<13>one"]
    assert framing.rest() == b"<13>two"
    assert list(framing.feed(b"9 <13>abc")) == []
    assert framing.rest() == b""


@pytest.mark.parametrize("stream", [b"<13>" + b"x" * 30 + b"\n<13>next\n", b"34 <13>" + b"x" * 30 + b"<13>next\n"])
@pytest.mark.parametrize("piece", [1, 5, 100])
def test_a_message_that_is_too_long_is_cut_and_the_next_one_found(stream: bytes, piece: int) -> None:
    framing = Framing(largest_bytes=16)
    found = [each for at in range(0, len(stream), piece) for each in framing.feed(stream[at : at + piece])]
    assert [each[:8] for each in found] == [b"<13>xxxx", b"<13>next"]
    assert max(map(len, found)) <= 17
    assert framing.cut == 1


@pytest.mark.parametrize("stream", [b"123456789 x", b"1234567890", b"12x <13>"])
def test_a_count_that_is_none_ends_the_stream(stream: bytes) -> None:
    with pytest.raises(FramingError):
        list(Framing().feed(stream))


def test_nothing_grows_without_end() -> None:
    framing = Framing(largest_bytes=1000)
    for _ in range(1000):
        assert len(b"".join(framing.feed(b"y" * 777))) <= 1001
    assert len(framing.rest()) <= 2000
