"""Checks of the exercises of "Configuration"; run them in the project's directory."""

from __future__ import annotations

import inspect
import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

sys.path.insert(0, str(Path.cwd() / "src"))

try:
    import torch
    from hydra import compose, initialize_config_dir
    from hydra.utils import instantiate
    from mailroom import config, model, record, settings, train
    from omegaconf import DictConfig, OmegaConf
    from pydantic import ValidationError
    from torch import nn
except ModuleNotFoundError as error:
    raise ModuleNotFoundError(
        f"{error}: run the checks inside mailroom, with `uv run`, after `uv add hydra-core pydantic-settings`",
        name=error.name,
        path=error.path,
    ) from None

CONF = Path("src/mailroom/conf").resolve()
TOKEN = "open-sesame-4711"


@pytest.fixture(autouse=True)
def repeatable(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """No variables of the project's around; one thread, as before afterwards."""
    for name in [name for name in os.environ if name.startswith("MAILROOM_")]:
        monkeypatch.delenv(name)
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.fixture
def batches(tmp_path: Path) -> Path:
    """A folder with one batch of 40 scans."""
    return write_batch(tmp_path / "batches", seed=0)


def write_batch(folder: Path, seed: int) -> Path:
    folder.mkdir()
    numbers = np.random.default_rng(seed)
    images = numbers.integers(0, 17, (40, 8, 8), dtype=np.uint8)
    np.savez(folder / "batch_1.npz", images=images, labels=numbers.integers(0, 10, 40, dtype=np.uint8))
    return folder


def composed(*overrides: str, name: str = "config", folder: Path = CONF) -> DictConfig:
    """The settings as Hydra puts them together; whatever it complains of becomes the reason of a failed check."""
    config.register()
    try:
        with initialize_config_dir(str(folder), version_base="1.3"):
            return compose(name, overrides=list(overrides))
    except Exception as error:
        what = f"with {' '.join(overrides)}, " if overrides else ""
        reason = " ".join(str(error.__cause__ or error).split())
        raise AssertionError(f"{what}Hydra says: {reason}") from None


def launched(*arguments: str, **variables: str) -> str:
    """What `python -m mailroom.train` prints."""
    done = subprocess.run(
        [sys.executable, "-m", "mailroom.train", *arguments],
        env={**os.environ, "PYTHONPATH": "src", **variables},
        capture_output=True,
        text=True,
        check=False,
    )
    shown = [line for line in done.stderr.splitlines() if line.strip() and "HYDRA_FULL_ERROR" not in line]
    assert done.returncode == 0, f"python -m mailroom.train {arguments[0]} ... stops: {' '.join(shown[-4:])}"
    return done.stdout


def dependencies() -> set[str]:
    assert Path("pyproject.toml").is_file(), "there is no pyproject.toml here: run the checks inside mailroom"
    project = tomllib.loads(Path("pyproject.toml").read_text(encoding="utf-8"))["project"]
    return {re.split(r"[^\w.-]", line)[0].lower() for line in project.get("dependencies", [])}


# constants-to-yaml


def test_constants_to_yaml_packages() -> None:
    assert "hydra-core" in dependencies(), "hydra-core is not among the dependencies: uv add hydra-core"


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("epochs", 12),
        ("batch_size", 64),
        ("seed", 0),
        ("threads", 1),
        ("held_out", 0.25),
        ("model.channels", [16, 32]),
        ("optimiser.lr", 0.002),
    ],
)
def test_constants_to_yaml_values(key: str, value: object) -> None:
    found = OmegaConf.select(composed(), key)
    assert found is not None, f"the settings have no {key}: add it to conf/config.yaml"
    assert found == value, f"{key} is {found}; it should still be what train.py used, {value}"


