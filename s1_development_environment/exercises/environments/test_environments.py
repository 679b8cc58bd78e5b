"""Checks of the exercises of "Environments and packages with uv"; run them in the project's directory."""

from __future__ import annotations

import json
import os
import re
import runpy
import shutil
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

TORCH = {"mac": "pypi", "windows_plain": "pypi", "windows_card": "cuda", "server": "pypi", "build": "cpu"}
SETTINGS = {"UV_CONFIG_FILE", "UV_DEFAULT_INDEX", "UV_EXTRA_INDEX_URL", "UV_FIND_LINKS", "UV_INDEX", "UV_INDEX_URL"}


def text(path: str, otherwise: str) -> str:
    assert Path(path).is_file(), f"there is no {path} here: {otherwise}"
    return Path(path).read_text(encoding="utf-8")


def pyproject() -> dict[str, Any]:
    written = text("pyproject.toml", "run the checks inside mailroom, after uv init")
    try:
        return tomllib.loads(written)
    except tomllib.TOMLDecodeError as error:
        pytest.fail(f"pyproject.toml is not valid TOML: {error}")


def name(requirement: str) -> str:
    found = re.match(r"\s*([\w.-]+)", requirement)
    return re.sub(r"[-_.]+", "-", found[1]).lower() if found else ""


# start-the-project


def test_start_the_project() -> None:
    project = pyproject()["project"]
    assert project["name"] == "mailroom", "the project must be called mailroom: run uv init inside that folder"
    assert project.get("requires-python") == ">=3.11", "requires-python must be >=3.11: uv init had --python 3.11?"
    assert project.get("scripts") == {"mailroom": "mailroom:main"}, (
        "the command mailroom is missing from [project.scripts]: uv init makes it with --package"
    )


def test_start_the_project_files() -> None:
    assert "def main" in text("src/mailroom/__init__.py", "uv init makes it with --package"), (
        "src/mailroom/__init__.py has no function main, which the command mailroom calls"
    )
    pinned = text(".python-version", "uv init writes it; uv python pin 3.11 too")
    assert pinned.strip().startswith("3.11"), ".python-version must say 3.11: uv python pin 3.11"
    ignored = text(".gitignore", "uv init writes it if Git is installed; else copy it from the solution")
    assert re.search(r"^/?\.venv/?$", ignored, re.M), ".gitignore must list .venv: an environment is never shared"


def test_start_the_project_readme() -> None:
    readme = text("README.md", "uv init makes an empty one")
    for command in ("uv sync", "uv run mailroom"):
        assert command in readme, f"README.md does not say `{command}`, which a colleague needs"


# add-packages


def test_add_packages() -> None:
    project = pyproject()
    needed = {name(requirement) for requirement in project["project"]["dependencies"]}
    developing = {name(item) for item in project.get("dependency-groups", {}).get("dev", []) if isinstance(item, str)}
    assert "numpy" in needed, "numpy is not among the dependencies: uv add numpy"
    assert "numpy" not in developing, "numpy is in the group dev as well, once is enough: uv remove --dev numpy"
    for tool in ("pytest", "ruff"):
        assert tool in developing, f"{tool} is not in the group dev: uv add --dev {tool}"
        assert tool not in needed, f"{tool} is a dependency of the program: uv remove {tool}, then uv add --dev {tool}"
    assert "ty" not in needed | developing, "ty is still in pyproject.toml: uv remove ty, with --dev if it is in dev"
    if (lock := Path("uv.lock")).is_file():
        locked = {package["name"] for package in tomllib.loads(lock.read_text(encoding="utf-8")).get("package", [])}
        missing = sorted({"numpy", "pytest", "ruff"} - locked)
        assert not missing, f"uv.lock knows no {', '.join(missing)}: add packages with uv add, or run uv lock"


