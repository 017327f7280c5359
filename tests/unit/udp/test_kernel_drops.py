"""A count of 32 bits that wraps and is seen by two ways becomes a total."""

from hypothesis import given
from hypothesis import strategies as st

from collectors.udp import KernelDrops


@given(st.integers(0, 2**40), st.lists(st.integers(0, 2**31 - 1), max_size=30))
def test_the_total_survives_every_wrap(start: int, steps: list[int]) -> None:
    drops, real = KernelDrops(start), start
    for step in steps:
        real += step
        drops.seen(real % 2**32)
        assert drops.total == real


@given(st.integers(2**31, 2**40), st.integers(1, 2**31))
def test_an_older_count_is_not_news(total: int, behind: int) -> None:
    drops = KernelDrops(total)
    drops.seen((total - behind) % 2**32)
    assert drops.total == total


def test_the_wrap_itself() -> None:
    drops = KernelDrops()
    for count in (2**31 - 1, 2**32 - 2, 3, 3, 2**32 - 1):
        drops.seen(count)
    assert drops.total == 2**32 + 3
