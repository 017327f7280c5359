"""Secrets by reference: `secret://name` is a file `secrets/name` of the data folder, or an environment variable."""

import os
import re
import stat
from collections.abc import Mapping
from pathlib import Path

from wardwatch.errors import SystemFault, UserError

SECRET_REFERENCE = re.compile(r"secret://([a-z0-9][a-z0-9._-]*)")


def variable_of(name: str) -> str:
    """The environment variable that gives a secret: `snmp-community` is `WARDWATCH_SECRET_SNMP_COMMUNITY`."""
    return "WARDWATCH_SECRET_" + re.sub(r"[^A-Z0-9]", "_", name.upper())


class Secrets:
    """Resolves references; a file comes before the environment. Nothing is cached, so a changed secret is seen."""

    def __init__(self, folder: Path, environment: Mapping[str, str] = os.environ) -> None:
        self._folder = folder
        self._environment = environment

    def resolve(self, reference: str) -> str:
        """The word behind `secret://name`, without its final line break. Raises `UserError` where there is none or
        others could read it."""
        match = SECRET_REFERENCE.fullmatch(reference)
        if match is None:
            raise UserError("this is not a reference to a secret", "write secret://NAME, never the secret itself")
        name = match[1]
        path = self._folder / name
        word = self._read(path)
        if word is None:
            word = self._environment.get(variable_of(name))
        if not word:
            raise UserError(
                f"the secret '{name}' is not known or empty",
                f"write it to {path} (mode 0600) or set {variable_of(name)}",
            )
        return word

    def _read(self, path: Path) -> str | None:
        try:
            with path.open(encoding="utf-8") as file:
                mode = stat.S_IMODE(os.fstat(file.fileno()).st_mode)
                if mode & 0o077:
                    raise UserError(f"{path} can be read by others (mode {mode:04o})", f"chmod 600 {path}")
                return file.read().rstrip("\r\n")
        except FileNotFoundError:
            return None
        except UnicodeDecodeError:
            raise UserError(f"{path} is not UTF-8 text", "write the secret again as plain text") from None
        except OSError as error:
            raise SystemFault(f"{path} cannot be read: {error.strerror}", "check who owns it") from None


def write_secrets(folder: Path, words: Mapping[str, str]) -> None:
    """Writes secret files that are not there yet (folder 0700, files 0600)."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    for name, word in words.items():
        try:
            descriptor = os.open(folder / name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            continue
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(word + "\n")