def stub(folder: Path, requirement: str) -> None:
    """A wheel that is only a name and a version, enough for uv to resolve."""
    bound = re.search(r"([>=~]=|>)\s*([\w.]+)", requirement.partition(";")[0])
    version = "1.0" if not bound else f"{bound[2]}.0.1" if bound[1] == ">" else bound[2].rstrip(".")
    stem = f"{name(requirement).replace('-', '_')}-{version}"
    package, version = stem.split("-")
    with zipfile.ZipFile(folder / f"{stem}-py3-none-any.whl", "w") as wheel:
        wheel.writestr(f"{stem}.dist-info/METADATA", f"Metadata-Version: 2.1\nName: {package}\nVersion: {version}\n")
        wheel.writestr(f"{stem}.dist-info/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        wheel.writestr(f"{stem}.dist-info/RECORD", "")


def test_add_packages_can_be_locked(tmp_path: Path) -> None:
    """Whether uv can lock these dependencies at all; empty wheels stand for the packages, so no index is asked.

    Extras and the settings in tool.uv stay out: an index named there would be asked for its packages.
    """
    uv = os.environ.get("UV") or shutil.which("uv") or shutil.which("uv", path=str(Path(sys.executable).parent))
    assert uv, "uv is not found: is it installed, and its folder in PATH?"
    written = pyproject()
    needed = written["project"]["dependencies"]
    groups = {
        group: [item for item in items if isinstance(item, str)]
        for group, items in written.get("dependency-groups", {}).items()
    }
    wheels = tmp_path / "wheels"
    wheels.mkdir()
    for requirement in [*needed, *(item for items in groups.values() for item in items)]:
        stub(wheels, requirement)
    settings = tmp_path / "uv.toml"
    settings.write_text(f'no-index = true\nfind-links = ["{wheels.as_posix()}"]\n', encoding="utf-8")
    folder = tmp_path / "project"
    folder.mkdir()
    lines = ["[project]", 'name = "mailroom"', 'version = "0.1.0"']
    lines.append(f"requires-python = {json.dumps(written['project'].get('requires-python', '>=3.11'))}")
    lines += [f"dependencies = {json.dumps(needed)}", "[dependency-groups]"]
    lines += [f"{json.dumps(group)} = {json.dumps(items)}" for group, items in groups.items()]
    (folder / "pyproject.toml").write_text("\n".join(lines) + "\n", encoding="utf-8")
    done = subprocess.run(
        [uv, "--config-file", str(settings), "lock"],
        cwd=folder,
        env={key: value for key, value in os.environ.items() if key not in SETTINGS},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, f"uv cannot lock these dependencies: {done.stderr.strip()}"


# choose-torch


@pytest.mark.parametrize("machine", TORCH)
def test_choose_torch(machine: str) -> None:
    lines = text("notes/torch_index.txt", "copy it from the starter").splitlines()
    pairs = [line.partition("=") for line in lines if "=" in line and not line.lstrip().startswith("#")]
    answers = {key.strip(): value.partition("#")[0].strip().lower() for key, _, value in pairs}
    assert machine in answers, f"the line `{machine} =` is missing from notes/torch_index.txt"
    assert answers[machine] in ("pypi", "cpu", "cuda"), f"{machine}: write pypi, cpu or cuda behind the equals sign"
    assert answers[machine] == TORCH[machine], (
        f"{machine}: look again at the table: what does the default index hold for that system, and is it needed?"
    )


# check-environment


@pytest.fixture
def script() -> dict[str, Callable[..., Any]]:
    text("scripts/check_environment.py", "copy it from the starter")
    return runpy.run_path("scripts/check_environment.py")


def test_check_environment_runs_in(
    script: dict[str, Callable[..., Any]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine, other = tmp_path / ".venv", tmp_path / "other"
    mine.mkdir()
    other.mkdir()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "prefix", str(mine))
    assert script["runs_in"](Path(".venv")) is True, (
        "runs_in says no to the environment that sys.prefix (not sys.executable) names; "
        "one path may be relative, so resolve() both"
    )
    assert script["runs_in"](other) is False, "runs_in says yes to another environment's folder"


LOCK = """\
version = 1

[[package]]
name = "colorama"
version = "0.4.6"

[[package]]
name = "numpy"
version = "2.4.6"

[[package]]
name = "numpy"
version = "2.5.5"
"""


def test_check_environment_locked_versions(script: dict[str, Callable[..., Any]], tmp_path: Path) -> None:
    lock = tmp_path / "uv.lock"
    lock.write_text(LOCK, encoding="utf-8")
    locked = script["locked_versions"](lock)
    assert set(locked) == {"colorama", "numpy"}, "locked_versions must have one key for each package's name"
    assert set(locked["numpy"]) == {"2.4.6", "2.5.5"}, (
        "numpy is in the lock twice, for older and newer Pythons: keep both versions in the set"
    )
    assert set(locked["colorama"]) == {"0.4.6"}, "each version must be one string in a set"


def test_check_environment_differences(script: dict[str, Callable[..., Any]]) -> None:
    locked = {"numpy": {"2.4.6", "2.5.5"}, "pytest": {"9.2.0"}, "colorama": {"0.4.6"}}
    differences = script["differences"]
    assert differences(locked, {"numpy": "2.5.5", "pytest": "9.2.0"}) == [], (
        "numpy 2.5.5 is one of the locked versions, and colorama may be for another system: nothing differs"
    )
    lines = differences(locked, {"ty": "0.0.105", "pytest": "9.2.0", "numpy": "1.26.4"})
    assert [line.split()[0] for line in lines] == ["numpy", "ty"], (
        "a package that is not locked, and one in another version, must each give a line that begins with "
        "its name, in the order of the names"
    )
