"""Checks of the exercises of "Project structure and templates"; run them in the project's directory."""

from __future__ import annotations

import importlib
import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

sys.path.insert(0, str(Path.cwd() / "src"))

try:
    import torch
    from torch import Tensor, nn
except ModuleNotFoundError as error:
    raise ModuleNotFoundError(
        f"{error}: run the checks inside mailroom, with `uv run`", name=error.name, path=error.path
    ) from None

SCAN = "0,4,8,16,0,0,0,0\n" * 8


def load(name: str) -> ModuleType:
    """A module of the project, as it is on the disk now."""
    for known in [known for known in sys.modules if known.partition(".")[0] == "mailroom"]:
        del sys.modules[known]
    return importlib.import_module(name)


def project() -> dict[str, Any]:
    assert Path("pyproject.toml").is_file(), "there is no pyproject.toml here: run the checks inside mailroom"
    try:
        return tomllib.loads(Path("pyproject.toml").read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        pytest.fail(f"pyproject.toml is not valid TOML: {error}")


def command(name: str, package: str) -> list[str]:
    """How to start a tool that need not be part of the project."""
    found = shutil.which(name) or shutil.which(name, path=str(Path(sys.executable).parent))
    if found:
        return [found]
    uvx = shutil.which("uvx")
    assert uvx, f"there is no command {name}: uv tool install {package}"
    return [uvx, "--from", package, name]


@pytest.fixture
def scan(tmp_path: Path) -> Path:
    path = tmp_path / "0042.csv"
    path.write_text(SCAN, encoding="utf-8")
    return path


# out-of-the-notebook


def refusal(path: Path) -> str | None:
    """What read_scan says against a file; None if it takes it."""
    read_scan = load("mailroom.predict").read_scan
    try:
        read_scan(path)
    except ValueError as error:
        return str(error)
    return None


def test_out_of_the_notebook_reads_a_scan(scan: Path) -> None:
    image = load("mailroom.predict").read_scan(scan)
    assert tuple(image.shape) == (1, 8, 8), f"read_scan returns shape {tuple(image.shape)}, not (1, 8, 8)"
    assert image.dtype == torch.float32, f"read_scan returns {image.dtype}, and the model wants float32"
    assert image[0, 0, :4].tolist() == [0, 0.25, 0.5, 1], (
        "the first row of a scan with 0,4,8,16 must become 0, 0.25, 0.5, 1: divide by 16, once"
    )


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("0,0,0,0,0,0,0,0\n" * 7, "only seven lines"),
        ("0,0,0,0,0,0,0,0\n" * 9, "nine lines"),
        ("0,0,0,0,0,0,0,0,0\n" * 8, "nine numbers a line"),
        ("0,0,0,0\n" * 16, "64 numbers in sixteen lines"),
        ("0,0,0,x,0,0,0,0\n" * 8, "an x among the numbers"),
        ("0,0,0,17,0,0,0,0\n" * 8, "the value 17"),
        ("0,0,0,-1,0,0,0,0\n" * 8, "the value -1"),
        ("0,0,0,nan,0,0,0,0\n" * 8, "the value nan"),
        ("", "nothing in it"),
    ],
)
def test_out_of_the_notebook_refuses(tmp_path: Path, text: str, what: str) -> None:
    path = tmp_path / "damaged.csv"
    path.write_text(text, encoding="utf-8")
    said = refusal(path)
    assert said is not None, f"read_scan takes a file with {what}; it must raise ValueError"
    assert "damaged.csv" in said, f"the error for a file with {what} does not name the file: {said}"


class Brightest(nn.Module):
    """Reads the number of the brightest row; guesses while it is in training mode."""

    def forward(self, images: Tensor) -> Tensor:
        scores = torch.full((len(images), 10), -1.0)
        if not self.training:
            scores[:, :8] = 2 * images[:, 0].mean(dim=2)
        return scores


