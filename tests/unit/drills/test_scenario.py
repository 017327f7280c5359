"""Scenarios are strict: what is wrong is named with its line and the nearest word."""

import json
from datetime import timedelta
from pathlib import Path

import pytest

import drills
from drills.scenario import Scenario, load_scenario, schedule, unreachable_offline
from wardwatch.errors import DocumentError

SHIPPED = sorted((Path(drills.__file__).parent / "scenarios").glob("*.yaml"))
ROOT = Path(drills.__file__).parents[1]
PORTAL = next(path for path in SHIPPED if path.stem == "web-attack-one-stop-portal")
GOOD = PORTAL.read_text(encoding="utf-8")


def problems_of(text: str, folder: Path) -> list[str]:
    path = folder / "scenario.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(DocumentError) as caught:
        load_scenario(path)
    return [str(problem).removeprefix(f"{path}") for problem in caught.value.problems]


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_shipped_scenarios_are_sound(path: Path) -> None:
    scenario = load_scenario(path)
    assert scenario.id == path.stem
    assert scenario.title.vi != scenario.title.en


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ("legal_basis:", "legal_basic:", "unknown key 'legal_basic': did you mean 'legal_basis'?"),
        ("kind: no_alert", "kind: no_allert", "expectations.0.kind"),
        ("at: T+2m", "at: 2m", "write T+0, T+90s or T+5m"),
        ("target: 30s", "target: 30 seconds", "is no duration"),
        ("after: scan.sent + 3m", "after: scann.sent + 3m", "'scann', which is no inject: did you mean 'scan'?"),
        ("after: scan.sent + 3m", "after: scan.seen + 3m", "write scan.sent + 3m, or scan.not_prevented"),
        ("at: T+2m", "after: exfiltration.sent", "scan -> exfiltration -> log4shell -> sqli -> scan; give one of them"),
        ("defaults: {", "links: [{upstream: portl, downstream: citizen}]\ndefaults: {", "did you mean 'portal'?"),
        ("attacker: 198.51.100.23", "attacker: 8.8.8.8", "host 'attacker' (8.8.8.8) is outside safety.scope"),
        ("objective: O3", "objective: O9", "for objective 'O9': did you mean 'O3'?"),
        ("attacker: 198.51.100.23", "attacker: 2001:db8::1", "2001:db8::1 is not IPv4"),
        ("defaults: {", "rules: ../other.rules\ndefaults: {", "'rules'"),
        ("status: 500", "status: 500, body: 2026-01-05", "'injects.2.with.body'"),
        ("technique: T1595.001", "technique: scanning", "injects.1.technique"),
        ("  - id: sqli\n", "  - id: scan\n", "inject 'scan' is given twice"),
        ("match: {alert.signature_id: 9000001}, ", "", "needs 'match'"),
        ("max_pps: 2000", "max_pps: many", "safety.max_pps"),
        ("schema: drill/1", "schema: drill/1\nschema: drill/1", "key 'schema' is given twice"),
        ("schema: drill/1", "schema: [drill/1", "is not YAML"),
    ],
)
def test_a_mistake_is_named(tmp_path: Path, before: str, after: str, said: str) -> None:
    assert before in GOOD
    problems = problems_of(GOOD.replace(before, after, 1), tmp_path)
    assert any(said in problem for problem in problems), problems


def test_a_mistake_has_its_line(tmp_path: Path) -> None:
    text = GOOD.replace("technique: T1595.001", "techniqe: T1595.001", 1)
    line = text[: text.index("techniqe")].count("\n") + 1
    assert problems_of(text, tmp_path) == [f":{line}: unknown key 'injects.1.techniqe': did you mean 'technique'?"]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("after: scan.sent + 3m", "after: scann.sent + 3m"),
        ("attacker: 198.51.100.23", "attacker: 8.8.8.8"),
        ("objective: O3", "objective: O9"),
        ("  - id: sqli\n", "  - id: scan\n"),
    ],
)
def test_what_does_not_fit_together_has_its_line_too(tmp_path: Path, before: str, after: str) -> None:
    text = GOOD.replace(before, after, 1)
    line = text[: text.rindex(after)].count("\n") + 1
    assert any(problem.startswith(f":{line}: ") for problem in problems_of(text, tmp_path))


def test_injects_follow_each_other() -> None:
    starts = schedule(load_scenario(PORTAL))
    assert starts["scan"] == timedelta(minutes=2)
    assert starts["sqli"] == timedelta(minutes=5)
    assert starts["exfiltration"] == timedelta(minutes=19)


def test_an_inject_may_stand_before_the_one_it_follows(tmp_path: Path) -> None:
    head, first, second = GOOD.partition("  - id: scan\n")[0], "  - id: sqli\n", "  - id: log4shell\n"
    rest = GOOD[len(head) :]
    scan, sqli, others = (
        rest[: rest.index(first)],
        rest[rest.index(first) : rest.index(second)],
        rest[rest.index(second) :],
    )
    (tmp_path / "turned.yaml").write_text(head + sqli + scan + others, encoding="utf-8")
    assert schedule(load_scenario(tmp_path / "turned.yaml")) == schedule(load_scenario(PORTAL))


def test_what_follows_a_prevention_is_not_sent_offline(tmp_path: Path) -> None:
    assert unreachable_offline(load_scenario(PORTAL)) == frozenset()
    text = GOOD.replace("after: sqli.sent + 4m", "after: sqli.prevented + 4m")
    (tmp_path / "x.yaml").write_text(text, encoding="utf-8")
    assert unreachable_offline(load_scenario(tmp_path / "x.yaml")) == {"log4shell", "exfiltration"}
    (tmp_path / "y.yaml").write_text(text.replace("prevented", "not_prevented"), encoding="utf-8")
    assert unreachable_offline(load_scenario(tmp_path / "y.yaml")) == frozenset()


def test_the_published_schema_is_current(request: pytest.FixtureRequest) -> None:
    path = ROOT / "docs" / "schemas" / "scenario.json"
    schema = json.dumps(Scenario.model_json_schema(), ensure_ascii=False, indent=2, sort_keys=True) + "\n"
    if request.config.getoption("--update-golden", default=False):
        path.write_text(schema, encoding="utf-8")
    assert path.read_text(encoding="utf-8") == schema
