"""The folder of configurations keeps its history whole, also when a process dies before it has committed."""

from pathlib import Path

from cryptography.fernet import Fernet

from playbooks.platforms import platform_named
from playbooks.vault import Vault

IOS = platform_named("cisco_ios")


def test_what_a_dead_process_wrote_is_committed_by_the_next(tmp_path: Path) -> None:
    key = Fernet.generate_key()
    first = Vault(tmp_path / "c", key)
    first.store("d1", "hostname one\n", IOS, "an", "backup")
    first.store("d1", "hostname two\n", IOS, "an", "backup", commit=False)
    assert len(first.versions("d1")) == 1

    second = Vault(tmp_path / "c", key)
    assert not second.store("d1", "hostname two\n", IOS, "an", "backup")
    assert [each.message for each in second.versions("d1")] == ["wardwatch: kept by a process that died", "an: backup"]
    assert second.shown("d1") == "hostname two\n"
    assert second.full("d1", "HEAD") == "hostname two\n"
