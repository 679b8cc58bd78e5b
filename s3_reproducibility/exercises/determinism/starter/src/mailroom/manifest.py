"""The record of a training run: what went into it, and what came out.

`python -m mailroom.manifest THEIRS OURS` compares two records.
"""

import hashlib
import json
import platform
import subprocess
import sys
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

import torch
from torch import nn

PACKAGES = ("hydra-core", "numpy", "scikit-learn", "torch")
RESULTS = ("dvc.lock", "metrics.json")  # what a run writes itself, and Git keeps

Record = dict[str, object]


def fingerprint(model: nn.Module) -> str:
    """A hash of all parameters and buffers: equal only if names, types, shapes and every bit of the values are."""
    # TODO (same-weights): one hash over the name, type, shape and bytes of each tensor, as hexadecimal digits.
    raise NotImplementedError


def file_hash(path: Path) -> str | None:
    """The SHA-256 hash of a file; None if there is no such file."""
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else None


def data_hashes(folder: Path) -> dict[str, str | None]:
    """The hash of each file in a folder and below, by its path in that folder, in the order of the paths."""
    # TODO (write-a-manifest): file_hash() for every file, at any depth; the same order on every system.
    raise NotImplementedError


def git(project: Path, *arguments: str) -> str | None:
    """What Git answers; None if it cannot, for example because the project is no repository."""
    try:
        done = subprocess.run(
            ["git", *arguments], cwd=project, capture_output=True, encoding="utf-8", errors="replace", check=True
        )
    except (OSError, subprocess.CalledProcessError):
        return None
    return done.stdout


def code_state(project: Path) -> Record:
    """The commit that is checked out, and the files that are not as it has them.

    Returns:
        `commit`, or None where there is none; `changed`, the paths of files that were edited, deleted, or never added,
        in order, or None if Git cannot say. What a run writes itself (`RESULTS`) and what Git ignores does not count.
    """
    # TODO (write-a-manifest): ask git() for both.
    raise NotImplementedError


def environment(project: Path) -> Record:
    """What the process runs in: nothing that names a person, and no environment variables, which hold secrets."""
    return {
        "lock": file_hash(project / "uv.lock"),
        "python": platform.python_version(),
        "packages": {name: version(name) for name in PACKAGES},
        "threads": torch.get_num_threads(),
        "deterministic": torch.are_deterministic_algorithms_enabled(),
        "system": f"{platform.system()} {platform.machine()}",
        "cpu": torch.backends.cpu.get_cpu_capability(),
    }


def begin(settings: object, data: Path, project: Path) -> Record:
    """The record as it stands before the training: code, settings and data may change while it runs."""
    return {
        "started": datetime.now(UTC).isoformat(timespec="seconds"),
        **code_state(project),
        "settings": settings,
        "data": data_hashes(data),
    }


def finish(record: Record, model: nn.Module, project: Path) -> Record:
    """The record with what is known only afterwards: the environment as it was used, and the result."""
    return {**record, "environment": environment(project), "weights": fingerprint(model)}


def write(record: Record, path: Path) -> None:
    """Write a record as text that people and `git diff` can read."""
    path.write_text(json.dumps(record, indent=2) + "\n", encoding="utf-8")


def differences(theirs: Record, ours: Record, prefix: str = "") -> list[str]:
    """Where two records differ, `started` aside.

    >>> differences({"environment": {"threads": 2}}, {"environment": {"threads": 1}})
    ['environment.threads: 2, here 1']
    """
    # TODO (rebuild-it): one line for each fact that differs or is missing; inside dictionaries too.
    raise NotImplementedError


def main() -> int:
    """Compare the two records on the command line; the exit code is 1 if their weights differ."""
    if len(sys.argv) != 3:
        print("usage: python -m mailroom.manifest THEIRS OURS", file=sys.stderr)
        return 2
    theirs, ours = (json.loads(Path(path).read_text(encoding="utf-8")) for path in sys.argv[1:])
    for line in differences(theirs, ours):
        print(line)
    same = theirs["weights"] == ours["weights"]
    print("same weights" if same else "different weights")
    return 0 if same else 1


if __name__ == "__main__":
    sys.exit(main())
