"""Where a page's blocks run: a temporary folder with a copy of the course, and an environment of their own."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
import sys
import tempfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from ..model import Course, Page
from . import overlay

PREFIX = "coursekit-"
_KEPT = {"LD_LIBRARY_PATH", "PATH", "TZ", "CI", "COMSPEC", "PATHEXT", "SYSTEMROOT", "SYSTEMDRIVE", "WINDIR"}
_KEPT_BEGINNINGS = ("PIP_", "UV_", "SSL_", "REQUESTS_CA", "CURL_CA", "OMP_", "MKL_")  # set-up and limits, not secrets


class PagePlace:
    """A temporary folder for one page, for whoever makes it to remove.

    In it are `course/`, a copy of the course's files; `home/`, an empty home; `mailroom/`, the running example as it
    stands before the page's module, where there is one; and files of ours. The name of the running example is the
    only thing here that belongs to one course.
    """

    def __init__(self, course: Course, page: Page, within: Path | None = None) -> None:
        self.course, self.page = course, page
        self.root = Path(tempfile.mkdtemp(prefix=PREFIX, dir=within)).resolve()
        self.scratch = self.root / ".scratch"
        try:
            for folder in ("course", "home", ".scratch", ".tmp"):
                (self.root / folder).mkdir()
            self.start = self._lay_out()
        except BaseException:
            self.remove()
            raise

    def remove(self) -> None:
        """Delete the folder."""
        remove(self.root)

    def _lay_out(self) -> Path:
        """Copy what the page may need; the folder in which it begins."""
        for path in self.course.files:
            target = self.root / "course" / path
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(self.course.root / path, target)
        module = self.course.module_by_path.get(self.page.path)
        before = overlay.before(self.course, module) if module else {}
        if before:
            overlay.write(self.course, before, self.root / "mailroom")
        return self.root / ("mailroom" if before else "course")

    def variables(self) -> dict[str, str]:
        """The environment in which the first block begins."""
        kept = {name: value for name, value in os.environ.items() if name in _KEPT or name.startswith(_KEPT_BEGINNINGS)}
        path = os.pathsep.join([str(Path(sys.executable).parent), kept.get("PATH", os.defpath)])
        own = {
            "PATH": path,
            "HOME": str(self.root / "home"),
            "TMPDIR": str(self.root / ".tmp"),
            "LC_ALL": "C.UTF-8",
            "TERM": "dumb",
            "COLUMNS": "80",
            "NO_COLOR": "1",
            "PYTHONUNBUFFERED": "1",  # both streams in the order in which a terminal shows them
            "PAGER": "cat",
            "GIT_TERMINAL_PROMPT": "0",
            "MPLBACKEND": "Agg",
        }
        return kept | own | ({"VIRTUAL_ENV": sys.prefix} if sys.prefix != sys.base_prefix else {})


def remove(folder: Path) -> None:
    """Delete a folder, write-protected parts of it too; what is mounted in it is only taken off."""
    for point in _mounted(folder):
        subprocess.run(["umount", "--lazy", point], capture_output=True, check=False)
    shutil.rmtree(folder, onerror=_unprotect)


def _mounted(folder: Path) -> list[Path]:
    """What is mounted in a folder, the last first (Linux): a container that was ended leaves its files so."""
    table = Path("/proc/self/mounts")
    if not table.is_file():
        return []
    points = (Path(line.split()[1]) for line in table.read_text(encoding="utf-8", errors="replace").splitlines())
    return [point for point in points if point.is_relative_to(folder)][::-1]


def _unprotect(delete: Callable[[str], Any], path: str, _: object) -> None:
    for place in (Path(path).parent, Path(path)):
        with suppress(OSError):
            place.chmod(stat.S_IRWXU)
    with suppress(OSError):
        delete(path)
