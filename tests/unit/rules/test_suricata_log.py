"""Errors in the forms in which Suricata says them."""

import pytest

from wardwatch.suricata_log import errors_said

JSON = '{"timestamp":"2026","log_level":"%s","event_type":"engine","engine":{"message":"unknown keyword","module":"x"}}'


@pytest.mark.parametrize(
    ("said", "errors"),
    [
        ("i: suricata: This is 7.0.10\nE: detect-parse: unknown keyword\n", ["unknown keyword"]),
        ("Info: detect: 1 rule files processed\nError: detect-parse: unknown keyword", ["unknown keyword"]),
        (f"{JSON % 'Notice'}\n{JSON % 'Error'}", ["unknown keyword"]),
        ('{"half of a line', []),
        ("", []),
    ],
)
def test_errors_are_found_in_text_and_in_json(said: str, errors: list[str]) -> None:
    assert errors_said(said) == errors
