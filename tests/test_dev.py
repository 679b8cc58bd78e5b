"""The set-up: which environment a command runs in, and when that is made anew. Nothing is installed here."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

import dev


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with requirements, and nothing installed."""
    (tmp_path / "requirements.txt").write_text("mkdocs==1.6.1\n")
    (tmp_path / "requirements-exercises.txt").write_text("torch==2.13.0  # S1\nsybil>=10,<11\n# uv==1\n")
    (tmp_path / "pyproject.toml").write_text("[project]\n")
    monkeypatch.setattr(dev, "ROOT", tmp_path)
    return tmp_path


@pytest.fixture
def calls(root: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[list[str]]]:
    """What would have been run; an environment is made as an empty folder with a Python."""
    made: list[list[str]] = []

    def run(command: dev.Command, check: bool = True, **options: object) -> int:
        words = [str(word) for word in command]
        made.append(words)
        if "venv" in words:
            python = Path(words[-1]) / dev.SITE.python.relative_to(dev.SITE.folder)
            python.parent.mkdir(parents=True, exist_ok=True)
            python.touch()
        return 0

    monkeypatch.setattr(dev, "run", run)
    return made


def _installs(calls: list[list[str]]) -> list[list[str]]:
    return [words[words.index("install") + 1 :] for words in calls if "install" in words]


@pytest.mark.parametrize(
    ("arguments", "environment", "command"),
    [
        (["check"], dev.SITE, ["-m", "coursekit", "check"]),
        (["test", "-x"], dev.SITE, ["-m", "pytest", "-x"]),
        (["offline", "here"], dev.SITE, ["-m", "coursekit", "offline", "here"]),
        (["course", "verify"], dev.SITE, ["-m", "coursekit", "verify"]),
        (["verify", "--list"], dev.EXERCISES, ["-m", "coursekit", "verify", "--list"]),
        (["verify", "--newest", "--list"], dev.NEWEST_EXERCISES, ["-m", "coursekit", "verify", "--list"]),
    ],
)
def test_a_command_runs_in_its_environment(
    arguments: list[str], environment: dev.Environment, command: list[str]
) -> None:
    assert dev.resolve(arguments) == (environment, command)


def test_each_environment_has_a_folder_of_its_own() -> None:
    folders = [environment.folder for environment in (dev.SITE, dev.BROWSER, dev.EXERCISES, dev.NEWEST_EXERCISES)]
    assert len(set(folders)) == 4
    ignored = (dev.ROOT / ".gitignore").read_text(encoding="utf-8").splitlines()
    assert all(folder.match(".venv*") for folder in folders)
    assert ".venv*/" in ignored


def test_it_is_made_once(calls: list[list[str]]) -> None:
    dev.prepare(dev.SITE)
    assert _installs(calls)[0][-3:] == ["--require-hashes", "-r", str(dev.ROOT / "requirements.txt")]
    assert _installs(calls)[1][-1] == "."
    done = len(calls)
    dev.prepare(dev.SITE)
    assert len(calls) == done


def test_the_exercises_are_installed_in_one_go_without_hashes(calls: list[list[str]]) -> None:
    """Together, so that one set of releases fits all of it."""
    dev.prepare(dev.EXERCISES)
    (install,) = _installs(calls)
    assert install[-4:] == ["-r", str(dev.ROOT / "requirements-exercises.txt"), "--editable", ".[run]"]


@pytest.mark.parametrize("changed", ["requirements-exercises.txt", "pyproject.toml"])
def test_it_is_made_anew_when_what_it_is_made_of_changes(calls: list[list[str]], changed: str) -> None:
    dev.prepare(dev.EXERCISES)
    (dev.ROOT / changed).write_text("# other\n")
    done = len(calls)
    dev.prepare(dev.EXERCISES)
    assert len(calls) > done


