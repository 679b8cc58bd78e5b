"""Checks of the exercises of "Command line interfaces"; run them in the project's directory."""

from __future__ import annotations

import importlib
import inspect
import os
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

sys.path.insert(0, str(Path.cwd() / "src"))

try:
    import numpy as np
    import torch
    from typer.testing import CliRunner, Result
except ModuleNotFoundError as error:
    raise ModuleNotFoundError(
        f"{error}: run the checks inside mailroom, with `uv run`, after `uv add typer`",
        name=error.name,
        path=error.path,
    ) from None

SCAN = "0,4,8,16,0,0,0,0\n" * 8


def load(name: str) -> ModuleType:
    return importlib.import_module(name)


def mailroom(*arguments: str | Path, **env: str) -> Result:
    """What the command does in this process."""
    assert Path("src/mailroom/cli.py").is_file(), "there is no src/mailroom/cli.py: copy the starter's files"
    result = CliRunner().invoke(load("mailroom.cli").app, [str(argument) for argument in arguments], env=env)
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


@pytest.fixture(autouse=True)
def no_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("MAILROOM_MODEL", "MAILROOM_BATCHES", "MAILROOM_CONFIG"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def scan(tmp_path: Path) -> Path:
    path = tmp_path / "0042.csv"
    path.write_text(SCAN, encoding="utf-8")
    return path


@pytest.fixture
def model_file(tmp_path: Path) -> Path:
    torch.manual_seed(0)
    model = load("mailroom.model")
    path = tmp_path / "untrained.pt"
    model.save_model(model.DigitCNN(), path)
    return path


@pytest.fixture
def batches(tmp_path: Path) -> Path:
    """A folder with one batch of 40 scans."""
    folder = tmp_path / "batches"
    folder.mkdir()
    labels = np.arange(40, dtype=np.uint8) % 10
    images = np.broadcast_to(labels.reshape(-1, 1, 1), (40, 8, 8))
    np.savez(folder / "batch_1.npz", images=images, labels=labels)
    return folder


class Calls:
    """Stands in for train() and remembers what it was told."""

    def __init__(self, real: Callable[..., Any]) -> None:
        self.signature = inspect.signature(real)
        self.told: dict[str, Any] = {}

    def __call__(self, *values: Any, **settings: Any) -> list[dict[str, float]]:
        bound = self.signature.bind(*values, **settings)
        bound.apply_defaults()
        self.told = bound.arguments
        return [{"epoch": epoch + 1, "loss": 1.5, "accuracy": 0.5} for epoch in range(self.told["epochs"])]


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> Calls:
    module = load("mailroom.train")
    stand_in = Calls(module.train)
    monkeypatch.setattr(module, "train", stand_in)
    return stand_in


# train-with-options


def test_train_with_options(calls: Calls, batches: Path, tmp_path: Path) -> None:
    path = tmp_path / "new.pt"
    result = mailroom("train", "--epochs", "3", "--lr", "0.01", "--batches", batches, "--model", path)
    assert result.exit_code == 0, f"`mailroom train --epochs 3 …` ends with {result.exit_code}: {result.output}"
    assert calls.told, "`mailroom train` does not call train() of mailroom.train"
    assert calls.told.get("epochs") == 3, f"--epochs 3, and train() is told epochs={calls.told.get('epochs')}"
    assert calls.told.get("lr") == 0.01, f"--lr 0.01, and train() is told lr={calls.told.get('lr')}"
    held_out = calls.told["validation_set"].tensors[1].tolist()
    assert held_out == list(range(10)), f"not the last quarter of the 40 scans is held out, but those with {held_out}"
    assert len(calls.told["train_set"]) == 30, "not all scans before the last quarter are trained on"
    assert path.is_file(), "--model names a file, and it was not written"
    lines = result.stdout.splitlines()
    assert sum(line.startswith("epoch") for line in lines) == 3, f"three epochs, and it prints: {result.stdout}"


def test_train_with_options_defaults(calls: Calls, batches: Path, tmp_path: Path) -> None:
    path = tmp_path / "variable.pt"
    result = mailroom("train", MAILROOM_BATCHES=str(batches), MAILROOM_MODEL=str(path))
    assert result.exit_code == 0, f"`mailroom train` ends with {result.exit_code}: {result.output}"
    assert path.is_file(), "MAILROOM_MODEL names the file of the model, and it was not written"
    told = {name: calls.told.get(name) for name in ("epochs", "lr")}
    assert told == {"epochs": 12, "lr": 2e-3}, f"without options, train() must get its own defaults, and gets {told}"


def test_train_with_options_same_model(batches: Path, tmp_path: Path) -> None:
    states = []
    for name in ("a.pt", "b.pt"):
        mailroom("train", "--epochs", "1", "--batches", batches, "--model", tmp_path / name)
        assert (tmp_path / name).is_file(), f"--model {name}, and no such file was written"
        states.append(torch.load(tmp_path / name, weights_only=True))
    first, second = states
    assert all(torch.equal(first[name], second[name]) for name in first), (
        "two trainings with the same options give two models: set the seed before the network is made, as main() does"
    )
    mailroom("train", "--epochs", "2", "--batches", batches, "--model", tmp_path / "c.pt")
    third = torch.load(tmp_path / "c.pt", weights_only=True)
    assert any(not torch.equal(first[name], third[name]) for name in first), (
        "one epoch and two epochs give the same model: write it after the training"
    )


# three-commands


def test_three_commands_predict(scan: Path, model_file: Path) -> None:
    result = mailroom("predict", scan, scan, "--model", model_file)
    assert result.exit_code == 0, f"`mailroom predict SCAN SCAN` ends with {result.exit_code}: {result.output}"
    predict, model = load("mailroom.predict"), load("mailroom.model")
    reading = predict.read_digits(model.load_model(model_file), predict.read_scan(scan)[None])[0]
    line = f"{scan.as_posix()}: {reading.digit} ({reading.confidence:.2f})\n"
    assert result.stdout == 2 * line, f"expected two lines `{line.strip()}`, found: {result.stdout}"


def test_three_commands_evaluate(model_file: Path) -> None:
    result = mailroom("evaluate", MAILROOM_MODEL=str(model_file))
    assert result.exit_code == 0, f"`mailroom evaluate` ends with {result.exit_code}: {result.output}"
    assert re.fullmatch(r"late batch: 0\.\d{3} of 597 scans read right\n", result.stdout), (
        f"expected the line `late batch: 0.… of 597 scans read right` and no other, found: {result.stdout}"
    )
    result = mailroom("evaluate", "--mistakes", "--model", model_file)
    assert result.exit_code == 0, f"`mailroom evaluate --mistakes` ends with {result.exit_code}: {result.output}"
    assert len(result.stdout.splitlines()) == 4, f"--mistakes must add three lines: {result.stdout}"
    data, evaluation = load("mailroom.data"), load("mailroom.evaluate")
    late = torch.utils.data.TensorDataset(*data.load_scans(*data.LATE))
    surest = evaluation.confident_mistakes(load("mailroom.model").load_model(model_file), late)
    lines = [f"scan {data.LATE[0] + scan}: a {label}, read as {digit}" for scan, label, digit, _ in surest]
    assert result.stdout.splitlines()[1:] == lines, (
        f"--mistakes with --model FILE: expected {lines} (the first scan of the late batch is number {data.LATE[0]}), "
        f"found: {result.stdout}"
    )


def test_three_commands_are_installed() -> None:
    project = tomllib.loads(Path("pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert any(re.match(r"typer\b", item) for item in project["dependencies"]), "pyproject.toml: uv add typer"
    target = project.get("scripts", {}).get("mailroom")
    assert target == "mailroom.cli:app", f'[project.scripts] says mailroom = "{target}", not "mailroom.cli:app"'


@pytest.mark.parametrize("name", ["README.md", "justfile"])
def test_three_commands_are_told(name: str) -> None:
    text = Path(name).read_text(encoding="utf-8")
    for old in ("uv run mailroom data/", "uv run python -m mailroom.train"):
        assert old not in text, f"{name} still says `{old}…`"
    for new in ("uv run mailroom predict data/", "uv run mailroom train"):
        assert new in text, f"{name} does not say `{new}…`"


# refuse-bad-input


@pytest.mark.parametrize("wrong", [["--epochs", "0"], ["--batches", "no_such_folder"], ["--model", "src"]])
def test_refuse_bad_input_of_train(calls: Calls, batches: Path, tmp_path: Path, wrong: list[str]) -> None:
    result = mailroom("train", "--batches", batches, "--model", tmp_path / "new.pt", *wrong)
    shown = " ".join(wrong)
    assert result.exit_code == 2, f"`mailroom train {shown}` ends with {result.exit_code}, not with 2: {result.output}"
    assert wrong[0] in result.stderr, f"`mailroom train {shown}`: standard error names no {wrong[0]}: {result.stderr}"
    assert not calls.told, f"`mailroom train {shown}` trains all the same"


def test_refuse_bad_input_before_the_work(calls: Calls, batches: Path, tmp_path: Path) -> None:
    result = mailroom("train", "--batches", batches, "--model", tmp_path / "nowhere" / "new.pt")
    assert not calls.told, "the folder of --model does not exist, and that is noticed only after the training"
    assert result.exit_code in (1, 2), f"a model that cannot be written ends with {result.exit_code}"
    assert "nowhere" in result.stderr, "the message on standard error does not name the folder that is missing"


def test_refuse_bad_input_without_a_batch(calls: Calls, tmp_path: Path) -> None:
    folder = tmp_path / "empty"
    folder.mkdir()
    for content in (None, b"", b"PK"):
        if content is not None:
            (folder / "batch_1.npz").write_bytes(content)
        result = mailroom("train", "--batches", folder, "--model", tmp_path / "new.pt")
        what = "no batch" if content is None else "a damaged batch"
        assert result.exit_code == 1, f"a folder with {what} ends with {result.exit_code}, not with 1"
        assert folder.name in result.stderr, f"a folder with {what}: standard error does not name the folder"
        assert not calls.told, f"a folder with {what}, and it trains all the same"


def test_refuse_bad_input_missing_scan(model_file: Path, tmp_path: Path) -> None:
    result = mailroom("predict", tmp_path / "missing.csv", "--model", model_file)
    assert result.exit_code == 2, f"a scan that does not exist ends with {result.exit_code}, not with 2"
    assert "missing.csv" in result.stderr, "the message on standard error does not name the missing scan"


def test_refuse_bad_input_on_standard_error(scan: Path, model_file: Path, tmp_path: Path) -> None:
    damaged = tmp_path / "damaged.csv"
    damaged.write_text("no scan\n", encoding="utf-8")
    for scans, model in (((scan, damaged), model_file), ((scan,), tmp_path / "missing.pt"), ((scan,), damaged)):
        result = mailroom("predict", *scans, "--model", model)
        culprit = "missing.pt" if model.name == "missing.pt" else "damaged.csv"
        assert result.exit_code == 1, f"{culprit} cannot be read, and it ends with {result.exit_code}: {result.stderr}"
        assert culprit in result.stderr, f"{culprit} cannot be read, and standard error does not name it"
        assert not result.stdout, f"{culprit} cannot be read, and standard output has: {result.stdout}"


# which-value-wins


@pytest.fixture
def night(tmp_path: Path) -> Path:
    path = tmp_path / "night.toml"
    path.write_text('[train]\nepochs = 5\nmodel = "nowhere/from_file.pt"\n', encoding="utf-8")
    return path


def test_which_value_wins(calls: Calls, batches: Path, night: Path, tmp_path: Path) -> None:
    model = str(tmp_path / "variable.pt")
    result = mailroom("--config", night, "train", "--batches", batches, MAILROOM_MODEL=model)
    assert result.exit_code == 0, f"variable and file name a model, and the variable must win: {result.output}"
    assert calls.told.get("epochs") == 5, f"the file says 5 epochs, and train() is told {calls.told.get('epochs')}"
    assert calls.told.get("lr") == 2e-3, "what the file does not name must keep its default"
    mailroom("--config", night, "train", "--batches", batches, "--epochs", "7", MAILROOM_MODEL=model)
    assert calls.told.get("epochs") == 7, f"file 5, option 7: the option must win, and it is {calls.told.get('epochs')}"


@pytest.mark.parametrize(
    ("text", "culprit"),
    [
        ("[train]\nepoch = 5\n", "epoch"),
        ("[trian]\nepochs = 5\n", "trian"),
        ("epochs = 5\n", "epochs"),
        ("train = 5\n", "train"),
        ("[", "night"),
    ],
)
def test_which_value_wins_refuses(calls: Calls, batches: Path, night: Path, text: str, culprit: str) -> None:
    night.write_text(text, encoding="utf-8")
    result = mailroom("--config", night, "train", "--batches", batches, "--model", night.with_name("new.pt"))
    shown = text.strip().replace("\n", "; ")
    assert not calls.told, f"a file with `{shown}` is accepted in silence"
    assert result.exit_code == 1, f"a file with `{shown}` ends with {result.exit_code}, not with 1"
    assert culprit in result.stderr, f"a file with `{shown}`: the message on standard error does not name {culprit}"
    assert "night.toml" in result.stderr, f"a file with `{shown}`: the message on standard error does not name it"


def test_which_value_wins_checks_the_file_too(calls: Calls, batches: Path, night: Path) -> None:
    night.write_text("[train]\nepochs = 0\n", encoding="utf-8")
    result = mailroom("--config", night, "train", "--batches", batches, "--model", night.with_name("new.pt"))
    assert result.exit_code == 2, f"0 epochs in the file end with {result.exit_code}, not with 2"


# test-the-command

FAULTS = {
    "errors that go to standard output": (
        "cli.py",
        '\n\ndef fail(message):\n    typer.echo(f"mailroom: {message}")\n    raise typer.Exit(1)\n',
    ),
    "errors that end with exit code 0": (
        "cli.py",
        '\n\ndef fail(message):\n    typer.echo(f"mailroom: {message}", err=True)\n    raise typer.Exit(0)\n',
    ),
    "a line without a digit (compare the whole line, for the path may have digits too)": (
        "cli.py",
        """

import contextlib
import functools
import io


def shortened(command):
    @functools.wraps(command)
    def short(*values, **settings):
        text = io.StringIO()
        try:
            with contextlib.redirect_stdout(text):
                command(*values, **settings)
        finally:
            for line in text.getvalue().splitlines():
                print("0123456789", line.split(": ")[0])

    return short


for _command in app.registered_commands:
    _command.callback = shortened(_command.callback)
""",
    ),
    "a variable that wins over the option": (
        "predict.py",
        """

import os

_real = read_digits


def read_digits(model, images):
    if os.environ.get("MAILROOM_MODEL"):
        raise ValueError("the variable has won")
    return _real(model, images)
""",
    ),
}


def own_tests(folder: Path, fault: str | None = None) -> str:
    """What the project's tests/test_cli.py says of a copy of the project, with a fault in it; empty if it passes."""
    source = Path("tests/test_cli.py")
    assert source.is_file(), "there is no tests/test_cli.py: copy the starter's files"
    for name in ("mailroom.cli", "mailroom.predict"):
        load(name)
    skip = shutil.ignore_patterns("__pycache__")
    shutil.copytree("src", folder / "src", ignore=skip)
    (folder / "tests").mkdir()
    shutil.copy(source, folder / "tests")
    (folder / "pytest.ini").write_text("[pytest]\n", encoding="utf-8")
    if fault:
        file, code = FAULTS[fault]
        path = folder / "src" / "mailroom" / file
        before, main, after = path.read_text(encoding="utf-8").partition('\n\nif __name__ == "__main__":')
        path.write_text(before + code + main + after, encoding="utf-8")
    env = {name: value for name, value in os.environ.items() if not name.startswith("MAILROOM_")}
    done = subprocess.run(
        [sys.executable, "-B", "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", "tests/test_cli.py"],
        cwd=folder,
        env={**env, "PYTHONPATH": str(folder / "src")},
        capture_output=True,
        encoding="utf-8",
        timeout=100,
        check=False,
    )
    return done.stdout + done.stderr if done.returncode else ""


def test_test_the_command_passes(tmp_path: Path) -> None:
    said = own_tests(tmp_path)
    failed = re.search(r"^(?:FAILED|ERROR) .*", said, re.MULTILINE)
    assert not said, f"with your own command, tests/test_cli.py fails: {failed[0] if failed else said[-200:]}"


@pytest.mark.parametrize("fault", FAULTS)
def test_test_the_command_notices(tmp_path: Path, fault: str) -> None:
    assert own_tests(tmp_path, fault), f"tests/test_cli.py does not notice {fault}"


# complete-with-tab


def tab(*words: str) -> list[str]:
    """What a shell is offered when Tab is pressed behind these words."""
    code = "import sys; sys.argv[0] = 'mailroom'; from mailroom.cli import app; app()"
    done = subprocess.run(
        [sys.executable, "-B", "-c", code],
        env={
            **os.environ,
            "PYTHONPATH": str(Path(load("mailroom").__file__ or "").parents[1]),
            "_MAILROOM_COMPLETE": "complete_bash",
            "COMP_WORDS": " ".join(words),
            "COMP_CWORD": str(len(words) - 1),
        },
        capture_output=True,
        encoding="utf-8",
        timeout=60,
        check=False,
    )
    if "NotImplementedError" in done.stderr:
        raise NotImplementedError
    return done.stdout.split()


def test_complete_with_tab_models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    load("mailroom.cli")
    monkeypatch.chdir(tmp_path)
    for name in ("model.pt", "mine.pt", "notes.txt", "models/monday.pt", "models/deep/er.pt"):
        Path(name).parent.mkdir(parents=True, exist_ok=True)
        Path(name).touch()
    found = sorted(tab("mailroom", "predict", "--model", "mo"))
    assert found == ["model.pt", "models/monday.pt"], f"`--model mo` and Tab offers {found}"
    found = sorted(tab("mailroom", "predict", "--model", "mi"))
    assert found == ["mine.pt"], f"`--model mi` and Tab offers {found}"


def test_complete_with_tab_is_quick() -> None:
    code = "import sys, mailroom.cli; sys.exit(' '.join({'torch', 'numpy', 'sklearn'} & set(sys.modules)))"
    env = {**os.environ, "PYTHONPATH": "src"}
    done = subprocess.run([sys.executable, "-B", "-c", code], env=env, capture_output=True, text=True, check=False)
    assert not done.stderr.strip(), f"with mailroom.cli, this is imported at each Tab: {done.stderr.strip()[-200:]}"
