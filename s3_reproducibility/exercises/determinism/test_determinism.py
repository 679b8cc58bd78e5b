"""Checks of the exercises of "Determinism, provenance and pipelines"; run them in the project's directory."""

from __future__ import annotations

import ast
import hashlib
import importlib.util
import json
import os
import shlex
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
import yaml

sys.path.insert(0, str(Path.cwd() / "src"))

try:
    import torch
    from mailroom import manifest
    from mailroom.model import load_model
    from torch import nn
except ModuleNotFoundError as error:
    raise ModuleNotFoundError(
        f"{error}: run the checks inside mailroom, with `uv run`", name=error.name, path=error.path
    ) from None

SETTINGS = "src/mailroom/conf/config.yaml"


def script(name: str) -> ModuleType:
    """A script of the project, imported from its file."""
    path = Path("scripts", f"{name}.py")
    assert path.is_file(), (
        f"there is no {path.as_posix()} here: copy the starter's files, and run the checks in mailroom"
    )
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(autouse=True)
def _as_before() -> Any:
    """Leave PyTorch's threads and random numbers as they were."""
    threads, state = torch.get_num_threads(), torch.get_rng_state()
    yield
    torch.set_num_threads(threads)
    torch.set_rng_state(state)


# same-weights


def layer(values: list[list[float]], dtype: torch.dtype = torch.float32) -> nn.Linear:
    made = nn.Linear(2, 2, bias=False)
    made.weight = nn.Parameter(torch.tensor(values, dtype=dtype))
    return made


class Named(nn.Module):
    """One parameter of any name and shape."""

    def __init__(self, **values: list[Any]) -> None:
        super().__init__()
        for name, value in values.items():
            self.register_parameter(name, nn.Parameter(torch.tensor(value)))


def test_same_weights_twice() -> None:
    first, second = (manifest.fingerprint(layer([[1, 2], [3, 4]])) for _ in range(2))
    assert first == second, "two models with the same parameters have different fingerprints"
    assert isinstance(first, str), "the fingerprint is a text"
    assert len(first) == 64, "the fingerprint has 64 hexadecimal digits: hexdigest() of SHA-256"
    int(first, 16)


def test_same_weights_to_the_bit() -> None:
    model = layer([[1, 2], [3, 4]])
    before = manifest.fingerprint(model)
    with torch.no_grad():
        model.weight[1, 1] = torch.nextafter(torch.tensor(4.0), torch.tensor(5.0))
    assert manifest.fingerprint(model) != before, "the last bit of one value has changed, and the fingerprint has not"


@pytest.mark.parametrize(
    ("one", "other", "what"),
    [
        (Named(a=[1.0, 2.0]), Named(b=[1.0, 2.0]), "name"),
        (Named(a=[1.0, 2.0]), Named(a=[[1.0, 2.0]]), "shape"),
        (Named(a=[0.0]), Named(a=[0.0]).double(), "type"),
        (Named(a=[1.0, 2.0], b=[3.0]), Named(a=[1.0], b=[2.0, 3.0]), "shape"),
    ],
)
def test_same_weights_and_more_than_values(one: nn.Module, other: nn.Module, what: str) -> None:
    message = f"the {what} of a parameter has changed, and the fingerprint has not"
    assert manifest.fingerprint(one) != manifest.fingerprint(other), message


def test_same_weights_buffers_too() -> None:
    model = nn.BatchNorm1d(2)
    before = manifest.fingerprint(model)
    assert model.running_mean is not None
    model.running_mean += 1
    assert manifest.fingerprint(model) != before, (
        "a buffer has changed, and the fingerprint has not: hash all of state_dict(), not the parameters alone"
    )


# find-the-causes


def some_batches(folder: Path, count: int = 12) -> Path:
    random = np.random.default_rng(0)
    for number in range(count):
        images = random.integers(0, 17, size=(60, 8, 8), dtype=np.uint8)
        np.savez(folder / f"batch_{number:02}.npz", images=images, labels=random.integers(0, 10, 60, dtype=np.uint8))
    return folder


def test_find_the_causes_order_of_files(tmp_path: Path) -> None:
    files = script("shaky").batch_files(some_batches(tmp_path))
    assert files == sorted(files), "batch_files: the order of a set, or of a folder, is nobody's promise"
    assert len(files) == 12, "batch_files does not return every batch once"


