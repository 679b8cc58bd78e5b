"""Processes that a block starts: found again wherever they hide, so that none survives it.

On Linux this process becomes the one that orphans fall to, so that even a daemon is found. Elsewhere a process
that leaves its group gets away.
"""

from __future__ import annotations

import ctypes
import os
import select
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

GRACE = 0.3  # seconds for a process that is about to end by itself, such as the `tee` of `> >(tee log)`
_SUBREAPER = 36  # PR_SET_CHILD_SUBREAPER
_PROC = Path("/proc")
_HELPERS = ("multiprocessing.resource_tracker", "multiprocessing.forkserver", "torch_shm_manager", "loky.backend")


def adopt_orphans() -> None:
    """Make orphans below this process its children (Linux)."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_SUBREAPER, 1, 0, 0, 0)


def wait(process: subprocess.Popen[bytes], seconds: float) -> bool:
    """Whether a process ends within so many seconds."""
    if sys.platform == "linux":
        with suppress(ProcessLookupError):
            handle = os.pidfd_open(process.pid)
            try:
                select.select([handle], [], [], max(seconds, 0))
            finally:
                os.close(handle)
        return process.poll() is not None
    try:
        process.wait(max(seconds, 0))
    except subprocess.TimeoutExpired:
        return False
    return True


def kill_group(leader: int) -> None:
    """End a process and those of its group, at once."""
    if os.name == "nt":
        subprocess.run(["taskkill", "/F", "/T", "/PID", str(leader)], capture_output=True, check=False)
        return
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(leader, signal.SIGKILL)


class Watch:
    """Finds what has been started below this process since it last looked."""

    def __init__(self) -> None:
        self.known = _all()
        self.spared: set[int] = set()  # those that may stay

    def clear(self, leader: int = 0) -> list[str]:
        """End every process that was started since the last look, and return the command lines of those ended.

        Args:
            leader: The group in which it was started, for systems that cannot tell whose a process is.
        """
        if sys.platform != "linux":
            return _clear_group(leader)
        left: dict[int, str] = {}
        deadline = time.monotonic() + GRACE
        while _has_children() and (found := self._found()):
            if time.monotonic() < deadline:
                time.sleep(0.01)
                continue
            left |= found
            for pid in found:
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            time.sleep(0.005)
        self.known = _all()
        return list(left.values())

    def _found(self) -> dict[int, str]:
        """Those that run below this process: id → command line."""
        fresh = {pid: parent for pid in _all() - self.known if (parent := _parent(pid)) is not None}
        roots = {os.getpid(), *self.spared}
        return {
            pid: line
            for pid in fresh.keys() - self.spared
            if _descends(pid, fresh, roots) and not any(helper in (line := command_line(pid)) for helper in _HELPERS)
        }


def _has_children() -> bool:
    with suppress(ChildProcessError):
        os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
        return True
    return False


def _all() -> set[int]:
    if sys.platform != "linux":
        return set()
    return {int(name) for name in os.listdir(_PROC) if name.isdigit()}  # noqa: PTH208 - twice as fast


def _parent(pid: int) -> int | None:
    """The parent of a process that is alive; one of ours that has ended is taken off the list."""
    try:
        state, parent = (_PROC / str(pid) / "stat").read_text(errors="replace").rpartition(")")[2].split()[:2]
    except OSError:
        return None
    if state in "ZX":
        with suppress(ChildProcessError):
            os.waitpid(pid, os.WNOHANG)
        return None
    return int(parent)


def _descends(pid: int, parents: dict[int, int], roots: set[int]) -> bool:
    while pid in parents:
        pid = parents[pid]
        if pid in roots:
            return True
    return False


def command_line(pid: int) -> str:
    """The command line of a process; empty where the system does not tell."""
    try:
        return (_PROC / str(pid) / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace").strip()
    except OSError:
        return ""


def _clear_group(leader: int) -> list[str]:
    if os.name == "nt" or not leader:
        return []
    deadline = time.monotonic() + GRACE
    while _group_lives(leader):
        if time.monotonic() > deadline:
            kill_group(leader)
            return [f"process group {leader}"]
        time.sleep(0.01)
    return []


def _group_lives(leader: int) -> bool:
    try:
        os.killpg(leader, 0)
    except (ProcessLookupError, PermissionError):
        return False
    return True
