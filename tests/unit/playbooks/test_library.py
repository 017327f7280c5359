"""The shipped playbooks are whole: strict, rendered for every platform, and their lines break no rule unawares."""

import json
from pathlib import Path

import pytest

from playbooks.documents import Playbook
from playbooks.library import FOLDER, read_playbook, shelf
from playbooks.lint import lint
from playbooks.rendering import rendered, values_of
from wardwatch.errors import DocumentError
from wardwatch.model.inventory import Device, DeviceRole

SHELF = shelf([FOLDER])
DEVICE = Device("sw-1", "SW 1", DeviceRole.ACCESS_SWITCH, "phuong-1", "site-1", "wan", "10.9.0.1")
GIVEN = {
    "ip": "10.1.1.1", "ip_list": "10.1.1.1", "network": "10.2.0.0/16", "vlan": "120", "word": "Gi0/3",
    "text": "Mot cua", "integer": "3", "mac": "00:11:22:33:44:55", "secret": "secret://some-word",
}  # fmt: skip
MINIMUM = "apiVersion: playbook/v1\nname: x-y\ntitle: {vi: a, en: b}\nowner: noc\nrisk: low\n"


def test_at_least_fifteen_are_shipped_and_all_are_good() -> None:
    assert SHELF.problems == []
    assert len(SHELF.playbooks) >= 15
    assert all(path.stem == playbook.name for path, playbook in SHELF.playbooks.items())


@pytest.mark.parametrize("playbook", SHELF.playbooks.values(), ids=lambda playbook: playbook.name)
def test_every_template_renders_and_breaks_only_the_rules_it_says(playbook: Playbook) -> None:
    values = values_of(playbook, {name: GIVEN[variable.type] for name, variable in playbook.vars.items()}, "f")
    for platform in playbook.config:
        lines = rendered(playbook, platform, DEVICE, values)
        assert lines or playbook.kind == "check"
        found = {finding.rule for finding in lint(lines, DEVICE.address, "", "change")}
        assert found <= set(playbook.lint.allow)


def test_the_published_schema_is_the_one_in_force() -> None:
    published = json.loads((Path(__file__).parents[3] / "docs/schemas/playbook.json").read_text("utf-8"))
    assert published == Playbook.model_json_schema(), "write it again: python -m playbooks > docs/schemas/playbook.json"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("config: {cisco_ios: 'ntp server {{ sever }}'}", "nothing gives the variable 'sever'"),
        ("config: {cisco_ois: x}", "cisco_ios"),
        ("rolout: {}", "did you mean 'rollout'"),
        ("config: {cisco_ios: '{% if %}'}", "its line 1"),
        ("lint: {allow: [relaod]}", "did you mean 'reload'"),
    ],
)
def test_what_is_wrong_is_named(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "p.yaml"
    path.write_text(MINIMUM + text)
    with pytest.raises(DocumentError, match=said):
        read_playbook(path)


@pytest.mark.parametrize("value", ["10.0.0.1\nreload", "not an address"])
def test_a_value_cannot_carry_a_second_command(value: str) -> None:
    playbook = read_playbook(Path("block-address"))
    with pytest.raises(DocumentError, match="address"):
        values_of(playbook, {"address": value}, "f")


@pytest.mark.parametrize(
    ("line", "rule"),
    [
        ("reload in 5", "reload"),
        ("no ip route 0.0.0.0 0.0.0.0 10.0.0.1", "routing-off"),
        (" no transport input telnet ssh", "vty-closed"),
        ("undo stelnet server enable", "ssh-off"),
        (" switchport trunk allowed vlan 5", "trunk-replaced"),
        ("no interface Vlan1", "management-interface"),
        (" ip address 10.9.0.1 255.255.255.0", "own-address"),
    ],
)
def test_lock_out_is_seen(line: str, rule: str) -> None:
    running = "interface Vlan1\n ip address 10.9.0.1 255.255.255.0\n"
    assert rule in {finding.rule for finding in lint([line], "10.9.0.1", running, "change")}
    assert not lint([" switchport trunk allowed vlan add 5", "ntp server 10.0.0.1"], "10.9.0.1", running, "change")
    below = lint(["interface Vlan1", " shutdown"], "10.9.0.1", running, "rollback")
    assert [finding.rule for finding in below] == ["management-interface"]
