"""Secrets: a file that others cannot read, else the environment; the word never shows in an error."""

from pathlib import Path

import pytest

from wardwatch.errors import UserError
from wardwatch.secrets import Secrets, write_secrets


def test_a_file_comes_before_the_environment(tmp_path: Path) -> None:
    environment = {"WARDWATCH_SECRET_SNMP_COMMUNITY": "outside", "WARDWATCH_SECRET_ONLY_HERE": "word"}
    secrets = Secrets(tmp_path / "secrets", environment)
    assert secrets.resolve("secret://snmp-community") == "outside"
    write_secrets(tmp_path / "secrets", {"snmp-community": "thư mục"})
    assert secrets.resolve("secret://snmp-community") == "thư mục"
    assert secrets.resolve("secret://only.here") == "word"
    assert (tmp_path / "secrets" / "snmp-community").stat().st_mode & 0o777 == 0o600


def test_a_secret_that_is_there_is_kept(tmp_path: Path) -> None:
    write_secrets(tmp_path, {"a": "first"})
    write_secrets(tmp_path, {"a": "second"})
    assert Secrets(tmp_path, {}).resolve("secret://a") == "first"


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660])
def test_a_file_that_others_can_read_is_refused(tmp_path: Path, mode: int) -> None:
    write_secrets(tmp_path, {"a": "word"})
    (tmp_path / "a").chmod(mode)
    with pytest.raises(UserError, match="can be read by others") as caught:
        Secrets(tmp_path, {"WARDWATCH_SECRET_A": "other"}).resolve("secret://a")
    assert caught.value.hint == f"chmod 600 {tmp_path / 'a'}"


@pytest.mark.parametrize("reference", ["hunter2", "secret://", "secret://../state", "secret://A"])
def test_what_is_no_reference_is_refused_and_not_repeated(tmp_path: Path, reference: str) -> None:
    with pytest.raises(UserError, match="not a reference") as caught:
        Secrets(tmp_path, {}).resolve(reference)
    assert "hunter2" not in str(caught.value)


def test_a_missing_or_empty_secret_says_where_to_put_it(tmp_path: Path) -> None:
    write_secrets(tmp_path, {"empty": ""})
    for name in ("none", "empty"):
        with pytest.raises(UserError, match=f"WARDWATCH_SECRET_{name.upper()}"):
            Secrets(tmp_path, {}).resolve(f"secret://{name}")
