"""Real software to push to: FRRouting behind OpenSSH, and its `ripd --tcli`, which has a candidate and a timer.

The daemons run in a network namespace of their own, so that no route touches this machine, and in a mount namespace
with an account list of their own, so that no account is made. Root only; Debian's frr and openssh-server.
"""

import contextlib
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from playbooks.lab.server import PASSWORD, USER
from wardwatch.errors import EngineFault

DAEMONS = Path("/usr/lib/frr")
WAITED_S = 20.0
_SSHD = """
Port {port}
ListenAddress 127.0.0.1
HostKey {folder}/host_key
PidFile {folder}/sshd.pid
UsePAM no
StrictModes no
PasswordAuthentication yes
MaxStartups 200
ForceCommand /usr/bin/vtysh --vty_socket {folder}/run
"""
_INSIDE = """
set -e
mount --make-rprivate /
for each in passwd shadow group; do mount --bind {folder}/$each /etc/$each; done
mount --bind {folder}/etc /etc/frr
cd {folder}
ip link set lo up
for each in zebra staticd; do
  {daemons}/$each -d -A 127.0.0.1 -P 0 -z {folder}/run/zserv.api --vty_socket {folder}/run -i {folder}/run/$each.pid
done
vtysh --vty_socket {folder}/run -b >/dev/null 2>&1
exec nsenter --net=/proc/{outside}/ns/net /usr/sbin/sshd -D -e -f {folder}/sshd_config
"""


def missing() -> str:
    """Why there can be no such laboratory here; empty where there can."""
    if os.geteuid() != 0:
        return "not root"
    wanted = (DAEMONS / "zebra", DAEMONS / "ripd", Path("/usr/sbin/sshd"), Path("/usr/bin/vtysh"))
    absent = [str(path) for path in wanted if not path.exists()]
    return f"{', '.join(absent)} not installed" if absent else ""


class FrrLab:
    """One router of zebra and staticd behind sshd. `port` and `host_key` are known once it runs. A context manager."""

    def __init__(self, text: str) -> None:
        self._made = tempfile.TemporaryDirectory(prefix="wardwatch-frr-")
        self._folder = Path(self._made.name)
        self._text = text
        self._shell: subprocess.Popen[bytes] | None = None
        self.port = _free_port()
        self.host_key = ""

    def __enter__(self) -> Self:
        for name in ("etc", "run"):
            (self._folder / name).mkdir(parents=True)
        (self._folder / "etc" / "vtysh.conf").write_text("service integrated-vtysh-config\n")
        (self._folder / "etc" / "frr.conf").write_text(self._text)
        self._accounts()
        Path("/run/sshd").mkdir(exist_ok=True)
        key = self._folder / "host_key"
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", key], check=True)
        self.host_key = " ".join((self._folder / "host_key.pub").read_text().split()[:2])
        (self._folder / "sshd_config").write_text(_SSHD.format(port=self.port, folder=self._folder))
        self._own()
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop_logins()
        self.drop()
        _end(self._folder / "run")
        self._made.cleanup()

    @property
    def running(self) -> str:
        """What vtysh says, asked beside every login."""
        words = ["vtysh", "--vty_socket", str(self._folder / "run"), "-c", "show running-config"]
        return subprocess.run(words, capture_output=True, text=True, check=True).stdout

    @property
    def startup(self) -> str:
        """What it will start with."""
        return (self._folder / "etc" / "frr.conf").read_text()

    def start(self) -> None:
        """Starts the daemons and the logins."""
        script = _INSIDE.format(folder=self._folder, daemons=DAEMONS, outside=os.getpid())
        log = (self._folder / "log").open("wb")
        self._shell = subprocess.Popen(["unshare", "-n", "-m", "sh", "-c", script], stdout=log, stderr=log)
        log.close()
        _wait(self.port, self._folder / "log")

    def stop_logins(self) -> None:
        """No new login from now on; those there are go on."""
        if self._shell is not None:
            self._shell.terminate()
            self._shell.wait(10)
            self._shell = None

    def start_logins(self) -> None:
        """Logins again, by the daemons that run."""
        inside = (self._folder / "run" / "zebra.pid").read_text().strip()
        command = ["nsenter", f"--mount=/proc/{inside}/ns/mnt", "/usr/sbin/sshd", "-D", "-f"]
        self._shell = subprocess.Popen([*command, str(self._folder / "sshd_config")], stderr=subprocess.DEVNULL)
        _wait(self.port, self._folder / "log")

    def drop(self) -> None:
        """Breaks every login there is."""
        for path in Path("/proc").glob("[0-9]*/cmdline"):
            with contextlib.suppress(OSError):
                words = path.read_bytes().split(b"\0")
                if b"vtysh" in words[0] and str(self._folder / "run").encode() in words:
                    os.kill(int(path.parent.name), signal.SIGKILL)

    def refuse_save(self, refused: bool) -> None:
        """Whether the configuration's folder can be written."""
        (self._folder / "etc").chmod(0o500 if refused else 0o700)
        (self._folder / "etc" / "frr.conf").chmod(0o400 if refused else 0o600)

    def _accounts(self) -> None:
        made = subprocess.run(["openssl", "passwd", "-6", PASSWORD], capture_output=True, text=True, check=True)
        for name in ("passwd", "shadow", "group"):
            shutil.copy2(f"/etc/{name}", self._folder / name)
        account = pwd.getpwnam("frr")
        with (self._folder / "passwd").open("a") as file:
            file.write(f"{USER}:x:{account.pw_uid}:{account.pw_gid}::{self._folder}:/bin/sh\n")
        with (self._folder / "shadow").open("a") as file:
            file.write(f"{USER}:{made.stdout.strip()}:19000:0:99999:7:::\n")

    def _own(self) -> None:
        for path in (self._folder / "etc", self._folder / "run", *(self._folder / "etc").iterdir()):
            shutil.chown(path, "frr", "frr")
        (self._folder / "etc").chmod(0o700)
        self._folder.chmod(0o711)