def test_find_the_causes_noise() -> None:
    shaky, images = script("shaky"), torch.full((4, 1, 8, 8), 0.5)
    np.random.seed(1)
    first = shaky.noisy(images, 3)
    np.random.seed(2)
    assert torch.equal(first, shaky.noisy(images, 3)), "noisy: the same seed gives other noise"
    assert not torch.equal(first, shaky.noisy(images, 4)), "noisy: another seed gives the same noise"
    assert not torch.equal(first, images), "noisy: there is no noise any more"


def test_find_the_causes_first_weights() -> None:
    shaky = script("shaky")
    first = shaky.new_model(3).state_dict()
    torch.rand(5)
    second, third = shaky.new_model(3).state_dict(), shaky.new_model(4).state_dict()
    assert all(torch.equal(first[name], second[name]) for name in first), "new_model: the same seed gives other weights"
    assert not all(torch.equal(first[name], third[name]) for name in first), "new_model: every seed gives the same"


def test_find_the_causes_threads(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "cpu_count", lambda: 3)
    torch.set_num_threads(2)
    script("shaky").run(some_batches(tmp_path), seed=0, epochs=1)
    assert torch.get_num_threads() == 1, "run: the training must be on one thread, whatever the machine"


def test_find_the_causes_all_of_them(tmp_path: Path) -> None:
    shaky, folder = script("shaky"), some_batches(tmp_path)
    first = shaky.run(folder, seed=0, epochs=1).state_dict()
    torch.rand(5)
    second = shaky.run(folder, seed=0, epochs=1).state_dict()
    assert all(torch.equal(first[name], second[name]) for name in first), "run: two runs still give different weights"


# write-a-manifest


def git(folder: Path, *arguments: str) -> str:
    identity = {f"GIT_{who}_{what}": "t@example.com" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
    command = ["git", "-c", "init.defaultBranch=main", "-c", "core.hooksPath=none", *arguments]
    environment = {**os.environ, **identity}
    return subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True, env=environment).stdout


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path / "project"
    folder.mkdir()
    for name in ("train.py", "dvc.lock", "metrics.json"):
        (folder / name).write_text("1\n")
    (folder / ".gitignore").write_text("*.pt\n")
    git(folder, "init", "--quiet")
    git(folder, "add", ".")
    git(folder, "commit", "--quiet", "--message", "start")
    return folder


def test_write_a_manifest_commit(project: Path) -> None:
    expected = git(project, "rev-parse", "HEAD").strip()
    assert manifest.code_state(project)["commit"] == expected, "code_state: `commit` is not the hash of HEAD, 40 digits"


def test_write_a_manifest_clean(project: Path) -> None:
    assert manifest.code_state(project)["changed"] == [], "code_state: nothing was changed, and `changed` names a file"


def test_write_a_manifest_changed_files(project: Path) -> None:
    (project / "train.py").write_text("2\n")
    (project / "new file.py").write_text("1\n")
    changed = manifest.code_state(project)["changed"]
    assert "train.py" in changed, "code_state: a file was edited, and `changed` does not name it"
    assert "new file.py" in changed, (
        "code_state: a file was never added, and `changed` does not name it as it is called"
    )
    assert changed == ["new file.py", "train.py"], f"code_state: `changed` is {changed}, not the paths in order"


def test_write_a_manifest_new_folder(project: Path) -> None:
    (project / "src").mkdir()
    (project / "src" / "new.py").write_text("1\n")
    assert manifest.code_state(project)["changed"] == ["src/new.py"], (
        "code_state: a file in a new folder is not named by its path: --untracked-files=all"
    )


def test_write_a_manifest_renamed_file(project: Path) -> None:
    git(project, "mv", "train.py", "learn.py")
    changed = manifest.code_state(project)["changed"]
    assert "learn.py" in changed, "code_state: a file was renamed, and `changed` does not name it"
    assert set(changed) <= {"learn.py", "train.py"}, (
        f"code_state: a file was renamed, and `changed` is {changed}: --no-renames gives one path to each entry"
    )


def test_write_a_manifest_results_do_not_count(project: Path) -> None:
    for name in ("dvc.lock", "metrics.json", "model.pt"):
        (project / name).write_text("2\n")
    assert manifest.code_state(project)["changed"] == [], (
        "code_state: what a run writes (RESULTS), and what Git ignores, is no change of the code"
    )


def test_write_a_manifest_without_a_repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    state = manifest.code_state(tmp_path)
    assert state["commit"] is None, "code_state: without a repository, `commit` is None"
    assert state["changed"] is None, (
        "code_state: without a repository, `changed` is None: [] would say that it is clean"
    )


