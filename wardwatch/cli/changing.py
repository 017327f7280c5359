"""What the commands that change configurations share: an installation's vault, logins and runs."""

import getpass
from pathlib import Path
from typing import Annotated

import typer

from playbooks.access import Access, read_access
from playbooks.hashicorp import VaultSecrets
from playbooks.planning import Planner
from playbooks.running import Runner
from playbooks.service import Changes, FileApprovals
from playbooks.vault import Vault, vault_key
from wardwatch.cli.data import open_data
from wardwatch.errors import NotFound
from wardwatch.model.text import visible
from wardwatch.model.time import utc_now
from wardwatch.secrets import Secrets
from wardwatch.settings import DataFolder
from wardwatch.topology.groups import redundancy_groups

Data = Annotated[Path, typer.Option("--data", help="Data folder of the installation.", file_okay=False)]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON.")]


def changing(root: Path) -> Changes:
    """Raises `UserError` where the installation, its inventory or its logins are not there."""
    data = DataFolder(root)
    with open_data(root, must_exist=True) as installation:
        inventory = installation.inventory
    folder = root / "playbooks"
    resolve = Secrets(data.secrets).resolve
    vault = Vault(root / "configurations", vault_key(data.secrets))
    document = read_access(folder / "access.yaml")
    if document.vault is not None:
        resolve = VaultSecrets(document.vault, resolve).resolve
    access = Access(document, inventory, folder / "known_hosts", resolve)
    # What a person wrote in the inventory; groups that were found by topology are kept in the core's store.
    groups = {device: group.id for group in redundancy_groups(inventory, (), {}) for device in group.devices}
    planner = Planner(inventory, access, vault, utc_now, groups, resolve)
    runner = Runner(folder, access, vault, resolve)
    return Changes(folder, access, vault, planner, runner, FileApprovals(folder / "plans", utc_now), utc_now)


def vault_of(root: Path) -> Vault:
    """The vault alone: what reading needs."""
    if not root.is_dir():
        raise NotFound(f"{root}: there is no such data folder", "give the folder of an installation with --data")
    return Vault(root / "configurations", vault_key(DataFolder(root).secrets))


def shown(text: str) -> str:
    """Lines for a terminal, each with what it would obey escaped."""
    return "\n".join(map(visible, text.splitlines()))


def caller() -> str:
    """Who types."""
    return getpass.getuser()
