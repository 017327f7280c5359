"""Configurations as they were: normalised and redacted in git, the full text sealed beside it, from the first commit.

A secret that a device only wrote differently (a new salt) makes no commit; the newest full text is kept all the same.
"""

import fcntl
import os
import re
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken

from playbooks.platforms import Platform
from playbooks.texts import normalised, redacted
from wardwatch.errors import EngineFault, NotFound, UserError
from wardwatch.secrets import write_secrets

KEY = "configuration-key"
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,120}")


@dataclass(frozen=True, slots=True)
class Version:
    """A commit that changed a device's configuration."""

    commit: str
    at: str
    message: str


@dataclass(frozen=True, slots=True)
class Hit:
    """A line of a configuration that a search found."""

    device: str
    line: int
    text: str


def vault_key(secrets: Path) -> bytes:
    """The key that seals full texts: the secret `configuration-key`, made when there is none."""
    path = secrets / KEY
    if not path.exists():
        write_secrets(secrets, {KEY: Fernet.generate_key().decode()})
    return path.read_text("ascii").strip().encode()


class Vault:
    """The folder of configurations. Threads share it; one writes at a time."""

    def __init__(self, folder: Path, key: bytes) -> None:
        self._folder = folder
        try:
            self._fernet = Fernet(key)
        except ValueError:
            raise UserError(
                "the secret configuration-key is no key", "restore it from a backup of the secrets"
            ) from None
        self._turn = threading.Lock()
        self._committing = threading.Lock()
        self._prepared = False
        self._waiting: dict[str, tuple[str, str]] = {}

    def seal(self, text: str) -> str:
        return self._fernet.encrypt(text.encode()).decode()

    def unseal(self, token: str) -> str:
        try:
            return self._fernet.decrypt(token.encode()).decode()
        except InvalidToken:
            raise EngineFault(
                "a sealed configuration cannot be opened", "restore the secret configuration-key"
            ) from None

    def store(self, device: str, text: str, platform: Platform, who: str, why: str, *, commit: bool = True) -> bool:
        """Keeps a full text; says whether the configuration has changed since the last one. Without `commit` it is on
        the disk, and `commit()` must come."""
        if not _NAME.fullmatch(device):
            raise UserError(f"'{device}' cannot name a file", "rename the device in the inventory")
        shown = redacted(normalised(text, platform), platform)
        plain, sealed = self._folder / f"{device}.cfg", self._folder / f"{device}.sealed"
        with self._turn:
            self._prepare()
            changed = not plain.exists() or plain.read_text("utf-8") != shown
            if changed or self.full(device) != text:
                _replace(sealed, self.seal(text))
            if changed:
                _replace(plain, shown)
                self._waiting[device] = (who, why)
        if commit:
            self.commit()
        return changed

    def commit(self) -> None:
        """Commits what waits: of threads that come together one commits for all, since a commit costs as much for
        many files as for one."""
        if not self._waiting:
            return
        with self._committing, self._alone():
            with self._turn:
                waiting, self._waiting = self._waiting, {}
            for who, why in sorted(set(waiting.values())):
                names = [f"{device}.{kind}" for device in waiting for kind in ("cfg", "sealed")
                         if waiting[device] == (who, why)]  # fmt: skip
                self._git("add", "--", *names)
                if not self._git("status", "--porcelain", "--", *names):
                    # A newer text of the same device went along with the commit before.
                    continue
                self._git("-c", f"user.name={who}", "-c", "user.email=wardwatch@localhost", "commit", "-q", "-m", why,
                          "--", *names)  # fmt: skip

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """One process commits at a time: git refuses a second one instead of waiting."""
        if not (self._folder / ".git").is_dir():
            yield
            return
        with (self._folder / ".git" / "wardwatch.lock").open("w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield

    def full(self, device: str, commit: str | None = None) -> str:
        """The full text, the newest or that of a commit. Raises `NotFound`."""
        if commit is not None:
            return self.unseal(self._show(device, commit, "sealed"))
        path = self._folder / f"{device}.sealed"
        return self.unseal(path.read_text("ascii")) if path.exists() else ""

    def shown(self, device: str, commit: str = "HEAD") -> str:
        """The redacted text. Raises `NotFound`."""
        return self._show(device, commit, "cfg")

    def versions(self, device: str) -> list[Version]:
        """The commits of a device, the newest first."""
        if not (self._folder / ".git").exists():
            return []
        said = self._git("log", "--format=%H%x00%cI%x00%an: %s", "--", f"{device}.cfg")
        return [Version(*line.split("\0")) for line in said.splitlines()]

    def search(self, pattern: str) -> list[Hit]:
        """Lines of all newest configurations that a regular expression finds. Secrets are not searched."""
        try:
            wanted = re.compile(pattern)
        except re.error as error:
            raise UserError(f"'{pattern}' is no regular expression: {error}") from None
        return [
            Hit(path.stem, number, line)
            for path in sorted(self._folder.glob("*.cfg"))
            for number, line in enumerate(path.read_text("utf-8").splitlines(), 1)
            if wanted.search(line)
        ]

    def _show(self, device: str, commit: str, kind: str) -> str:
        if not re.fullmatch(r"HEAD|HEAD~\d+|[0-9a-f]{4,64}", commit):
            raise UserError(f"'{commit}' is no version", "see 'wardwatch config show DEVICE --versions'")
        try:
            return self._git("show", f"{commit}:{device}.{kind}")
        except EngineFault:
            raise NotFound(f"there is no configuration of {device} at {commit}", "back it up first") from None

    def _prepare(self) -> None:
        if self._prepared:
            return
        if not (self._folder / ".git").exists():
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._git("init", "-q", "-b", "main")
        with self._alone():
            # A process that died between writing and committing left its texts here.
            for path in self._git("status", "--porcelain", "--", "*.cfg").splitlines():
                device = path[3:].strip('"').removesuffix(".cfg")
                if (self._folder / f"{device}.sealed").exists():
                    self._waiting.setdefault(device, ("wardwatch", "kept by a process that died"))
        self._prepared = True

    def _git(self, *arguments: str) -> str:
        environment = {"PATH": os.environ.get("PATH", ""), "HOME": str(self._folder), "GIT_CONFIG_NOSYSTEM": "1"}
        done = subprocess.run(
            ["git", "-C", str(self._folder), *arguments],
            capture_output=True,
            encoding="utf-8",
            env=environment,
            check=False,
        )
        if done.returncode != 0:
            raise EngineFault(f"git {arguments[0]} failed: {done.stderr.strip()[:200]}", f"look into {self._folder}")
        return done.stdout


def _replace(path: Path, text: str) -> None:
    """Whole or not at all."""
    fresh = path.with_suffix(path.suffix + ".new")
    with fresh.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)