def test_out_of_the_notebook_reads_digits() -> None:
    images = torch.zeros(3, 1, 8, 8)
    for number, row in enumerate((5, 0, 7)):
        images[number, 0, row] = 1
    predict = load("mailroom.predict")
    model = Brightest().train()
    readings = predict.read_digits(model, images)
    assert [reading.digit for reading in readings] == [5, 0, 7], (
        "read_digits must give the digit with the highest score for each image, with the model in evaluation mode"
    )
    assert isinstance(readings[0], predict.Reading), "read_digits must return a list of Reading"
    assert (type(readings[0].digit), type(readings[0].confidence)) == (int, float), (
        "digit and confidence must be Python's int and float, not tensors: tolist() makes them so"
    )
    expected = float(model.eval()(images).softmax(dim=1)[0].max())
    assert readings[0].confidence == pytest.approx(expected), "the confidence must be the softmax of the scores"


# import-anywhere


def version_seen(tmp_path: Path, installed: str | None) -> str:
    """What a fresh Python without site-packages sees; `installed` is the version that is registered, if any."""
    places = [str(Path.cwd() / "src")]
    if installed:
        folder = tmp_path / f"mailroom-{installed}.dist-info"
        folder.mkdir()
        (folder / "METADATA").write_text(f"Metadata-Version: 2.1\nName: mailroom\nVersion: {installed}\n")
        places.append(str(tmp_path))
    program = f"import sys; sys.path[:0] = {places!r}; import mailroom; print(mailroom.__version__)"
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-B", "-c", program],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, f"`import mailroom; mailroom.__version__` fails: {done.stderr.strip()[-300:]}"
    return done.stdout.strip()


def test_import_anywhere_asks_what_is_installed(tmp_path: Path) -> None:
    seen = version_seen(tmp_path, "7.8.9")
    assert seen == "7.8.9", f"7.8.9 is installed, and __version__ says {seen}: ask importlib.metadata, do not type it"


def test_import_anywhere_without_installation(tmp_path: Path) -> None:
    seen = version_seen(tmp_path, None)
    assert seen == "0+unknown", f"where nothing is installed, __version__ must be 0+unknown, and is {seen}"


def test_import_anywhere_is_a_new_version() -> None:
    assert project()["project"]["version"] == "0.2.0", "the version in pyproject.toml is not 0.2.0"


# entry-point


@pytest.fixture
def model_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    torch.manual_seed(0)
    model = load("mailroom.model")
    path = tmp_path / "trained.pt"
    model.save_model(model.DigitCNN(), path)
    monkeypatch.setenv("MAILROOM_MODEL", str(path))
    return path


def run(*arguments: str | Path) -> int:
    """The exit code of `mailroom`."""
    try:
        return int(load("mailroom.__main__").main([str(argument) for argument in arguments]))
    except SystemExit as end:
        return int(end.code or 0)


def test_entry_point_is_declared() -> None:
    target = project()["project"].get("scripts", {}).get("mailroom", "")
    assert target == "mailroom.__main__:main", (
        f'[project.scripts] says mailroom = "{target}": it must name the function main in mailroom.__main__'
    )


def test_entry_point_is_private() -> None:
    found = project()["project"].get("classifiers", [])
    assert any(classifier.startswith("Private ::") for classifier in found), (
        "pyproject.toml has no classifier that makes the public index refuse the package"
    )


