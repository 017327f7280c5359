"""From sources to what sensors get, with the real suricata-update and the real Suricata."""

import json
import shutil
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest

from detectors.rules.candidate import read_candidate
from detectors.rules.catalogue import RuleCatalogue
from detectors.rules.checking import CheckSettings, Linter
from detectors.rules.keeper import RuleKeeper
from detectors.rules.parsing import read_rules
from detectors.rules.replaying import CONFIGURATION
from detectors.rules.rollout import Turn
from detectors.rules.versions import Deed
from wardwatch.app.rule_management import rule_keeper
from wardwatch.bench.captures import CAPTURES
from wardwatch.cli import run
from wardwatch.errors import Conflict, NotFound, UserError
from wardwatch.model.access import Actor
from wardwatch.model.health import PartHealth, PartState
from wardwatch.model.time import utc_now
from wardwatch.settings import DataFolder
from wardwatch.shipping.rules import RuleShelf

AN = Actor("an")
LOCAL = """alert icmp any any -> any any (msg:"CITY ping"; sid:1; rev:1;)
alert nonsense any any -> any any (msg:"CITY broken"; sid:2;)
alert tcp any any -> any any (msg:"CITY noisy"; flow:established; sid:3;)
"""
SOURCE = """alert dns any any -> any any (msg:"GPL query"; dns.query; content:"www"; nocase; sid:100;)
# alert http any any -> any any (msg:"GPL off"; http.uri; content:"x"; sid:101;)
alert tls any any -> any any (msg:"GPL hello"; flow:established,to_server; tls.sni; content:"."; sid:102;)
alert http any any -> any any (msg:"GPL broken"; http.nothing; content:"x"; sid:103;)
"""


@pytest.fixture
def data(tmp_path: Path) -> DataFolder:
    if shutil.which("suricata") is None:
        pytest.skip("suricata is not installed")
    data = DataFolder(tmp_path / "data")
    (data.rules / "local").mkdir(parents=True)
    (data.rules / "local" / "city.rules").write_text(LOCAL, encoding="utf-8")
    data.settings.write_text(f"sensor: {{configuration: {CONFIGURATION}}}\n", encoding="utf-8")
    return data


@pytest.fixture
def keeper(data: DataFolder) -> RuleKeeper:
    return rule_keeper(data, lambda *_: None, utc_now)


def with_a_source(data: DataFolder, more: str = "") -> Path:
    folder = data.root.parent / "gpl"
    folder.mkdir()
    (folder / "gpl.rules").write_text(SOURCE, encoding="utf-8")
    archive = Path(shutil.make_archive(str(data.root.parent / "gpl"), "gztar", folder))
    (data.rules / "rules.yaml").write_text(
        f"sources: {{gpl: {{url: '{archive.as_uri()}'}}}}\nours: false\n{more}", encoding="utf-8"
    )
    return archive


def texts(data: DataFolder) -> dict[int, str]:
    """The active rules of the candidate by sid."""
    text = (data.rules / "candidate" / "suricata.rules").read_text(encoding="utf-8")
    return {rule.sid: rule.text for rule in read_rules(text) if rule.enabled}


def test_a_candidate_has_what_the_settings_want_and_names_what_is_broken(data: DataFolder, keeper: RuleKeeper) -> None:
    wanted = """enable: [101]
disable: ["re:hello"]
drop: [100]
modify:
- {rules: "1", replace: "CITY ping", by: "CITY echo"}
"""
    with_a_source(data, wanted)
    candidate = keeper.update(AN)
    rules = texts(data)
    assert sorted(rules) == [1, 3, 100, 101]
    assert rules[100].startswith("drop dns")
    assert 'msg:"CITY echo"' in rules[1]
    local, source = candidate.problems
    assert (local.file, local.line) == ("local/city.rules", 2)
    assert 'sid 2: protocol "nonsense" cannot be used' in local.message
    assert (source.file, source.line) == ("gpl/./gpl.rules", 4)
    assert source.message.startswith("sid 103: unknown rule keyword 'http.nothing'")
    assert candidate.counts.active == 4


def test_an_update_without_any_source_or_network_does_not_fail(data: DataFolder, keeper: RuleKeeper) -> None:
    (data.rules / "rules.yaml").write_text(
        "ours: false\nsources: {away: {url: 'http://127.0.0.1:1/a.tar.gz'}}\n", encoding="utf-8"
    )
    candidate = keeper.update(AN)
    assert [(each["name"], each["state"]) for each in candidate.sources] == [("away", "absent")]
    assert "Connection refused" in candidate.sources[0]["reason"]
    assert sorted(texts(data)) == [1, 3]
    (data.rules / "rules.yaml").write_text("ours: false\n", encoding="utf-8")
    assert keeper.update(AN, offline=True).counts.active == 2
    archive = with_a_source(data)
    keeper.update(AN)
    archive.unlink()
    kept = keeper.update(AN, offline=True)
    assert (kept.sources[0]["state"], len(texts(data))) == ("kept", 4)


