"""Rules and windows over batches: groups, reloads, redelivery, and windows after a crash."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import orjson
import pytest

from collectors.suricata.ecs import map_line
from detectors.sigma.stream import SigmaRules, SigmaSettings
from wardwatch.model.records import AppendResult, Batch, Event, Position
from wardwatch.model.status import Severity

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
RULES = """
title: Admin page
title_vi: Trang quản trị
id: 00000000-0000-4000-8000-000000000001
name: admin_page
logsource: {category: webserver}
detection:
  s: {cs-uri|contains: /admin}
  condition: s
tags: [attack.initial-access, attack.t1059.001]
level: high
---
title: Refused
id: 00000000-0000-4000-8000-000000000002
name: refused
logsource: {category: webserver}
detection:
  s: {sc-status: 401}
  condition: s
level: informational
---
title: Guessing
id: 00000000-0000-4000-8000-000000000003
correlation:
  type: event_count
  rules: [refused]
  group-by: [c-ip]
  timespan: 1m
  condition: {gte: 3}
level: critical
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "ours").mkdir()
    (tmp_path / "ours" / "r.yaml").write_text(RULES, encoding="utf-8")
    return tmp_path


def rules(folder: Path, stored: Sequence[Event] = ()) -> SigmaRules:
    def past(start: datetime, end: datetime, datasets: Sequence[str]) -> Iterable[tuple[str, Event]]:
        assert datasets == ["suricata.http"]
        return [("default", event) for event in stored if start <= event.at < end]

    return SigmaRules(SigmaSettings(folder / "own", folder / "ours"), lambda: NOON + timedelta(minutes=5), past)


def http(number: int, url: str = "/", status: int = 200, source: str = "192.0.2.1", after_s: float = 0) -> Event:
    record = {
        "timestamp": (NOON + timedelta(seconds=after_s or number)).isoformat(),
        "event_type": "http",
        "src_ip": source,
        "dest_ip": "10.1.0.1",
        "http": {"url": url, "status": status, "hostname": "a.vn"},
    }
    found = map_line(orjson.dumps(record), Position("f", number), None, NOON + timedelta(days=1))
    assert isinstance(found, Event)
    return found


def batch(sequence: int, *events: Event) -> tuple[Batch, AppendResult]:
    return Batch("e", "1", sequence, events=events), AppendResult(new_events=tuple(e.position for e in events))


def test_a_hit_is_an_alert_group_of_the_inbox(folder: Path) -> None:
    (group,) = rules(folder).judge(*batch(1, http(1, "/x/ADMIN"), http(2, "/"), http(3, "/admin")))
    assert (group.rule_id, group.rule_name) == ("00000000-0000-4000-8000-000000000001", "Admin page")
    assert (group.severity, group.technique, group.category) == (Severity.HIGH, "T1059.001", "sigma")
    assert (group.source_ip, group.destination_ip, group.count) == ("192.0.2.1", "10.1.0.1", 2)
    assert group.positions == (Position("f", 1), Position("f", 3))


def test_only_new_events_count_and_the_last_batch_is_answered_the_same_again(folder: Path) -> None:
    active = rules(folder)
    known, _ = batch(1, http(1, "/admin"))
    assert active.judge(known, AppendResult()) == []
    refused = batch(2, *(http(n, status=401) for n in range(1, 4)))
    first = active.judge(*refused)
    assert [group.rule_name for group in first] == ["Guessing"]
    assert active.judge(*refused) == first


def test_a_window_is_one_alert_with_one_id(folder: Path) -> None:
    active = rules(folder)
    events = [http(n, status=401) for n in range(1, 6)]
    groups = active.judge(*batch(1, *events))
    assert len({group.id for group in groups}) == 1
    assert [group.count for group in groups] == [3, 1, 1]
    assert groups[0].window_start == events[0].at
    assert (groups[0].source_ip, groups[0].destination_ip) == ("192.0.2.1", None)
    assert rules(folder).judge(*batch(1, *events[:3]))[0].id == groups[0].id


def test_keys_and_time_keep_hits_apart(folder: Path) -> None:
    active = rules(folder)
    apart = [http(n, status=401, source=f"192.0.2.{n % 2}", after_s=n) for n in range(4)]
    assert active.judge(*batch(1, *apart)) == []
    late = [http(10 + n, status=401, source="192.0.2.9", after_s=1 + n * 40) for n in range(4)]
    assert active.judge(*batch(2, *late)) == []


def test_windows_are_rebuilt_and_tell_nothing_twice(folder: Path) -> None:
    before = [http(n, status=401, after_s=270 + n) for n in range(1, 3)]
    (group,) = rules(folder, before).judge(*batch(2, http(3, status=401, after_s=274)))
    assert group.count == 3
    # What was stored but not seen by detection comes again after the start, and fires as it would have.
    last = http(3, status=401, after_s=274)
    (again,) = rules(folder, [*before, last]).judge(*batch(2, last))
    assert (again.id, again.count) == (group.id, 3)
    assert rules(folder, [*before, last]).judge(*batch(2, http(9, "/"))) == []


def test_rules_of_the_installation_take_effect_while_it_runs(folder: Path) -> None:
    active = rules(folder)
    assert active.judge(*batch(1, http(1, "/geheim"))) == []
    (folder / "own").mkdir()
    own = folder / "own" / "mine.yml"
    own.write_text(
        "title: Mine\nid: 00000000-0000-4000-8000-00000000000a\nlogsource: {category: webserver}\n"
        "detection: {s: {cs-uri|contains: geheim}, condition: s}\n"
        "---\ntitle: Admin page, ours\nid: 00000000-0000-4000-8000-000000000001\nlogsource: {category: webserver}\n"
        "detection: {s: {cs-uri|contains: nowhere}, condition: s}\n"
        "---\ntitle: Broken\nlogsource: {category: webserver}\ndetection: {s: {cs-uri: a}, condition: t}\n",
        encoding="utf-8",
    )
    active.load()
    groups = active.judge(*batch(2, http(2, "/geheim"), http(3, "/admin")))
    assert [group.rule_name for group in groups] == ["Mine"]
    (problem,) = active.ruleset.problems
    assert (problem.file, problem.line) == (str(own), 13)
    assert "'t'" in problem.message
    health = active.health()[0]
    assert "mine.yml:13" in health.detail.en
    own.unlink()
    active.load()
    assert [g.rule_name for g in active.judge(*batch(3, http(4, "/admin")))] == ["Admin page"]


def test_a_filter_of_the_installation_narrows_a_rule(folder: Path) -> None:
    (folder / "own").mkdir()
    (folder / "own" / "f.yml").write_text(
        "title: Our scanner\nlogsource: {category: webserver}\n"
        "filter: {rules: [admin_page], s: {c-ip: 192.0.2.7}, condition: not s}\n",
        encoding="utf-8",
    )
    active = rules(folder)
    found = active.judge(*batch(1, http(1, "/admin", source="192.0.2.7"), http(2, "/admin", source="192.0.2.8")))
    assert [group.source_ip for group in found] == ["192.0.2.8"]