def test_entry_point_prints_a_line_for_each_scan(
    model_file: Path, scan: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(scan, scan) == 0, "mailroom with two good scans must end with 0"
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 2, f"two scans must give two lines, and give {len(lines)}"
    predict, model = load("mailroom.predict"), load("mailroom.model")
    reading = predict.read_digits(model.load_model(model_file), predict.read_scan(scan)[None])[0]
    expected = f"{scan.as_posix()}: {reading.digit} ({reading.confidence:.2f})"
    assert lines[0] == expected, f"expected the line `{expected}`, found `{lines[0]}`"


def test_entry_point_takes_model_pt_by_default(
    model_file: Path, scan: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("MAILROOM_MODEL")
    main = load("mailroom.__main__").main
    monkeypatch.chdir(model_file.parent)
    shutil.copy(model_file, "model.pt")
    assert main([str(scan)]) == 0, "without MAILROOM_MODEL, the model must come from model.pt"
    assert capsys.readouterr().out, "nothing is printed"


def test_entry_point_says_what_cannot_be_read(
    model_file: Path, scan: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    damaged = tmp_path / "damaged.csv"
    damaged.write_text("no scan\n", encoding="utf-8")
    for path in (damaged, tmp_path / "missing.csv"):
        assert run(scan, path) == 1, f"a scan that cannot be read ({path.name}) must give exit code 1"
        assert path.name in capsys.readouterr().err, f"the message on standard error does not name {path.name}"
    cut, empty = tmp_path / "cut.pt", tmp_path / "empty.pt"
    cut.write_bytes(model_file.read_bytes()[:1000])
    empty.touch()
    model_file.write_text("no model", encoding="utf-8")
    for path in (model_file, tmp_path / "missing.pt", cut, empty):
        monkeypatch.setenv("MAILROOM_MODEL", str(path))
        assert run(scan) == 1, f"a model that cannot be read ({path.name}) must give exit code 1"
        assert path.name in capsys.readouterr().err, f"the message on standard error does not name {path.name}"


def as_a_module(*arguments: str) -> subprocess.CompletedProcess[str]:
    """What `python -m mailroom` does."""
    return subprocess.run(
        [sys.executable, "-B", "-m", "mailroom", *arguments],
        env={**os.environ, "PYTHONPATH": str(Path.cwd() / "src")},
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )


def test_entry_point_as_a_module(model_file: Path, tmp_path: Path) -> None:
    done = as_a_module()
    assert done.returncode == 2, (
        f"`python -m mailroom` without a scan must end with 2, and ends with {done.returncode}: {done.stderr[-200:]}"
    )
    assert "usage" in done.stderr, "`python -m mailroom` without a scan must print how to use it, on standard error"
    done = as_a_module(str(tmp_path / "missing.csv"))
    assert done.returncode == 1, (
        f"`python -m mailroom missing.csv` ends with {done.returncode}: pass on what main returns, with sys.exit"
    )


def test_entry_point_in_the_readme() -> None:
    readme = Path("README.md").read_text(encoding="utf-8")
    assert re.search(r"uv run mailroom \S+\.csv", readme), (
        "README.md does not show how to read a scan: uv run mailroom, and the path of one"
    )


# task-file


class Tasks:
    """The justfile in a folder of its own, where a false uv writes down what it is told."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "project"
        self.log = folder / "calls"
        tools = folder / "tools"
        tools.mkdir()
        self.folder.mkdir()
        assert Path("justfile").is_file(), "there is no justfile here: copy it from the starter"
        shutil.copy("justfile", self.folder)
        self.command = command("just", "rust-just")
        probe = subprocess.run([*self.command, "--version"], capture_output=True, timeout=60, check=False)
        assert probe.returncode == 0, "just cannot be started: uv tool install rust-just"
        uv = tools / "uv"
        uv.write_text(
            f'#!/bin/sh\nprintf "%s\\037" "$@" >> "{self.log.as_posix()}"\necho >> "{self.log.as_posix()}"\n'
            'case " $* " in *" $FAILS "*) exit 1 ;; esac\n',
            encoding="utf-8",
            newline="\n",
        )
        uv.chmod(0o755)
        self.path = f"{tools}{os.pathsep}{os.environ['PATH']}"

    def just(self, *arguments: str, fails: str = "-") -> tuple[int, list[list[str]], str]:
        """Exit code of a recipe, the words of each call of uv, and what was said on standard error."""
        self.log.unlink(missing_ok=True)
        done = subprocess.run(
            [*self.command, *arguments],
            cwd=self.folder,
            env={**os.environ, "PATH": self.path, "FAILS": fails},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        calls = self.log.read_text(encoding="utf-8").split("\n")[:-1] if self.log.exists() else []
        return done.returncode, [call.split("\037")[:-1] for call in calls], done.stderr.strip()


@pytest.fixture
def tasks(tmp_path: Path) -> Tasks:
    return Tasks(tmp_path)


@pytest.mark.parametrize(("arguments", "scan"), [(["0005"], "0005"), ([], "0000")])
def test_task_file_reads_a_scan(tasks: Tasks, arguments: list[str], scan: str) -> None:
    code, calls, said = tasks.just("read", *arguments)
    what = " ".join(["just read", *arguments])
    assert code == 0, f"`{what}` fails: {said}"
    assert calls, f"`{what}` does not start uv"
    assert {"run", "mailroom"} <= set(calls[-1]), f"`{what}` must start `uv run mailroom`"
    assert calls[-1][-1] == f"data/raw/scans/{scan}.csv", f"`{what}` reads {calls[-1][-1]}, not scan {scan}"


def test_task_file_passes_words_on(tasks: Tasks) -> None:
    code, calls, said = tasks.just("test", "-k", "scan or image")
    assert code == 0, f"`just test -k …` fails: {said}"
    assert calls == [["run", "pytest", "-k", "scan or image"]], (
        f'from `just test -k "scan or image"`, uv gets the words {calls}: "scan or image" must stay one word'
    )
    assert tasks.just("test")[1] == [["run", "pytest"]], "`just test` alone must run all tests"


def test_task_file_checks(tasks: Tasks) -> None:
    code, calls, said = tasks.just("check")
    assert code == 0, f"`just check` fails: {said}"
    found = [tool for call in calls for tool in ("ruff", "pytest") if tool in call]
    assert found[-1:] == ["pytest"], f"`just check` must run pytest last; it runs {found}"
    assert set(found[:-1]) == {"ruff"}, f"`just check` must run ruff, then pytest once; it runs {found}"
    for tool in ("ruff", "pytest"):
        assert tasks.just("check", fails=tool)[0] != 0, f"`just check` is content although {tool} fails"


def test_task_file_cleans(tasks: Tasks) -> None:
    made, kept = ["dist", ".pytest_cache", ".ruff_cache", ".mypy_cache"], [".venv", "data", "src"]
    for name in (*made, *kept):
        (tasks.folder / name).mkdir()
    (tasks.folder / "model.pt").touch()
    code, _, said = tasks.just("clean")
    assert code == 0, f"`just clean` fails: {said}"
    for name in made:
        assert not (tasks.folder / name).exists(), f"`just clean` leaves {name} behind"
    for name in (*kept, "model.pt", "justfile"):
        assert (tasks.folder / name).exists(), f"`just clean` deletes {name}, which it must not"
    assert tasks.just("clean")[0] == 0, "`just clean` fails where there is nothing to delete"


@pytest.mark.parametrize(
    "made",
    [
        ".venv/pyvenv.cfg",
        "src/mailroom/__pycache__/data.cpython-311.pyc",
        "src/mailroom.egg-info/PKG-INFO",
        "dist/mailroom-0.2.0.tar.gz",
        ".ruff_cache/x",
        ".mypy_cache/x",
        ".pytest_cache/x",
        "model.pt",
        "outputs/2026-11-20/log",
        "multirun/0/log",
        ".env",
    ],
)
def test_task_file_ignores_what_is_made(tmp_path: Path, made: str) -> None:
    assert Path(".gitignore").is_file(), "there is no .gitignore here"
    shutil.copy(".gitignore", tmp_path)
    subprocess.run(["git", "init", "--quiet", str(tmp_path)], check=True, timeout=60)
    done = subprocess.run(["git", "check-ignore", "--quiet", "--no-index", made], cwd=tmp_path, timeout=60, check=False)
    assert done.returncode == 0, f".gitignore does not keep {made} out of Git"


def test_task_file_keeps_the_sources(tmp_path: Path) -> None:
    shutil.copy(".gitignore", tmp_path)
    subprocess.run(["git", "init", "--quiet", str(tmp_path)], check=True, timeout=60)
    for kept in ("src/mailroom/data.py", "justfile", "uv.lock", "pyproject.toml", "tests/test_predict.py"):
        ignored = subprocess.run(["git", "check-ignore", "--quiet", kept], cwd=tmp_path, timeout=60, check=False)
        assert ignored.returncode == 1, f".gitignore keeps {kept} out of Git, which belongs into it"


# write-a-template


def template() -> Path:
    """Where the template is: already beside the project, or still in it."""
    found = [folder for folder in (Path("../reader_template"), Path("template")) if (folder / "copier.yml").is_file()]
    assert found, "there is no template/copier.yml here: copy it from the starter"
    return found[0]


def render(folder: Path, **answers: str) -> subprocess.CompletedProcess[str]:
    """Let Copier make a project from a copy of the template, with these answers and no questions asked."""
    source = folder / "source"
    shutil.copytree(template(), source, ignore=shutil.ignore_patterns(".git"), dirs_exist_ok=True)
    data = [word for name, answer in answers.items() for word in ("--data", f"{name}={answer}")]
    return subprocess.run(
        [*command("copier", "copier"), "copy", "--defaults", "--quiet", *data, str(source), str(folder / "made")],
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=100,
        check=False,
    )


def rendered(folder: Path, **answers: str) -> Path:
    done = render(folder, **answers)
    assert done.returncode == 0, f"copier copy fails with {template().as_posix()}: {done.stderr.strip()[-400:]}"
    return folder / "made"


def settings(made: Path) -> dict[str, Any]:
    text = (made / "pyproject.toml").read_text(encoding="utf-8")
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        pytest.fail(f"the pyproject.toml that comes out is not valid TOML ({error}):\n{text}")


def packages(made: Path) -> set[str]:
    found = (re.match(r"[\w.-]+", item) for item in settings(made)["project"]["dependencies"])
    return {match[0] for match in found if match}


STAMP = {"project_name": "stamp-check", "description": 'Says whether it is a "stamp"'}
PLAIN = {"project_name": "letterbox", "description": "Counts letters", "with_torch": "false"}


def test_write_a_template_with_torch(tmp_path: Path) -> None:
    made = rendered(tmp_path, **STAMP)
    found = settings(made)["project"]
    assert found["name"] == "stamp-check", (
        f"{template().as_posix()}: the project is called {found['name']}, not stamp-check"
    )
    assert found["description"] == STAMP["description"], "the description comes out changed: mind the quotes in it"
    assert found["scripts"] == {"stamp-check": "stamp_check.__main__:main"}, f"the command is {found['scripts']}"
    assert "torch" in packages(made), "with_torch is yes if nothing is said, and torch is not among the dependencies"
    assert "numpy" in packages(made), "numpy is not among the dependencies"


def test_write_a_template_without_torch(tmp_path: Path) -> None:
    made = rendered(tmp_path, **PLAIN)
    assert settings(made)["project"]["name"] == "letterbox", "the project is not called letterbox"
    assert packages(made) == {"numpy"}, f"with_torch is no, and the dependencies are {sorted(packages(made))}"


def test_write_a_template_that_starts(tmp_path: Path) -> None:
    made = rendered(tmp_path, **STAMP)
    assert (made / "src" / "stamp_check" / "__init__.py").is_file(), (
        "the package of stamp-check must lie in src/stamp_check: `package` is the name with _ for -"
    )
    done = subprocess.run(
        [sys.executable, "-B", "-m", "stamp_check"],
        env={**os.environ, "PYTHONPATH": str(made / "src")},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, f"`python -m stamp_check` fails in the project that comes out: {done.stderr[-300:]}"
    left = [path.name for path in made.rglob("*") if path.suffix == ".jinja" or "{{" in path.name]
    assert not left, f"these names were not rendered: {left}"


def test_write_a_template_that_can_be_updated(tmp_path: Path) -> None:
    answers = rendered(tmp_path, **PLAIN) / ".copier-answers.yml"
    assert answers.is_file(), "the project that comes out has no .copier-answers.yml, so it cannot be updated"
    text = answers.read_text(encoding="utf-8")
    for entry in ("_src_path:", "project_name: letterbox", "description: Counts letters", "with_torch: false"):
        assert entry in text, f".copier-answers.yml has no line `{entry}`"
    assert "\npackage:" not in text, "package is asked for, or kept as an answer: `when: false` makes it a calculation"


@pytest.mark.parametrize("name", ["Stamp-Check", "stamp_check", "stamp check", "1st", "stamp-", "-stamp"])
def test_write_a_template_refuses_a_name(tmp_path: Path, name: str) -> None:
    done = render(tmp_path, project_name=name, description="Counts letters")
    assert done.returncode != 0, f"the template takes the name `{name}`; project_name needs a validator"
    assert "alidation" in done.stderr, f"`{name}` is refused, though not by the validator: {done.stderr.strip()[-200:]}"