def test_versions_are_deployed_and_gone_back_to(data: DataFolder, keeper: RuleKeeper) -> None:
    (data.rules / "rules.yaml").write_text("ours: false\n", encoding="utf-8")
    (data.rules / "suricata.rules").write_text('alert ip any any -> any any (msg:"by hand"; sid:9;)\n')
    first = keeper.update(AN)
    entry = keeper.deploy(AN, first.version, "first")
    assert (entry.deed, entry.version, entry.counts.active) == (Deed.DEPLOYED, first.version, 2)
    shelf = RuleShelf(data.rules)
    assert shelf.current()[0] == first.version
    (data.rules / "local" / "city.rules").write_text(LOCAL.replace("noisy", "less"), encoding="utf-8")
    second = keeper.update(AN)
    assert [rule.sid for rule in RuleCatalogue().changes(keeper.places).changed] == [3]
    with pytest.raises(Conflict, match="another one now"):
        keeper.deploy(AN, first.version, "the old one")
    keeper.deploy(AN, second.version, "less noise")
    back = keeper.roll_back(AN, None, "it was worse")
    assert (back.deed, shelf.current()[0]) == (Deed.ROLLED_BACK, first.version)
    found_in_place = keeper.versions.history()[-1]
    keeper.roll_back(AN, found_in_place.version[:8], "as it was")
    assert "by hand" in keeper.deployed_text()
    assert [each.why for each in keeper.versions.history()] == [
        *("as it was", "it was worse", "less noise", "first", "found in place"),
    ]
    with pytest.raises(NotFound):
        keeper.roll_back(AN, "abcdef", "nothing")
    (data.rules / "other.rules").write_text("")
    with pytest.raises(UserError, match=r"other\.rules"):
        keeper.deploy(AN, second.version, "beside a stranger")


def test_a_rollout_begins_with_some_sensors(data: DataFolder, keeper: RuleKeeper) -> None:
    settings = data.rules / "rules.yaml"
    settings.write_text("ours: false\nrollout: {first: [district-1], for_minutes: 0.0001}\n", encoding="utf-8")
    old = keeper.update(AN)
    keeper.deploy(AN, old.version, "all", staged=False)
    (data.rules / "local" / "city.rules").write_text(LOCAL.replace("noisy", "less"), encoding="utf-8")
    new = keeper.update(AN)
    assert keeper.deploy(AN, new.version, "careful").deed is Deed.TRIED
    shelf = RuleShelf(data.rules)
    assert (shelf.current("district-1")[0], shelf.current()[0]) == (new.version, old.version)
    now = utc_now()
    refused = PartHealth("district-1", "rules", now, PartState.FAILED, now)
    assert keeper.advance({}, [refused]) is Turn.WAIT
    assert keeper.advance({"district-1": new.version}, [refused]) is Turn.HALT
    assert (shelf.current("district-1")[0], keeper.rollout()) == (old.version, None)
    keeper.deploy(AN, new.version, "again")
    turns = {keeper.advance({"district-1": new.version}, []) for _ in range(2)}
    later = RuleKeeper(
        keeper.places, keeper.builder, keeper.check, keeper.reading, keeper.audit, lambda: now + timedelta(minutes=1)
    )
    turns.add(later.advance({"district-1": new.version}, []))
    assert Turn.PROMOTE in turns
    assert shelf.current()[0] == new.version
    deeds = [each.deed for each in keeper.versions.history()]
    assert deeds == [Deed.DEPLOYED, Deed.TRIED, Deed.HALTED, Deed.TRIED, Deed.DEPLOYED]