class RipLab:
    """`ripd --tcli`: a candidate, a lock and `commit confirmed` over telnet. Without zebra it has no interface to speak
    over. A context manager."""

    def __init__(self, name: str) -> None:
        self._made = tempfile.TemporaryDirectory(prefix="wardwatch-ripd-")
        self._folder = Path(self._made.name)
        self._name = name
        self.port = _free_port()

    def __enter__(self) -> Self:
        conf = self._folder / "ripd.conf"
        conf.write_text(f"hostname {self._name}\npassword {PASSWORD}\nenable password {PASSWORD}\n")
        for path in (self._folder, conf):
            shutil.chown(path, "frr", "frr")
        words: Sequence[str | Path] = [DAEMONS / "ripd", "-d", "--tcli", "-A", "127.0.0.1", "-P", str(self.port), "-f",
                 conf, "-i", self._folder / "ripd.pid", "-z", self._folder / "none",
                 "--vty_socket", self._folder]  # fmt: skip
        subprocess.run(words, check=True, capture_output=True)
        _wait(self.port, conf)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        _end(self._folder)
        self._made.cleanup()

    @property
    def startup(self) -> str:
        """What it will start with."""
        return (self._folder / "ripd.conf").read_text()

    def refuse_save(self, refused: bool) -> None:
        """Whether its folder can be written."""
        self._folder.chmod(0o500 if refused else 0o700)


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def _wait(port: int, log: Path) -> None:
    deadline = time.monotonic() + WAITED_S
    while time.monotonic() < deadline:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(0.05)
    raise EngineFault(f"nothing answers on port {port}: {log.read_text('utf-8')[-300:]}", "see what the daemons say")


def _end(folder: Path) -> None:
    """Ends the daemons that wrote their numbers there."""
    for path in folder.glob("*.pid"):
        with contextlib.suppress(ProcessLookupError, ValueError):
            os.kill(int(path.read_text()), signal.SIGTERM)
