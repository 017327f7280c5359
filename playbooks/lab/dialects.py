"""How the vendors' command lines behave, as far as a push sees them: modes, prompts, errors, saving, timers."""

import re
from collections.abc import Callable

from playbooks.lab.configuration import Section
from playbooks.lab.device import FakeDevice


class Dialect:
    """The command line of one login: `prompt` shows where it is, `answer` takes a line. `asking` waits for a yes."""

    negation = "no"
    setting_up: tuple[str, ...] = ("terminal ",)
    nested = r"^(interface|router|line|vlan|ip access-list|aaa group|acl|user-interface|local-user|class-map|key)\b"
    error = "% Invalid input detected at '^' marker."

    def __init__(self, device: FakeDevice) -> None:
        self.device = device
        self.path: list[str] = []
        self.configuring = False
        self.asking: Callable[[str], str] | None = None
        self.closed = False

    @property
    def prompt(self) -> str:
        raise NotImplementedError

    def answer(self, line: str) -> str:
        raise NotImplementedError

    def hostname(self, word: str) -> str:
        found = (line.split()[-1] for line in self.device.running.children if line.startswith(word + " "))
        return next(found, self.device.name)

    def section(self) -> Section:
        """The section that lines go into now; one removed meanwhile is made again, as devices do."""
        section = self.device.running
        for line in self.path:
            section = section.add(line)
        return section

    def configure(self, line: str) -> str:
        """A configuration line in the tree."""
        faults = self.device.faults
        if (faults.refuse and line.startswith(faults.refuse)) or line.startswith("bogus"):
            return self.error
        self.device.take(line)
        if line.startswith(self.negation + " "):
            self._climb(line)
            return "" if self.section().remove(line.removeprefix(self.negation + " ")) else self.missing()
        if re.match(self.nested, line):
            self.path = []
        self.section().add(line)
        if re.match(self.nested, line):
            self.path = [line]
        return ""

    def missing(self) -> str:
        return ""

    def _climb(self, line: str) -> None:
        if re.match(self.nested, line.removeprefix(self.negation + " ")):
            self.path = []


class Ios(Dialect):
    """Cisco IOS: `configure terminal [revert timer N]`, `configure confirm`, `write memory`."""

    before: Section | None = None

    @property
    def prompt(self) -> str:
        mode = "(config-sub)" if self.path else "(config)" if self.configuring else ""
        return f"{self.hostname('hostname')}{mode}#"

    def answer(self, line: str) -> str:
        if self.configuring:
            return self._configuring(line)
        device = self.device
        if line.startswith("configure terminal"):
            return self._enter(line)
        if line == "configure confirm":
            return "" if device.disarm() else "%No Rollback Confirmed Change pending"
        if line == "configure revert now":
            device.disarm()
            device.revert()
            return "Rollback: OK"
        if line in ("write memory", "write mem"):
            if device.faults.refuse_save:
                return "startup-config file open failed (Device or resource busy)"
            device.startup = device.running.copy()
            return "Building configuration...\n[OK]"
        if line == "show running-config":
            return f"Building configuration...\n\nCurrent configuration : 99 bytes\n!\n{device.running.text()}end\n"
        if line == "show startup-config":
            return f"Using 99 out of 999 bytes\n!\n{device.startup.text()}end\n"
        if line.startswith("show "):
            return f"{line} at {self.hostname('hostname')}"
        if line.startswith("terminal ") and not device.faults.keep_paging:
            return ""
        if line == "exit":
            self.closed = True
            return ""
        return "" if not line else self.error

    def _enter(self, line: str) -> str:
        if self.device.faults.locked:
            return "Configuration mode locked exclusively by user 'other' process '7' from terminal '1'."
        timed = re.search(r"revert timer (\d+)", line)
        self.before = self.device.running.copy()
        if timed:
            self.device.arm(int(timed[1]), self.before)
        self.configuring = True
        self.device.entered += 1
        return "Enter configuration commands, one per line.  End with CNTL/Z."

    def _configuring(self, line: str) -> str:
        if line == "end" or (line == "exit" and not self.path):
            self.path, self.configuring = [], False
            return ""
        if line in ("exit", "!"):
            self.path = []
            return ""
        return self.configure(line) if line else ""


