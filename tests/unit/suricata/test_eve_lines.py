"""Lines out of pieces, cut anywhere."""

from hypothesis import given
from hypothesis import strategies as st

from collectors.suricata.ecs import MAX_LINE_BYTES
from collectors.suricata.eve_lines import KEPT_BYTES, LineSplitter


@given(st.lists(st.binary(max_size=20).map(lambda data: data.replace(b"\r", b"")), max_size=12), st.data())
def test_however_it_is_cut_the_same_lines_come_out(lines: list[bytes], data: st.DataObject) -> None:
    whole = b"\n".join(lines)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(whole)), max_size=8)))
    splitter, found = LineSplitter(), list[bytes]()
    for start, end in zip([0, *cuts], [*cuts, len(whole)], strict=True):
        found += splitter.feed(whole[start:end])
    assert [*found, splitter.rest()] == whole.split(b"\n")
    assert splitter.rest() == b""


def test_a_line_without_end_is_cut_and_the_next_one_is_whole() -> None:
    splitter = LineSplitter()
    for _ in range(40):
        assert splitter.feed(b"x" * 65536) == []
    cut, following = splitter.feed(b"x\nnext\r\nrest")
    assert len(cut) == KEPT_BYTES == MAX_LINE_BYTES + 1
    assert following == b"next"
    assert splitter.rest() == b"rest"
