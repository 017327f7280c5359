"""`wardwatch inventory`: import, export and show what the city has."""

import getpass
import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

from wardwatch.cli.data import open_data
from wardwatch.errors import NotFound
from wardwatch.inventory.documents import KINDS
from wardwatch.inventory.exchange import export_inventory, import_inventory
from wardwatch.inventory.tree import UnitTree, within
from wardwatch.model.access import Actor
from wardwatch.model.inventory import Inventory
from wardwatch.strict_yaml import nearest

app = typer.Typer(help="Import, export and show what the city has.", add_completion=False, no_args_is_help=True)

Data = Annotated[Path, typer.Option("--data", help="Data folder of the installation.", file_okay=False)]
_TREE_DEPTH = 3


@app.command("import")
def import_(
    paths: Annotated[list[Path], typer.Argument(help="YAML or CSV files, or folders of them.", metavar="PATH...")],
    data: Data,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Replaces the inventory by what the files say together; nothing is changed when anything is wrong with them."""
    inventory = import_inventory(paths)
    with open_data(data) as installation:
        installation.replace_inventory(Actor(f"cli:{getpass.getuser()}"), inventory)
    counts = _counts(inventory)
    if as_json:
        typer.echo(json.dumps({"imported": counts}))
    else:
        typer.echo("imported " + ", ".join(f"{count} {kind}" for kind, count in counts.items()))


@app.command("export")
def export(
    path: Annotated[Path, typer.Argument(help="Folder to write to, one file a kind.", metavar="PATH")],
    data: Data,
    as_csv: Annotated[bool, typer.Option("--csv", help="Write CSV instead of YAML.")] = False,
) -> None:
    """Writes the inventory as files that `import` reads."""
    with open_data(data, must_exist=True) as installation:
        inventory = installation.inventory
    written = export_inventory(inventory, path, as_csv)
    typer.echo(f"wrote {len(written)} files to {path}")


@app.command("show")
def show(
    data: Data,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    unit: Annotated[str | None, typer.Option("--unit", help="Only this unit and what is below it.")] = None,
) -> None:
    """Counts of everything and the tree of units with their devices."""
    with open_data(data, must_exist=True) as installation:
        inventory = installation.inventory
    if unit is not None:
        if unit not in inventory.units:
            raise NotFound(f"there is no unit '{unit}'", nearest(unit, list(inventory.units)))
        inventory = within(inventory, unit)
    typer.echo(_as_json(inventory, unit) if as_json else "\n".join(_lines(inventory, unit)))


def _counts(inventory: Inventory) -> dict[str, int]:
    return {kind: len(getattr(inventory, kind)) for kind in KINDS}


def _as_json(inventory: Inventory, unit: str | None) -> str:
    devices = Counter(device.unit for device in inventory.devices.values())
    tree = UnitTree(inventory.units)
    shown = tree.subtree(unit) if unit else inventory.units.keys()
    units = [
        {"id": each.id, "name": each.name, "kind": each.kind, "code": each.code, "parent": each.parent,
         "devices": devices[each.id]}
        for each in inventory.units.values() if each.id in shown
    ]  # fmt: skip
    roles = Counter(device.role.value for device in inventory.devices.values())
    document = {"counts": _counts(inventory), "devices_by_role": dict(sorted(roles.items())), "units": units}
    return json.dumps(document, ensure_ascii=False, indent=2)


def _lines(inventory: Inventory, unit: str | None) -> Iterator[str]:
    for kind, count in _counts(inventory).items():
        yield f"{kind:<12} {count:>6}"
    yield ""
    for role, count in sorted(Counter(device.role.value for device in inventory.devices.values()).items()):
        yield f"{role:<20} {count:>6}"
    yield ""
    tree = UnitTree(inventory.units)
    direct = Counter(device.unit for device in inventory.devices.values())
    for root in (unit,) if unit else tree.roots:
        yield from _branch(inventory, tree, direct, root, 0)


def _branch(inventory: Inventory, tree: UnitTree, direct: Counter[str], unit: str, depth: int) -> Iterator[str]:
    """A unit and what is below it, with the devices of its whole subtree; the third level is only counted."""
    devices = sum(direct[each] for each in tree.subtree(unit))
    children = tree.children(unit)
    each = inventory.units[unit]
    folded = depth + 1 >= _TREE_DEPTH and bool(children)
    below = f"  (+{len(tree.subtree(unit)) - 1} units)" if folded else ""
    yield f"{'  ' * depth}{each.name}  [{each.id}, {each.kind}]  {devices} devices{below}"
    if not folded:
        for child in children:
            yield from _branch(inventory, tree, direct, child, depth + 1)