def test_a_replay_shows_what_a_candidate_would_change(data: DataFolder, keeper: RuleKeeper) -> None:
    if not CAPTURES.is_dir():
        pytest.skip(f"{CAPTURES} is not there: set WARDWATCH_SURICATA_VERIFY")
    captures = data.rules / "captures"
    captures.mkdir(parents=True)
    for name in ("bug-130", "ssh-banner-only", "sip-body-frames"):
        (captures / f"{name}.pcap").symlink_to(CAPTURES / name / "input.pcap")
    (captures / "empty.pcap").write_bytes(b"no capture")
    (data.rules / "rules.yaml").write_text("ours: false\n", encoding="utf-8")
    tcp = 'alert tcp any any -> any any (msg:"CITY any tcp"; flow:established; sid:3; rev:%d;)\n'
    (data.rules / "local" / "city.rules").write_text(tcp % 1, encoding="utf-8")
    keeper.deploy(AN, keeper.update(AN).version, "first")
    ssh = 'alert ssh any any -> any any (msg:"CITY ssh"; ssh.software; content:"SSH"; nocase; sid:4;)\n'
    (data.rules / "local" / "city.rules").write_text(tcp.replace("established;", "established; dsize:0;") % 2 + ssh)
    keeper.update(AN)
    candidate, difference = keeper.replay(AN)
    assert difference.captures == 4
    assert [name for name, _ in difference.unread] == ["empty.pcap"]
    by_sid = {rule.sid: (rule.before, rule.after) for rule in difference.rules}
    assert by_sid[3][0] > by_sid[3][1]
    assert difference.alerts_before > difference.alerts_after
    assert keeper.candidate() == (candidate, difference)
    found = read_candidate(keeper.places)
    assert found is not None
    keeper.update(AN)
    assert keeper.candidate() == (read_candidate(keeper.places)[0], None), "another candidate was not replayed"  # type: ignore[index]


def test_our_own_rules_load_and_hit_nothing_unrelated(data: DataFolder, keeper: RuleKeeper) -> None:
    (data.rules / "local" / "city.rules").unlink()
    assert keeper.lint() == ([], keeper.update(AN).counts.active)
    if not CAPTURES.is_dir():
        pytest.skip(f"{CAPTURES} is not there: set WARDWATCH_SURICATA_VERIFY")
    _, difference = keeper.replay(AN, CAPTURES)
    assert (difference.rules, difference.unread) == ((), ())


def test_the_command_line(data: DataFolder, capsys: pytest.CaptureFixture[str]) -> None:
    def asked(*arguments: str) -> tuple[int, str, str]:
        code = run(["rules", *arguments, "--data", str(data.root)])
        told = capsys.readouterr()
        return code, told.out, told.err

    code, out, _ = asked("check", "--json")
    assert code == 2
    [error] = json.loads(out)["errors"]
    assert (Path(error["file"]).name, error["line"]) == ("city.rules", 2)
    assert asked("deploy", "--why", "too early")[0] == 2
    code, out, _ = asked("update", "--json")
    assert (code, json.loads(out)["changes"]["removed"]) == (0, 0)
    assert asked("replay")[0] == 2, "there are no captures"
    code, out, _ = asked("deploy", "--why", "first", "--json")
    assert (code, json.loads(out)["deed"]) == (0, "deployed")
    code, out, _ = asked("list", "--search", "noisy", "--json")
    assert [(rule["sid"], rule["alerts"]) for rule in json.loads(out)["rules"]] == [(3, 0)]
    eve = data.root.parent / "eve.json"
    alert = {"action": "allowed", "signature_id": 3, "rev": 0, "signature": "CITY noisy", "category": "", "severity": 3}
    record = {"timestamp": utc_now().isoformat(), "event_type": "alert", "src_ip": "10.0.0.1", "dest_ip": "10.0.0.2"}
    eve.write_text(json.dumps(record | {"proto": "TCP", "alert": alert}) + "\n", encoding="utf-8")
    assert run(["events", "import", str(eve), "--data", str(data.root)]) == 0
    capsys.readouterr()
    code, out, _ = asked("list", "--limit", "1", "--json")
    told = json.loads(out)
    assert [(rule["sid"], rule["alerts"]) for rule in told["rules"]] == [(3, 1)]
    assert told["rules"][0]["last_at"] is not None
    code, out, _ = asked("list", "--versions", "--json")
    assert json.loads(out)["versions"][0]["by"].startswith("cli:")
    assert asked("rollback", "--why", "nothing before")[0] == 2


def test_a_suricata_that_logs_elsewhere_is_understood(data: DataFolder, tmp_path: Path) -> None:
    own = tmp_path / "own.yaml"
    own.write_text(
        f"%YAML 1.1\n---\ninclude: {CONFIGURATION}\nlogging:\n  default-log-format: '[%i] <%d> -- '\n"
        "  outputs: [console: {enabled: no}]\n",
        encoding="utf-8",
    )
    broken = Linter(CheckSettings(own)).broken_lines(data.rules / "local" / "city.rules")
    assert list(broken) == [2]
    assert broken[2].startswith('protocol "nonsense" cannot be used')


def test_suricata_update_is_there() -> None:
    said = subprocess.run(
        [sys.executable, "-I", "-m", "suricata.update.main", "-V"], capture_output=True, text=True, check=False
    )
    assert "1.3.3" in said.stdout + said.stderr
