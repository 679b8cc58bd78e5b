"""Say whether this Python is the project's own, and whether its packages are those of uv.lock.

Run it in the project's folder: `uv run python scripts/check_environment.py`.
"""

from __future__ import annotations

import re
import sys
import tomllib
from importlib.metadata import distributions
from pathlib import Path


def normalised(name: str) -> str:
    """A package's name as the lock file writes it: `Scikit_Learn` is `scikit-learn`."""
    return re.sub(r"[-_.]+", "-", name).lower()


def installed_versions() -> dict[str, str]:
    """The version of each package that this Python can import."""
    return {normalised(package.metadata["Name"]): package.version for package in distributions()}


def runs_in(environment: Path) -> bool:
    """Whether the Python that runs this belongs to the environment in that folder."""
    return Path(sys.prefix).resolve() == environment.resolve()


def locked_versions(lock: Path) -> dict[str, set[str]]:
    """The versions that a lock file allows for each package: several, if they differ between Pythons or systems."""
    with lock.open("rb") as file:
        packages = tomllib.load(file)["package"]
    versions: dict[str, set[str]] = {}
    for package in packages:
        versions.setdefault(package["name"], set()).add(package["version"])
    return versions


def differences(locked: dict[str, set[str]], installed: dict[str, str]) -> list[str]:
    """One line for each installed package that the lock file does not know, or not in this version."""
    lines = []
    for name, version in sorted(installed.items()):
        if name not in locked:
            lines.append(f"{name} {version} is not in the lock file")
        elif version not in locked[name]:
            lines.append(f"{name} {version}, locked: {', '.join(sorted(locked[name]))}")
    return lines


def main() -> None:
    environment, lock = Path(".venv"), Path("uv.lock")
    if not runs_in(environment):
        place = environment.resolve()
        sys.exit(f"check_environment: {sys.executable} does not belong to {place}: in the project's folder, use uv run")
    found = differences(locked_versions(lock), installed_versions())
    if found:
        sys.exit("\n".join(found))
    print(f"{len(installed_versions())} packages, all as in {lock}")


if __name__ == "__main__":
    main()
