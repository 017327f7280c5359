"""What is read out of rule files and out of rules.yaml."""

import json
from pathlib import Path

import pytest

from detectors.rules.candidate import changes, counted
from detectors.rules.checking import without
from detectors.rules.documents import RulesDocument, read_rules_settings
from detectors.rules.parsing import read_rules
from wardwatch.errors import DocumentError

TEXT = r"""# a comment
alert http any any -> $HOME_NET any (msg:"quotes \"and\; all"; content:"sid:7;"; \
classtype:bad-unknown; metadata:mitre_technique_id T1595_001; sid:1; rev:3;)
# alert tcp any any <> any any (msg:"off"; sid:2;)
alert tcp any any -> any any \
    (msg:"two lines"; \
    sid:3; rev:1;)
drop dns any any -> any 53 (msg:"dropped";sid:4;)
alert tcp any any -> any any (msg:"no sid";)
"""


def test_rules_are_read_with_what_people_choose_them_by() -> None:
    first, off, joined, dropped = read_rules(TEXT)
    assert (first.sid, first.rev, first.message) == (1, 3, 'quotes "and; all')
    assert (first.classtype, first.techniques, first.protocol) == ("bad-unknown", ("T1595.001",), "http")
    assert (off.sid, off.enabled, off.text[:5]) == (2, False, "alert")
    assert (joined.sid, joined.line, joined.message) == (3, 5, "two lines")
    assert (dropped.sid, dropped.action) == (4, "drop")


def test_a_broken_rule_is_commented_out_whole() -> None:
    text = without(TEXT, {5: "why"})
    assert [rule.sid for rule in read_rules(text) if rule.enabled] == [1, 4]
    assert counted(text, 1).active == 2
    assert 'two lines"; ' in text


def test_changes_between_two_sets() -> None:
    one = 'alert tcp any any -> any any (msg:"a"; sid:1; rev:1;)\nalert tcp any any -> any any (msg:"b"; sid:2;)\n'
    two = one.replace("rev:1", "rev:2").replace("sid:2", "sid:3")
    found = changes(read_rules(one), read_rules(two))
    assert [[rule.sid for rule in part] for part in (found.added, found.removed, found.changed)] == [[3], [2], [1]]
    assert changes(read_rules(one), read_rules(one.replace("\nalert", "\n# alert"))).removed[0].sid == 2


def test_settings_name_what_is_wrong_by_line(tmp_path: Path) -> None:
    path = tmp_path / "rules.yaml"
    assert read_rules_settings(path).ours, "without a file the product's own rules hold"
    path.write_text(
        "sources:\n  city: {url: 'https://rules.example/a.tar.gz', archive: b.zip}\n  other: {indx: x}\n"
        "disable: [2100498, 'everything']\nenable: ['re:(']\n",
        encoding="utf-8",
    )
    with pytest.raises(DocumentError) as raised:
        read_rules_settings(path)
    said = [(problem.line, problem.message) for problem in raised.value.problems]
    assert (2, "'sources.city': give exactly one of url, index, archive, folder") in said
    assert any(line == 3 and "did you mean 'index'?" in message for line, message in said)
    assert any(line == 4 and "chooses no rules" in message for line, message in said)
    assert any(line == 5 and "no regular expression" in message for line, message in said)


def test_settings_take_numbers_for_sids(tmp_path: Path) -> None:
    path = tmp_path / "rules.yaml"
    path.write_text("disable: [2100498, 're:GPL ']\nrollout: {first: [local]}\n", encoding="utf-8")
    found = read_rules_settings(path)
    assert found.disable == ("2100498", "re:GPL")
    assert found.rollout.first == ("local",)


def test_the_published_schema_is_fresh() -> None:
    committed = Path(__file__).parents[3] / "docs" / "schemas" / "rules.json"
    assert json.loads(committed.read_text(encoding="utf-8")) == RulesDocument.model_json_schema(), (
        "stale: run `python -m detectors.rules > docs/schemas/rules.json`"
    )
