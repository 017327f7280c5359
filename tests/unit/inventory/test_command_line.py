"""The command line: exit codes, one sentence an error, never a traceback."""

import errno
import fcntl
import sys
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType

import pytest

from wardwatch import cli
from wardwatch.errors import StoreFault

SAMPLE = Path(__file__).parents[3] / "docs" / "samples" / "inventory"


def plant(monkeypatch: pytest.MonkeyPatch, problem: BaseException) -> None:
    """A command `broken` that ends with the problem."""

    def command() -> None:
        raise problem

    module = ModuleType("broken_command")
    module.command = command  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "broken_command", module)
    monkeypatch.setitem(cli.PARTS, "broken", cli.Part("broken_command", "Fails."))


@pytest.mark.parametrize("arguments", [["inventry"], ["inventory", "import"], ["inventory", "show", "--dat", "x"]])
def test_a_wrong_command_line_is_the_users_fault(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(arguments) == 2
    told = capsys.readouterr().err
    assert told.startswith("wardwatch: ")
    assert "  hint: " in told


def test_help_lists_every_part_and_imports_none(capsys: pytest.CaptureFixture[str]) -> None:
    sys.modules.pop("wardwatch.cli.inventory", None)
    assert cli.run(["--help"]) == 0
    listed = capsys.readouterr().out
    assert all(f"  {name} " in listed for name in cli.PARTS)
    assert "wardwatch.cli.inventory" not in sys.modules


def test_every_part_is_there() -> None:
    assert [part.module for part in cli.PARTS.values() if find_spec(part.module) is None] == []


def test_a_missing_part_does_not_break_the_others(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(cli.PARTS, "later", cli.Part("wardwatch.cli.later", "Comes later."))
    assert cli.run(["later"]) == 1
    assert "not part of this installation" in capsys.readouterr().err


def test_what_we_break_is_one_line_and_a_log(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    plant(monkeypatch, ZeroDivisionError("oh"))
    assert cli.run(["broken"]) == 1
    told = capsys.readouterr().err
    (log,) = tmp_path.iterdir()
    assert told.splitlines()[0] == "wardwatch: unexpected ZeroDivisionError: oh"
    assert str(log) in told
    assert "Traceback" in log.read_text(encoding="utf-8")


def test_faults_and_interruptions_have_their_exit_codes(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    plant(monkeypatch, StoreFault("the disk is full", "make room"))
    assert cli.run(["broken"]) == 1
    assert capsys.readouterr().err == "wardwatch: the disk is full\n  hint: make room\n"
    plant(monkeypatch, KeyboardInterrupt())
    assert cli.run(["broken"]) == 130


def test_an_inventory_goes_in_and_comes_out(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    data = ["--data", str(tmp_path / "data")]
    assert cli.run(["inventory", "import", str(SAMPLE), *data]) == 0
    assert "imported 4 units" in capsys.readouterr().out
    assert cli.run(["inventory", "show", "--unit", "quan-mau", *data]) == 0
    assert "Quận Mẫu  [quan-mau, district]  3 devices" in capsys.readouterr().out
    assert cli.run(["inventory", "export", str(tmp_path / "out"), "--csv", *data]) == 0
    assert cli.run(["inventory", "import", str(tmp_path / "out"), *data, "--json"]) == 0
    assert '"devices": 3' in capsys.readouterr().out
    assert cli.run(["inventory", "show", "--unit", "quan-mo", *data]) == 2
    assert "did you mean 'quan-mau'?" in capsys.readouterr().err
    assert cli.run(["inventory", "show", "--data", str(tmp_path / "typo")]) == 2


def test_a_command_does_not_take_the_store_from_a_core_that_starts(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with (tmp_path / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        assert cli.run(["inventory", "show", "--data", str(tmp_path)]) == 1
    assert "its core does not answer" in capsys.readouterr().err
    assert cli.run(["inventory", "show", "--data", str(tmp_path)]) == 0


@pytest.mark.parametrize(
    ("problem", "exit_code", "says"),
    [
        (NotADirectoryError(errno.ENOTDIR, "Not a directory", "a/b"), 2, "wardwatch: a/b: Not a directory"),
        (OSError(errno.EROFS, "Read-only file system", "a/b"), 2, "wardwatch: a/b: Read-only file system"),
        (OSError(errno.ENOSPC, "No space left on device"), 1, "wardwatch: a file cannot be written: No space left"),
        (OSError(errno.EMFILE, "Too many open files", "a"), 1, "wardwatch: unexpected OSError"),
    ],
)
def test_a_file_that_cannot_be_used_is_named(
    problem: OSError, exit_code: int, says: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    plant(monkeypatch, problem)
    assert cli.run(["broken"]) == exit_code
    assert capsys.readouterr().err.startswith(says)
