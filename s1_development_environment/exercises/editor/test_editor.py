"""Checks of the exercises of "Editor, debugger, assistant"; run them in the project's directory."""

from __future__ import annotations

import json
import os
import re
import runpy
import subprocess
import sys
from collections.abc import Callable, Iterable
from pathlib import Path, PurePosixPath
from typing import Any

import pytest

EXTENSIONS = {"ms-python.python", "charliermarsh.ruff"}


def read(path: str) -> dict[str, Any]:
    assert Path(path).is_file(), f"there is no {path} here: write it, and run the checks inside mailroom"
    try:
        found = json.loads(Path(path).read_text(encoding="utf-8"))
    except ValueError as error:
        found = error
    assert isinstance(found, dict), (
        f"{path} is not plain JSON ({found}): look for a comment, a comma before a closing bracket, or a missing one"
    )
    return found


def strings(value: object) -> Iterable[str]:
    """All texts in a JSON value, keys too."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield key
            yield from strings(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from strings(inner)


# share-settings

SETTINGS = ".vscode/settings.json"
COLLEAGUE = {
    "editor.defaultFormatter": "esbenp.prettier-vscode",
    "editor.formatOnSave": False,
    "[python]": {"editor.defaultFormatter": "ms-python.black-formatter", "editor.formatOnSave": False},
}


def for_python(key: str, user: dict[str, Any], workspace: dict[str, Any]) -> Any:
    """What the editor takes for a Python file: later places win, and those for the language beat all others."""
    places = [user, workspace, user.get("[python]", {}), workspace.get("[python]", {})]
    return next((place[key] for place in reversed(places) if key in place), None)


def test_share_settings_interpreter() -> None:
    written = read(SETTINGS).get("python.defaultInterpreterPath", "")
    assert PurePosixPath(written) == PurePosixPath("${workspaceFolder}/.venv"), (
        "python.defaultInterpreterPath must be the folder .venv in ${workspaceFolder}: without bin or Scripts, "
        "so that it holds on every system"
    )


def test_share_settings_formatter() -> None:
    settings = read(SETTINGS)
    assert for_python("editor.defaultFormatter", COLLEAGUE, settings) == "charliermarsh.ruff", (
        "a colleague has another formatter for Python in her user settings, and hers wins: write yours into [python]"
    )
    assert for_python("editor.formatOnSave", COLLEAGUE, settings) is True, (
        "a colleague has switched formatting on save off for Python, and hers wins: write yours into [python]"
    )


def test_share_settings_tests_and_line_endings() -> None:
    settings = read(SETTINGS)
    assert settings.get("python.testing.pytestEnabled") is True, "the editor is not told that the tests are for pytest"
    assert settings.get("files.eol") == "\n", 'new files must get LF line endings: "files.eol" is "\\n"'


def test_share_settings_nothing_personal() -> None:
    settings = read(SETTINGS)
    personal = [key for key in settings if re.match(r"workbench\.|window\.|editor\.font", key)]
    assert not personal, f"{personal} is a matter of taste: it belongs into everybody's own user settings"
    paths = [text for text in strings(settings) if re.search(r"/home/|/Users/|^[A-Za-z]:[\\/]|^~", text)]
    assert not paths, f"{paths} exists on one machine only: begin the path with ${{workspaceFolder}}"


def test_share_settings_extensions() -> None:
    missing = EXTENSIONS - set(read(".vscode/extensions.json").get("recommendations", []))
    assert not missing, f".vscode/extensions.json does not recommend {sorted(missing)}, which the settings need"


# launch-configurations

LAUNCH = ".vscode/launch.json"


def launched(key: str, value: str) -> dict[str, Any]:
    """The configuration that starts a certain thing."""
    launch = read(LAUNCH)
    assert launch.get("version") == "0.2.0", 'launch.json begins with "version": "0.2.0", the version of the format'
    found = [one for one in launch.get("configurations", []) if one.get(key) == value]
    assert found, f'no configuration in launch.json has "{key}": "{value}"'
    return dict(found[0])


def started(configuration: dict[str, Any], folder: Path, file: Path) -> str:
    """What a configuration prints when its Python is started as the editor would."""
    text = json.dumps(configuration)
    text = text.replace("${workspaceFolder}", folder.as_posix()).replace("${fileDirname}", file.parent.as_posix())
    ready = json.loads(text.replace("${file}", file.as_posix()))
    what = ["-m", ready["module"]] if "module" in ready else [ready["program"]]
    done = subprocess.run(
        [sys.executable, *what, *ready.get("args", [])],
        cwd=ready.get("cwd", folder),
        env={**os.environ, "PYTHONPATH": str(folder / "src"), **ready.get("env", {})},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    return done.stdout.strip() or done.stderr.strip()


@pytest.mark.parametrize(("key", "value"), [("program", "${file}"), ("module", "mailroom.train")])
def test_launch_configurations(key: str, value: str, tmp_path: Path) -> None:
    configuration = launched(key, value)
    assert configuration.get("type") == "debugpy", 'the type is "debugpy": "python" was its name until 2024'
    assert configuration.get("request") == "launch", 'the request is "launch": the editor starts the program itself'
    assert configuration.get("name"), "a configuration needs a name, which the menu shows"
    folder = tmp_path / "my project"
    for path in ("src/mailroom/__init__.py", "src/mailroom/train.py", "scripts/show.py"):
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text("" if "__init__" in path else "import os\nprint(os.getcwd())\n", encoding="utf-8")
    printed = started(configuration, folder, folder / "scripts/show.py")
    assert Path(printed) == folder.resolve(), (
        f"it runs in {printed!r} and not in the project's folder, so data/raw would not be found: set cwd"
    )


def test_launch_configurations_names() -> None:
    names = [one.get("name") for one in read(LAUNCH).get("configurations", [])]
    assert len(set(names)) == len(names) >= 2, f"each configuration needs a name of its own: {names}"


# write-devcontainer

DEVCONTAINER = ".devcontainer/devcontainer.json"


def test_write_devcontainer_image() -> None:
    image = read(DEVCONTAINER).get("image", "")
    name, _, tag = image.partition("@")[0].rpartition(":")
    assert name == "ghcr.io/astral-sh/uv", (
        f"the image {image!r} is not ghcr.io/astral-sh/uv with a tag behind a colon: without a tag it would be another "
        "one every few weeks, and another image may not have uv"
    )
    assert re.fullmatch(r"0\.13\.9-python3\.11-trixie(-slim)?", tag), (
        f"the tag {tag!r} does not name uv 0.13.9, then python3.11, then trixie, joined by hyphens"
    )


def mount(written: str | dict[str, str]) -> dict[str, str]:
    """A mount as a mapping; it may be written as one text, `type=volume,source=…,target=…`."""
    if isinstance(written, str):
        pairs = (part.partition("=") for part in written.split(","))
        written = {key.strip(): value.strip() for key, _, value in pairs}
    names = {"dst": "target", "destination": "target", "src": "source"}
    return {names.get(key, key): value for key, value in written.items()}


def test_write_devcontainer_keeps_venv_apart() -> None:
    mounts = [mount(written) for written in read(DEVCONTAINER).get("mounts", [])]
    over = [one for one in mounts if one.get("target") == "${containerWorkspaceFolder}/.venv"]
    assert over, (
        "no mount has the target ${containerWorkspaceFolder}/.venv: container and laptop would share one environment"
    )
    assert over[0].get("type") == "volume", "the mount over .venv must be a volume: bind would show a folder of yours"


def test_write_devcontainer_command() -> None:
    command = " ".join(strings(read(DEVCONTAINER).get("postCreateCommand", "")))
    assert "uv sync" in command, "nothing installs the packages: let postCreateCommand call uv sync"
    assert "--locked" in command, (
        "write uv sync --locked, which stops if the lock does not fit: without it uv may write a new lock, and "
        "--frozen does not ask"
    )


def test_write_devcontainer_extensions() -> None:
    editor = read(DEVCONTAINER).get("customizations", {}).get("vscode", {})
    missing = EXTENSIONS - set(editor.get("extensions", []))
    assert not missing, f"{sorted(missing)} is missing from customizations, vscode, extensions: in there it is not yet"


# review-the-patch


@pytest.fixture
def evaluate() -> Callable[[Path], tuple[int, int]]:
    assert Path("scripts/review_me.py").is_file(), "there is no scripts/review_me.py here: copy it from the starter"
    found = runpy.run_path("scripts/review_me.py")
    assert "evaluate" in found, "scripts/review_me.py has no function evaluate any more"
    assert any(getattr(value, "__name__", "") == "numpy" for value in found.values()), (
        "scripts/review_me.py does not import NumPy any more: repair the patch rather than undo it"
    )
    return lambda path: tuple(found["evaluate"](path))


def stops(evaluate: Callable[[Path], object], path: Path, wrong: str) -> None:
    """Fail unless a broken export stops the program with a ValueError, as in mean_reader.py."""
    try:
        result = evaluate(path)
    except ValueError:
        return
    except (Exception, SystemExit) as error:
        raise AssertionError(
            f"{wrong}: it stops, but with {type(error).__name__} and not with the ValueError of mean_reader.py"
        ) from None
    raise AssertionError(f"{wrong}, and it says {result} as if nothing were wrong")


def export(folder: Path, scans: list[tuple[int, int]]) -> Path:
    """An export of scans that are all of one ink: pairs of digit and ink."""
    lines = [f"{number:04},{digit}" + f",{ink}" * 64 for number, (digit, ink) in enumerate(scans)]
    path = folder / "export.csv"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def test_review_the_patch_learns_from_held_out_scans(evaluate: Callable[[Path], object], tmp_path: Path) -> None:
    path = export(tmp_path, [(0, 0), (0, 0), (1, 16), (1, 16), *[(0, 9)] * 20])
    assert evaluate(path) == (0, 20), (
        "the 20 held-out scans are nearer to the ones than to the noughts that were there to learn from, and it "
        "still reads them as 0: which scans make the means?"
    )


def test_review_the_patch_knows_which_digit(evaluate: Callable[[Path], object], tmp_path: Path) -> None:
    path = export(tmp_path, [(3, 0), (7, 16), *[(3, 0), (7, 16)] * 10])
    assert evaluate(path) == (20, 20), (
        "in an export of clear threes and sevens it reads all wrong: what exactly does argmin return?"
    )


@pytest.mark.parametrize("broken", ["0003,1,5,5", "0003,1" + ",x" * 64])
def test_review_the_patch_stops_at_broken_lines(
    broken: str, evaluate: Callable[[Path], object], tmp_path: Path
) -> None:
    path = export(tmp_path, [(0, 0), (1, 16), *[(0, 0), (1, 16)] * 10])
    path.write_text(path.read_text(encoding="utf-8") + broken + "\n", encoding="utf-8")
    stops(evaluate, path, "a line of the export is broken")


def test_review_the_patch_checks_the_length(evaluate: Callable[[Path], object], tmp_path: Path) -> None:
    path = tmp_path / "export.csv"
    lines = [f"{number:04},{number % 2}" + f",{16 * (number % 2)}" * 3 for number in range(22)]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    stops(evaluate, path, "every scan of the export has 3 values and not 64")


def test_review_the_patch_prints_the_same(evaluate: Callable[[Path], object]) -> None:
    path = Path("data/raw/export from sorter/first 100 scans.csv")
    assert evaluate(path) == (17, 20), "on the first 100 scans it must say what mean_reader.py says: 17 of 20"