def test_what_a_requirements_file_includes_counts_too(calls: list[list[str]]) -> None:
    (dev.ROOT / "requirements-browser.txt").write_text("-r requirements.txt\nplaywright==1\n")
    dev.prepare(dev.BROWSER)
    assert dev.BROWSER.is_current()
    (dev.ROOT / "requirements.txt").write_text("# other\n")
    assert not dev.BROWSER.is_current()


def test_the_site_does_not_care_for_the_exercises_requirements(calls: list[list[str]]) -> None:
    dev.prepare(dev.SITE)
    (dev.ROOT / "requirements-exercises.txt").write_text("# other\n")
    assert dev.SITE.is_current()


def test_a_set_up_that_failed_goes_on_next_time(calls: list[list[str]], monkeypatch: pytest.MonkeyPatch) -> None:
    succeeds = dev.run

    def fails(command: dev.Command, **options: object) -> int:
        if "install" in command:
            raise subprocess.CalledProcessError(1, [str(word) for word in command])
        return succeeds(command)

    monkeypatch.setattr(dev, "run", fails)
    assert dev.main(["verify"]) == 1
    assert not dev.EXERCISES.is_current()


def test_a_moved_clone_is_noticed(calls: list[list[str]], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    dev.prepare(dev.SITE)
    moved = tmp_path / "moved"
    moved.mkdir()
    for name in ("requirements.txt", "pyproject.toml", dev.SITE.name):
        (tmp_path / name).rename(moved / name)
    monkeypatch.setattr(dev, "ROOT", moved)
    assert not dev.SITE.is_current()


def test_the_newest_are_made_each_time_from_loosened_pins(calls: list[list[str]]) -> None:
    for _ in range(2):
        dev.prepare(dev.NEWEST_EXERCISES)
    first, second = _installs(calls)
    assert first == second
    written = Path(first[first.index("-r") + 1]).read_text(encoding="utf-8")
    assert written == "torch>=2.13.0  # S1\nsybil>=10,<11\n# uv==1\n"
    assert "==" in (dev.ROOT / "requirements-exercises.txt").read_text(encoding="utf-8")


def test_an_unknown_command_shows_the_help(capsys: pytest.CaptureFixture[str]) -> None:
    assert dev.main([]) == 2
    assert dev.main(["nonsense"]) == 2
    assert "verify" in capsys.readouterr().err


def test_a_command_is_run_from_the_root(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[tuple[list[str], object]] = []

    def run(command: dev.Command, check: bool = True, **options: object) -> int:
        seen.append(([str(word) for word in command[1:]], options["cwd"]))
        return 7

    monkeypatch.setattr(dev, "prepare", lambda environment: None)
    monkeypatch.setattr(dev, "run", run)
    assert dev.main(["verify", "--list"]) == 7
    assert seen == [(["-m", "coursekit", "verify", "--list"], root)]


def test_requirements_name_no_index_no_host_and_no_place() -> None:
    for environment in (dev.SITE, dev.BROWSER, dev.EXERCISES):
        text = (dev.ROOT / environment.requirements).read_text(encoding="utf-8").removeprefix("-r requirements.txt\n")
        assert "://" not in text
        assert "file:/" not in text
        assert not any(line.startswith(("-", "/")) for line in text.splitlines())


def test_every_exercise_requirement_is_pinned_or_bounded_on_both_sides() -> None:
    text = (dev.ROOT / dev.EXERCISES.requirements).read_text(encoding="utf-8")
    lines = [line.partition("#")[0].strip() for line in text.splitlines()]
    assert [line for line in lines if line and "==" not in line and not (">=" in line and ",<" in line)] == []


def test_loosened_leaves_other_bounds_alone() -> None:
    assert dev.loosened("a[b]==1\nc>=2,<3\n# d==1\ne == 2\n") == "a[b]>=1\nc>=2,<3\n# d==1\ne == 2\n"
    assert replace(dev.EXERCISES, newest=True).is_current() is False