def test_constants_to_yaml_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    cfg = composed()
    assert (cfg.data, cfg.output) == ("data/batches", "model.pt"), "data and output have lost their defaults"
    monkeypatch.setenv("MAILROOM_BATCHES", "elsewhere")
    monkeypatch.setenv("MAILROOM_MODEL", "other.pt")
    cfg = composed()
    assert (cfg.data, cfg.output) == ("elsewhere", "other.pt"), "MAILROOM_BATCHES or MAILROOM_MODEL is not listened to"


def test_constants_to_yaml_used(batches: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: dict[str, Any] = {}
    signature = inspect.signature(train.train)

    def watched(*positional: object, **named: object) -> list[dict[str, float]]:
        call = signature.bind(*positional, **named)
        call.apply_defaults()
        seen.update(call.arguments, torch_seed=torch.initial_seed(), torch_threads=torch.get_num_threads())
        return [{"epoch": 1, "loss": 1.0, "accuracy": 0.5}]

    monkeypatch.setattr(train, "train", watched)
    cfg = OmegaConf.create(
        {
            "model": {"_target_": "mailroom.model.DigitCNN", "channels": [4, 8]},
            "optimiser": {"_target_": "torch.optim.SGD", "_partial_": True, "lr": 0.3},
            "data": str(batches),
            "output": "unused.pt",
            "held_out": 0.5,
            "epochs": 3,
            "batch_size": 7,
            "seed": 5,
            "threads": 2,
        }
    )
    train.run(cfg)
    assert seen["torch_seed"] == 5, "with seed 5 in the settings, torch.manual_seed gets another number"
    assert seen["torch_threads"] == 2, "with threads 2 in the settings, torch.set_num_threads gets another number"
    assert len(seen["validation_set"]) == 20, "with held_out 0.5, half of the scans should be held out"
    widths = [len(parameter) for name, parameter in seen["model"].named_parameters() if "weight" in name]
    assert widths == [4, 8, 10], "the model is not the one of the settings: instantiate(config.model)"
    for name in ("epochs", "batch_size", "seed"):
        assert seen[name] == cfg[name], f"with {name} {cfg[name]} in the settings, train() gets {seen[name]}"
    assert callable(seen["optimiser"]), "train() gets no optimiser: instantiate(config.optimiser)"
    optimiser = seen["optimiser"](seen["model"].parameters())
    assert isinstance(optimiser, torch.optim.SGD), "the optimiser is not the one of the settings"
    assert optimiser.defaults["lr"] == 0.3, "the learning rate is not the one of the settings"


# swap-by-group


@pytest.mark.parametrize(("option", "kind"), [("cnn", "DigitCNN"), ("mlp", "DigitMLP")])
def test_swap_by_group_model(option: str, kind: str) -> None:
    made = instantiate(composed(f"model={option}").model)
    assert isinstance(made, getattr(model, kind)), f"model={option} makes a {type(made).__name__}, not a {kind}"


@pytest.mark.parametrize(("option", "kind"), [("adam", "Adam"), ("sgd", "SGD")])
def test_swap_by_group_optimiser(option: str, kind: str) -> None:
    partial = instantiate(composed(f"optimiser={option}").optimiser)
    made = partial(nn.Linear(2, 2).parameters())
    assert isinstance(made, getattr(torch.optim, kind)), f"optimiser={option} makes a {type(made).__name__}"


def test_swap_by_group_values() -> None:
    cfg = composed("model=mlp", "optimiser=sgd")
    assert cfg.model.get("hidden") == 64, "mlp.yaml should set hidden to 64"
    assert "channels" not in cfg.model, "model=mlp still has channels: is a model left in config.yaml?"
    assert (cfg.optimiser.get("lr"), cfg.optimiser.get("momentum")) == (0.1, 0.9), (
        "sgd.yaml should set lr to 0.1 and momentum to 0.9; is an optimiser left in config.yaml, below `_self_`?"
    )
    widths = composed("model=mlp", "model.hidden=32").model
    assert instantiate(widths).first.out_features == 32, "model=mlp model.hidden=32 makes a layer of another width"


def test_swap_by_group_default() -> None:
    cfg = composed("model.channels=[4,8]", "optimiser.lr=0.5")
    for group, option in (("model", "cnn"), ("optimiser", "adam")):
        assert (CONF / group / f"{option}.yaml").is_file(), f"there is no file conf/{group}/{option}.yaml"
    assert cfg == composed("model=cnn", "optimiser=adam", "model.channels=[4,8]", "optimiser.lr=0.5"), (
        "without a choice it should be model cnn and optimiser adam: see the defaults list"
    )


# four-settings


def test_four_settings(batches: Path, tmp_path: Path) -> None:
    file = CONF / "experiment" / "four_settings.yaml"
    assert file.is_file(), "there is no conf/experiment/four_settings.yaml"
    output = tmp_path / "model.pt"
    options = ("epochs=1", f"data={batches.as_posix()}", f"output={output.as_posix()}")
    launched("+experiment=four_settings", *options)
    runs = [path.parent for path in (tmp_path / "multirun").glob("*/*/*/history.json")]
    assert len(runs) == 4, f"the experiment left the folders of {len(runs)} runs, not of 4"
    done = {frozenset(OmegaConf.load(run / ".hydra" / "overrides.yaml")) for run in runs}
    for kind in ("cnn", "mlp"):
        for optimiser in ("adam", "sgd"):
            wanted = {f"model={kind}", f"optimiser={optimiser}"}
            assert any(wanted <= one for one in done), f"no run had {' '.join(sorted(wanted))}"
    for run in runs:
        assert (run / "model.pt").is_file(), "a run of the sweep has no model.pt in its folder"
    assert not output.exists(), "a sweep has written config.output, and only the last of its runs would be left there"


# stop-before-training


def checked(*overrides: str) -> config.TrainConfig:
    cfg = composed(*overrides)
    try:
        return config.checked(cfg)
    except TypeError as error:
        raise AssertionError(f"checked() says: {error}") from None


def test_stop_before_training_types() -> None:
    good = checked()
    assert isinstance(good, config.TrainConfig), "checked() should give a TrainConfig: OmegaConf.to_object"
    kept = (good.epochs, good.batch_size, good.seed, good.threads, good.held_out, good.optimiser.lr)
    assert kept == (12, 64, 0, 1, 0.25, 0.002), f"checked() has changed the settings: {good}"
    assert checked("optimiser=sgd", "model=mlp").optimiser != good.optimiser, "optimiser=sgd changes nothing"


@pytest.mark.parametrize(
    "wrong",
    [
        "epochs=two",
        "epochs=2.5",
        "batch_size=many",
        "seed=none",
        "threads=all",
        "held_out=quarter",
        "optimiser.lr=fast",
        "model.channels=wide",
        "optimiser=sgd optimiser.momentum=much",
        "model=mlp model.hidden=wide",
    ],
)
def test_stop_before_training_wrong_type(wrong: str) -> None:
    *choice, last = wrong.split()
    assert isinstance(checked(*choice), config.TrainConfig), "checked() should give a TrainConfig: OmegaConf.to_object"
    key = last.partition("=")[0]
    refused = ""
    try:
        composed(*choice, last)
    except AssertionError as error:
        refused = str(error)
    assert refused, f"{wrong} is accepted: has {key} its type, and does the defaults list of its file name the types?"
    assert "Could not override" not in refused, f"{wrong} is refused, but because there is no {key}"


@pytest.mark.parametrize(
    "wrong",
    [
        "epochs=0",
        "batch_size=0",
        "threads=0",
        "held_out=0",
        "held_out=1",
        "optimiser.lr=0",
        "optimiser.lr=-1",
        "optimiser=sgd optimiser.lr=0",
    ],
)
def test_stop_before_training_wrong_value(wrong: str) -> None:
    *choice, last = wrong.split()
    checked(*choice)
    name = last.partition("=")[0].rpartition(".")[2]
    refused = ""
    try:
        checked(*choice, last)
    except ValueError as error:
        refused = str(error)
    assert name in refused, f"{wrong} is not refused with a message that names {name}"


@pytest.mark.parametrize("stranger", ["+note=hi", "+optimiser.momentum=0.9"])
def test_stop_before_training_stranger(stranger: str) -> None:
    checked()
    refused = False
    try:
        checked(stranger)
    except ValueError:
        refused = True
    assert refused, f"{stranger} is accepted, and nothing uses it: compare OmegaConf.structured(config) with cfg"


# keep-secrets-out


def test_keep_secrets_out_packages() -> None:
    assert "pydantic-settings" in dependencies(), "pydantic-settings is not among the dependencies: uv add it"


def secrets() -> settings.Secrets:
    found = settings.Secrets()
    assert hasattr(found, "office_token"), "Secrets has no office_token"
    return found


def test_keep_secrets_out_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MAILROOM_OFFICE_TOKEN", TOKEN)
    found = secrets()
    assert TOKEN not in f"{found} {found!r}", "printing the secrets shows the token: use SecretStr"
    header = settings.office_header(found)
    assert header == {"Authorization": f"Bearer {TOKEN}"}, f"the header should carry the token itself, it is {header}"


def test_keep_secrets_out_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".env").write_text(f"MAILROOM_OFFICE_TOKEN={TOKEN}\nMAILROOM_BATCHES=data/batches\n", encoding="utf-8")
    try:
        found = secrets()
    except ValidationError as error:
        raise AssertionError(f"a .env with a second variable in it is refused (extra=...): {error}") from None
    assert settings.office_header(found)["Authorization"].endswith(TOKEN), "the token in .env is not read"
    monkeypatch.setenv("MAILROOM_OFFICE_TOKEN", "other")
    header = settings.office_header(secrets())
    assert header["Authorization"] == "Bearer other", "the environment should win over .env"