def test_write_a_manifest_data(tmp_path: Path) -> None:
    (tmp_path / "more").mkdir()
    for name in ("z.npz", "a.npz", "more/b.npz"):
        (tmp_path / name).write_bytes(name.encode())
    found = manifest.data_hashes(tmp_path)
    assert list(found) == ["a.npz", "more/b.npz", "z.npz"], "data_hashes: not the paths of all files, in order"
    assert found["more/b.npz"] == hashlib.sha256(b"more/b.npz").hexdigest(), "data_hashes: not the hash of the content"


def test_write_a_manifest_with_every_run(tmp_path: Path) -> None:
    batches, output = tmp_path / "batches", tmp_path / "models" / "model.pt"
    batches.mkdir()
    output.parent.mkdir()
    some_batches(batches, count=2)
    settings = [f"data={batches.as_posix()}", f"output={output.as_posix()}", "epochs=1", "seed=5"]
    run_folder = tmp_path / "run"
    command = [sys.executable, "-m", "mailroom.train", *settings, f"hydra.run.dir={run_folder.as_posix()}"]
    environment = {**os.environ, "PYTHONPATH": "src", "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(command, capture_output=True, text=True, env=environment, timeout=240)
    assert done.returncode == 0, f"python -m mailroom.train fails: {done.stderr[-300:]}"
    for path in (run_folder / "manifest.json", output.with_name("manifest.json")):
        assert path.is_file(), f"train.py does not write {path.relative_to(tmp_path)}"
    record = json.loads((run_folder / "manifest.json").read_text(encoding="utf-8"))
    missing = {"commit", "changed", "settings", "data", "environment", "weights"} - set(record)
    assert not missing, f"the record lacks {sorted(missing)}: begin() and finish() give them"
    assert record["settings"].get("seed") == 5, "`settings` are not those of the run"
    assert str(record["settings"].get("data")) == batches.as_posix(), "`settings` are not resolved: resolve=True"
    assert list(record["data"]) == ["batch_00.npz", "batch_01.npz"], "`data` is not the folder that the run read"
    assert record["weights"] == manifest.fingerprint(load_model(output)), (
        "`weights` are not those of the model beside it: finish() comes after the training"
    )


# write-the-pipeline


def stages() -> dict[str, Any]:
    path = Path("dvc.yaml")
    assert path.is_file(), "there is no dvc.yaml here: copy the starter's files, and run the checks in mailroom"
    found = yaml.safe_load(path.read_text(encoding="utf-8"))["stages"]
    for name in ("prepare", "train", "evaluate"):
        assert name in found, f"dvc.yaml has no stage {name}"
        assert "cmd" in found[name], f"the stage {name} has no cmd"
    return found


def paths(entries: list[Any]) -> set[str]:
    """The paths of outputs or dependencies, which may have options."""
    return {next(iter(entry)) if isinstance(entry, dict) else entry for entry in entries or []}


def covers(declared: set[str], path: str) -> bool:
    return any(path == one or path.startswith(f"{one.rstrip('/')}/") for one in declared)


def parameters(stage: dict[str, Any]) -> set[str]:
    """The settings in config.yaml that a stage depends on; `*` if on all of the file."""
    if SETTINGS in paths(stage.get("deps", [])):
        return {"*"}
    found: set[str] = set()
    for entry in stage.get("params", []):
        if isinstance(entry, dict) and SETTINGS in entry:
            found |= set(entry[SETTINGS] or ["*"])
    return found


def imported(module: str) -> set[str]:
    """The files of the package that a module imports, and those that these import."""
    seen: set[str] = set()
    left = [module]
    while left:
        path = Path("src/mailroom", f"{left.pop()}.py")
        if path.as_posix() in seen or not path.is_file():
            continue
        seen.add(path.as_posix())
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and node.level == 1:
                left += [node.module] if node.module else [name.name for name in node.names]
            elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith("mailroom."):
                left.append((node.module or "").removeprefix("mailroom."))
    return seen


MODULES = {"prepare": "prepare", "train": "train", "evaluate": "measure"}


@pytest.mark.parametrize("name", MODULES)
def test_write_the_pipeline_commands(name: str) -> None:
    words = shlex.split(stages()[name]["cmd"])
    assert f"mailroom.{MODULES[name]}" in words, f"the stage {name} does not run mailroom.{MODULES[name]}"


def test_write_the_pipeline_trains_on_prepared_data() -> None:
    words = shlex.split(stages()["train"]["cmd"])
    assert "data=data/prepared" in words, "train: without data=data/prepared it reads what MAILROOM_BATCHES says"
    assert "output=model.pt" in words, "train: without output=model.pt it writes where MAILROOM_MODEL says"


@pytest.mark.parametrize("name", MODULES)
def test_write_the_pipeline_every_module(name: str) -> None:
    declared = paths(stages()[name].get("deps", []))
    forgotten = sorted(path for path in imported(MODULES[name]) if not covers(declared, path))
    assert not forgotten, f"{name} imports what its deps do not name: {', '.join(forgotten)}"


def test_write_the_pipeline_data() -> None:
    found = stages()
    assert covers(paths(found["train"].get("deps")), "data/prepared/train.npz"), (
        "train does not depend on data/prepared"
    )
    judged = paths(found["evaluate"].get("deps"))
    assert covers(judged, "data/prepared/validation.npz"), "evaluate does not depend on data/prepared/validation.npz"
    assert covers(judged, "model.pt"), "evaluate does not depend on model.pt"
    for name in ("train", "evaluate"):
        assert "uv.lock" in paths(found[name].get("deps")), f"{name} does not depend on uv.lock"


def test_write_the_pipeline_outputs() -> None:
    found = stages()
    outputs = paths(found["train"].get("outs", []))
    assert {"model.pt", "manifest.json"} <= outputs, "train must have the outs model.pt and manifest.json"
    metrics = found["evaluate"].get("metrics", [])
    assert "metrics.json" in paths(metrics), "evaluate has no metrics: metrics.json"
    options = next((entry["metrics.json"] for entry in metrics if isinstance(entry, dict)), {})
    assert options.get("cache") is False, "metrics.json belongs to Git, so that DVC can compare commits: cache: false"


def test_write_the_pipeline_settings() -> None:
    found = stages()
    used = parameters(found["train"])
    missing = {"defaults", "epochs", "batch_size", "seed", "threads"} - used
    assert "*" in used or not missing, f"train does not depend on these settings: {', '.join(sorted(missing))}"
    declared = paths(found["train"].get("deps")) | {
        name for entry in found["train"].get("params", []) if isinstance(entry, dict) for name in entry
    }
    for option in ("model/cnn.yaml", "optimiser/adam.yaml"):
        assert covers(declared, f"src/mailroom/conf/{option}"), f"train does not depend on conf/{option}"


def test_write_the_pipeline_no_more_than_that() -> None:
    found = stages()
    assert not covers(paths(found["train"].get("deps")), "src/mailroom/measure.py"), (
        "train depends on measure.py: to judge a model in another way, you would train it again"
    )
    assert not covers(paths(found["prepare"].get("deps")), "src/mailroom/model.py"), (
        "prepare depends on model.py: a change of the network would prepare the data again"
    )
    assert not {"epochs", "*"} & parameters(found["prepare"]), "prepare depends on epochs, which it does not use"


# rebuild-it


def test_rebuild_it_same() -> None:
    record = {"started": "1", "commit": "a", "environment": {"threads": 1}}
    assert manifest.differences(record, {**record, "started": "2"}) == [], "only `started` differs: no difference"


def test_rebuild_it_different() -> None:
    theirs = {"commit": "a", "changed": [], "weights": "x"}
    ours = {"commit": "b", "changed": ["train.py"], "weights": "x"}
    found = manifest.differences(theirs, ours)
    assert found == ["changed: [], here ['train.py']", "commit: a, here b"], f"differences: got {found}"


def test_rebuild_it_inside() -> None:
    theirs = {"environment": {"packages": {"torch": "2.13.0"}, "threads": 1}}
    ours = {"environment": {"packages": {"torch": "2.12.0"}, "threads": 1}}
    found = manifest.differences(theirs, ours)
    assert found == ["environment.packages.torch: 2.13.0, here 2.12.0"], f"differences: got {found}"


def test_rebuild_it_missing() -> None:
    found = manifest.differences({"data": {"a": "1"}}, {"data": {"a": "1", "b": "2"}, "weights": "x"})
    assert found == ["data.b: None, here 2", "weights: None, here x"], f"differences: got {found}"
    found = manifest.differences({"data": {"a": "1", "b": "2"}}, {"data": {"a": "1"}})
    assert found == ["data.b: 2, here None"], f"differences: got {found}"
