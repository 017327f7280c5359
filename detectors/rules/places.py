"""The layout of the folder of rules (`DataFolder.rules`)."""

from dataclasses import dataclass
from pathlib import Path

RULES = "suricata.rules"
"""The name of a whole set, wherever it stands; the one at the top is what sensors get."""


@dataclass(frozen=True, slots=True)
class RulePlaces:
    """Where things stand. `settings`, `local`, `archives` and `captures` are the operator's, the rest is ours."""

    root: Path

    @property
    def settings(self) -> Path:
        """Sources and tuning (`detectors.rules.documents`); often missing."""
        return self.root / "rules.yaml"

    @property
    def local(self) -> Path:
        """The installation's own rules, `*.rules`."""
        return self.root / "local"

    @property
    def archives(self) -> Path:
        """Archives that were brought by hand."""
        return self.root / "archives"

    @property
    def captures(self) -> Path:
        """Captures (`*.pcap`, `*.pcapng`) over which candidates are replayed."""
        return self.root / "captures"

    @property
    def sources(self) -> Path:
        """The last good copy of each source."""
        return self.root / "sources"

    @property
    def candidate(self) -> Path:
        """The set that was built last, what was found out about it."""
        return self.root / "candidate"

    @property
    def versions(self) -> Path:
        """Every set that was deployed, by its version; `history.jsonl` says when and by whom."""
        return self.root / "versions"

    @property
    def deployed(self) -> Path:
        """What sensors get."""
        return self.root / RULES

    @property
    def first(self) -> Path:
        """What the sensors get that try a set before the others: `suricata.rules`, and `edges`, their names."""
        return self.root / "first"

    @property
    def rollout(self) -> Path:
        """How far the rollout under way is."""
        return self.root / "rollout.json"

    @property
    def lock(self) -> Path:
        """Locked by whoever changes anything here."""
        return self.root / ".lock"
