"""`notify.yaml`: what is said becomes settings, and what is wrong is named."""

from datetime import timedelta
from pathlib import Path

import pytest

from wardwatch.errors import DocumentError
from wardwatch.model.status import Severity
from wardwatch.notify.documents import read_notify

GOOD = """
channels:
  - {name: mail, url: "secret://mail-url", language: en}
people:
  - {name: an, channels: [mail]}
rotas:
  - {name: noc, people: [an], starts: 2026-11-23, handover: "07:30"}
routes:
  - name: serious
    severities: [critical, high]
    kinds: [outage]
    rotas: [noc]
    escalation: [{channels: [mail]}]
quiet_hours: {start: "22:00", end: "06:00"}
sla_minutes: {high: 20}
drill_channels: [mail]
"""


def test_what_is_said(tmp_path: Path) -> None:
    path = tmp_path / "notify.yaml"
    path.write_text(GOOD, encoding="utf-8")
    settings = read_notify(path)
    assert settings.channels["mail"].url == "secret://mail-url"
    assert settings.routes[0].escalation[0].channels == ("mail",)
    assert settings.sla[Severity.HIGH] == timedelta(minutes=20)
    assert settings.sla[Severity.CRITICAL] == timedelta(minutes=15)


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ("secret://mail-url", "mailto://an:pass@example.vn", "must be a reference"),
        ("people: [an]", "people: [am]", "rota 'noc': there is no person 'am'; did you mean 'an'?"),
        ("rotas: [noc]", "rotas: [nok]", "route 'serious': there is no rota 'nok'; did you mean 'noc'?"),
        ("kinds: [outage]", "kind: [outage]", "kinds"),
        ("    rotas: [noc]\n", "", "a step tells nobody"),
        ("drill_channels: [mail]", "drill_channels: [x]", "drill_channels: there is no channel 'x'"),
    ],
)
def test_what_is_wrong_is_named(tmp_path: Path, before: str, after: str, said: str) -> None:
    path = tmp_path / "notify.yaml"
    path.write_text(GOOD.replace(before, after), encoding="utf-8")
    with pytest.raises(DocumentError) as refused:
        read_notify(path)
    assert said in str(refused.value)
    assert "pass@" not in str(refused.value)
