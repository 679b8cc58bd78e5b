"""Which container engine is here: a real Docker, or buildah behind a command of the same name (`docker/`), or none.

A block marked `skip=engine` needs one. It runs where there is one; elsewhere it is reported as *not run*, and where
everything must run (`must_run`) that is a failure: nobody may believe that an image was built when none was.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from .docker.shim import READY

SHIM = Path(__file__).with_name("docker") / "bin"
NOT_RUN = (
    "not run: no container engine is here. Start Docker; or, as root on Debian, let `bash .ci/engine` set up buildah "
    "in its place."
)


@dataclass(frozen=True, slots=True)
class Engine:
    """Args:
    name: As readers know it, "Docker" or "buildah".
    version: Of the engine.
    path: A folder with a command `docker`, to be put first on PATH; None where the real one is found anyway.
    """

    name: str
    version: str
    path: Path | None = None

    def search_path(self, path: str) -> str:
        """`PATH` for a process that shall find this engine as `docker`."""
        return path if self.path is None else f"{self.path}{os.pathsep}{path}"


@cache
def engine() -> Engine | None:
    """The engine of this machine; None where there is none that works (a client without its service is none)."""
    return _docker() or _buildah()


def must_run() -> bool:
    """Whether a block that cannot run for want of an engine is a failure: in CI, which promises to run everything."""
    return os.environ.get("CI", "").lower() not in ("", "0", "false")


def _docker() -> Engine | None:
    version = _output(["docker", "version", "--format", "{{.Server.Version}}"])
    return Engine("Docker", version) if version else None


def _buildah() -> Engine | None:
    if not READY.is_file() or shutil.which("buildah") is None or os.geteuid() != 0:
        return None
    words = _output(["buildah", "--version"]).split()
    return Engine("buildah", words[2], SHIM) if len(words) > 2 else None


def _output(command: list[str]) -> str:
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=20, check=True)
    except (OSError, subprocess.SubprocessError):
        return ""
    return done.stdout.strip()
