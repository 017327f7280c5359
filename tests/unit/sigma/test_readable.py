"""What hides in a text, and what does not."""

import pytest
import re2

from detectors.sigma.readable import SUSPECT, readable


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("/Plain?a=1&b=2", "/plain?a=1&b=2"),
        ("%55NION", "union"),
        ("%2555nion", "union"),
        ("%25252555nion", "union"),
        ("%u0075nion", "union"),
        ("\uff55\uff4e\uff49\uff4f\uff4e", "union"),
        ("a+b", "a b"),
        ("a%00b", "ab"),
        ("un/**/ion", "un ion"),
        ("/*!50000union*/ 1", " union 1"),
        ("..%c0%af..%c0%afx", "../../x"),
        ("..%e0%80%afx", "../x"),
        ("..\\x//y/./z", "../x/y/z"),
        ("http://a//b", "http://a/b"),
        ("&lt;b&#62;&copy=1", "<b>&copy=1"),
        ("\u2019 or", "' or"),
        ("%ud800x", "\ufffdx"),
        ("100%", "100%"),
        ("Đất đai", "đất đai"),
    ],
)
def test_readings(written: str, read: str) -> None:
    assert readable(written) == read


def test_texts_that_read_otherwise_are_suspect() -> None:
    for written in ("a%20b", "a+b", "a//b", "a/*b*/", "a  b", "\uff41", "a\\b", "&lt;a", "/./x", "\x00a"):
        assert readable(written) != written
        assert re2.search(SUSPECT, f"x{written}") is not None, written