def test_keep_secrets_out_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    refused = ""
    try:
        settings.Secrets()
    except ValidationError as error:
        refused = str(error)
    assert "office_token" in refused, "without a token, Secrets() should fail: office_token needs no default"


# repeat-a-run


def test_repeat_a_run(batches: Path, tmp_path: Path) -> None:
    first, again = tmp_path / "first", tmp_path / "again"
    options = ["optimiser=sgd", "optimiser.lr=0.05", "epochs=2", f"output={(tmp_path / 'model.pt').as_posix()}"]
    launched(*options, f"hydra.run.dir={first.as_posix()}", MAILROOM_BATCHES=batches.as_posix())
    saved = first / "run.yaml"
    assert saved.is_file(), "the folder of the run holds no run.yaml"
    assert "${" not in saved.read_text(encoding="utf-8"), "run.yaml holds an interpolation that another day fills anew"
    other = write_batch(tmp_path / "other", seed=1)
    launched(
        *("--config-dir", str(first), "--config-name", "run", f"hydra.run.dir={again.as_posix()}"),
        MAILROOM_BATCHES=other.as_posix(),
    )
    histories = [(folder / "history.json").read_text(encoding="utf-8") for folder in (first, again)]
    assert histories[0] == histories[1], "the run that was repeated from run.yaml has another history"


def test_repeat_a_run_keeps_types(tmp_path: Path) -> None:
    cfg = composed("model=mlp", "optimiser=sgd", "epochs=3")
    record.save_settings(cfg, {"model": "mlp", "optimiser": "sgd"}, tmp_path / "run.yaml")
    search = "hydra.searchpath=[pkg://mailroom.conf]"
    read = composed(search, name="run", folder=tmp_path)
    assert read == cfg, "the settings read from run.yaml are not those that were saved"
    assert OmegaConf.get_type(read) == OmegaConf.get_type(cfg), "run.yaml has lost the types: name base_config in it"
    assert composed(search, "epochs=5", name="run", folder=tmp_path).epochs == 5, "an override does not reach run.yaml"
