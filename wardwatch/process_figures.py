"""What the kernel says of a process (proc(5)): memory, open files, threads, processor time."""

import os
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")
_PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")
# Places in /proc/PID/stat after the name's closing bracket, which may hold spaces itself.
_UTIME, _STIME, _THREADS, _RSS = 11, 12, 17, 21


def process_figures(pid: int) -> dict[str, float]:
    """`rss_bytes`, `threads`, `cpu_s`, `open_files`; nothing for one that is gone, and where /proc is not."""
    folder = Path("/proc") / str(pid)
    try:
        fields = (folder / "stat").read_text("utf-8", "replace").rpartition(")")[2].split()
        return {
            "rss_bytes": float(int(fields[_RSS]) * _PAGE_BYTES),
            "threads": float(fields[_THREADS]),
            "cpu_s": (int(fields[_UTIME]) + int(fields[_STIME])) / _TICKS,
            "open_files": float(sum(1 for _ in (folder / "fd").iterdir())),
        }
    except (OSError, IndexError, ValueError):
        return {}
