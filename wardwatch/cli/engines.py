"""What `settings.yaml` says, and whether the engines it names answer. Changes nothing."""

from wardwatch.cli.findings import Finding, Verdict
from wardwatch.errors import WardWatchError
from wardwatch.installation import Installation, read_installation
from wardwatch.records import ElasticSettings
from wardwatch.settings import DataFolder
from wardwatch.state import reach_state


def engine_findings(data: DataFolder) -> list[Finding]:
    """One finding for the settings, and one for each engine outside the data folder."""
    try:
        installation = read_installation(data)
    except WardWatchError as error:
        return [Finding("settings", Verdict.MISSING, str(error), f"mend {data.settings}")]
    found = f"{data.settings} is in order" if data.settings.exists() else "none: everything is in the data folder"
    findings = [Finding("settings", Verdict.OK, found)]
    if isinstance(installation.records, ElasticSettings):
        findings.append(_elasticsearch(installation.records))
    if installation.state_url != data.state_url:
        findings.append(_postgresql(installation))
    return findings


def _elasticsearch(settings: ElasticSettings) -> Finding:
    from wardwatch.records.elastic.reach import reach

    try:
        health = reach(settings)
    except WardWatchError as error:
        return Finding("elasticsearch", Verdict.MISSING, error.message, error.hint or "")
    if health.startswith("red"):
        return Finding("elasticsearch", Verdict.MISSING, health, "bring its lost shards back: see the log of its nodes")
    return Finding("elasticsearch", Verdict.OK, health)


def _postgresql(installation: Installation) -> Finding:
    try:
        reach_state(installation.state_url, installation.state)
    except WardWatchError as error:
        return Finding("postgresql", Verdict.MISSING, error.message, error.hint or "")
    return Finding("postgresql", Verdict.OK, "answers")