class Vrp(Dialect):
    """Huawei VRP and H3C Comware: `system-view`, `undo`, `save` that asks."""

    negation = "undo"
    error = "Error: Unrecognized command found at '^' position."
    opening, closing = "<", ">"

    @property
    def prompt(self) -> str:
        name = self.hostname("sysname")
        if not self.configuring:
            return f"<{name}>"
        return f"[{name}-{self.path[-1].replace(' ', '')}]" if self.path else f"[{name}]"

    def missing(self) -> str:
        return ""

    def answer(self, line: str) -> str:
        device = self.device
        if line == "display current-configuration":
            return f"#\n{device.running.text()}#\nreturn\n"
        if line == "display saved-configuration":
            return f"#\n{device.startup.text()}#\nreturn\n"
        if line.startswith(("screen-length", "undo terminal")):
            return self.error if device.faults.keep_paging else ""
        if self.configuring:
            return self._configuring(line)
        if line == "system-view":
            if device.faults.locked:
                return "Error: The configuration is locked by another user."
            self.configuring = True
            device.entered += 1
            return "Enter system view, return user view with Ctrl+Z."
        if line in ("save", "save force"):
            if line == "save force":
                return self._saved("y")
            self.asking = self._saved
            return "The current configuration will be written to the device.\nAre you sure to continue?[Y/N]"
        if line.startswith("display "):
            return f"{line} at {self.hostname('sysname')}"
        if line == "quit":
            self.closed = True
            return ""
        return "" if not line else self.error

    def _saved(self, word: str) -> str:
        self.asking = None
        if word.lower() != "y":
            return ""
        if self.device.faults.refuse_save:
            return "Error: The disk is full, the configuration was not saved."
        self.device.startup = self.device.running.copy()
        return "Now saving the current configuration to the slot 0.\nSave the configuration successfully."

    def _configuring(self, line: str) -> str:
        if line == "return" or (line == "quit" and not self.path):
            self.path, self.configuring = [], False
            return ""
        if line in ("quit", "#"):
            self.path = []
            return ""
        return self.configure(line) if line else ""


class Junos(Dialect):
    """Junos: a candidate of `set` lines, `commit confirmed N`, `rollback`."""

    error = "syntax error."
    candidate: Section | None = None

    @property
    def prompt(self) -> str:
        return f"[edit]\nlab@{self.device.name}# " if self.configuring else f"lab@{self.device.name}> "

    def answer(self, line: str) -> str:
        device = self.device
        if line.startswith("set cli screen-length"):
            return "Screen length set to 0"
        if line.startswith("set cli screen-width"):
            return "Screen width set to 511"
        if line.startswith("set cli"):
            return "Disabling complete-on-space"
        if self.configuring:
            return self._configuring(line)
        if line.startswith("configure"):
            if device.faults.locked:
                return "error: configuration database locked by:\n  other terminal p1 (pid 7) on since now"
            self.configuring, self.candidate = True, device.running.copy()
            device.entered += 1
            return "Entering configuration mode"
        if line == "show configuration | display set":
            return device.running.text()
        if line == "exit":
            self.closed = True
            return ""
        return f"{line} at {device.name}" if line.startswith("show ") else "" if not line else "unknown command."

    def _configuring(self, line: str) -> str:
        assert self.candidate is not None
        device = self.device
        if line in ("exit", "exit configuration-mode"):
            self.configuring = False
            return "Exiting configuration mode"
        if line.startswith("commit"):
            return self._commit(line)
        if line.startswith("rollback "):
            wanted = device.previous if line == "rollback 1" and device.previous else device.running
            self.candidate = wanted.copy()
            return "load complete"
        if (device.faults.refuse and line.startswith(device.faults.refuse)) or not line.startswith(("set ", "delete ")):
            return self.error if line else ""
        device.take(line)
        if line.startswith("delete "):
            gone = self.candidate.remove("set " + line.removeprefix("delete "))
            return "" if gone else "warning: statement not found"
        self.candidate.add(line)
        return ""

    def _commit(self, line: str) -> str:
        assert self.candidate is not None
        device = self.device
        if device.faults.refuse_save:
            return "error: commit failed: could not write the configuration file"
        if line == "commit check":
            return "configuration check succeeds"
        before = device.running
        device.running = self.candidate.copy()
        timed = re.search(r"commit confirmed (\d+)", line)
        if timed:
            device.arm(int(timed[1]), before.copy())
            return "commit confirmed will be automatically rolled back in 1 minutes unless confirmed\ncommit complete"
        if not device.disarm():
            device.previous = before.copy()
        device.startup = device.running.copy()
        return "commit complete"


DIALECTS: dict[str, type[Dialect]] = {
    "cisco_ios": Ios,
    "huawei_vrp": Vrp,
    "h3c_comware": Vrp,
    "juniper_junos": Junos,
}
"""The command line of each platform that can be faked."""
