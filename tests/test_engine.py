"""Which container engine is found, and the parts of `docker` on buildah that need none. The rest: check_engine.py."""

from __future__ import annotations

import doctest
import importlib
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from coursekit.run import engine as engines
from coursekit.run.docker import shim

pytestmark = pytest.mark.skipif(os.name == "nt", reason="needs a shell; no engine is looked for on Windows")
PROGRAM = "#!/bin/sh\n{}\n"
MakeProgram = Callable[[str, str], None]


@pytest.fixture
def program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[MakeProgram]:
    """A PATH on which there is nothing but what a test puts there, and a memory that has not looked yet."""
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(engines, "READY", tmp_path / "ready")
    engines.engine.cache_clear()

    def make(name: str, text: str) -> None:
        path = tmp_path / name
        path.write_text(PROGRAM.format(text))
        path.chmod(0o755)

    yield make
    engines.engine.cache_clear()


@pytest.fixture
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> shim.State:
    monkeypatch.setenv("COURSE_ENGINE_STATE", str(tmp_path / "state"))
    return shim.State()


def _refused(work: Callable[[], object], capsys: pytest.CaptureFixture[str]) -> str:
    with pytest.raises(SystemExit) as raised:
        work()
    assert raised.value.code == 125
    return capsys.readouterr().err


@pytest.mark.parametrize("name", ["run.docker.shim", "run.tools", "run.workflow_steps", "verified"])
def test_doctests(name: str) -> None:
    assert doctest.testmod(importlib.import_module(f"coursekit.{name}")).failed == 0


def test_nothing_is_no_engine(program: MakeProgram) -> None:
    assert engines.engine() is None


def test_a_client_without_its_service_is_no_engine(program: MakeProgram) -> None:
    program("docker", "echo 'Cannot connect to the Docker daemon' >&2; exit 1")
    assert engines.engine() is None


def test_a_real_docker_is_taken(program: MakeProgram, tmp_path: Path) -> None:
    program("docker", "echo 28.2.2")
    program("buildah", "echo buildah version 1.28.2 '(image-spec)'")
    (tmp_path / "ready").touch()
    assert engines.engine() == engines.Engine("Docker", "28.2.2")
    assert engines.Engine("Docker", "28.2.2").search_path("/bin") == "/bin"


def test_buildah_stands_in_where_it_is_set_up(
    program: MakeProgram, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program("buildah", "echo buildah version 1.28.2 '(image-spec)'")
    monkeypatch.setattr(os, "geteuid", lambda: 0, raising=False)
    assert engines.engine() is None
    engines.engine.cache_clear()
    (tmp_path / "ready").touch()
    found = engines.engine()
    assert found == engines.Engine("buildah", "1.28.2", engines.SHIM)
    assert found.search_path("/bin") == f"{engines.SHIM}{os.pathsep}/bin"
    assert os.access(engines.SHIM / "docker", os.X_OK)


def test_buildah_is_for_root_only(program: MakeProgram, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program("buildah", "echo buildah version 1.28.2")
    (tmp_path / "ready").touch()
    monkeypatch.setattr(os, "geteuid", lambda: 1000, raising=False)
    assert engines.engine() is None


@pytest.mark.parametrize(("value", "must"), [("true", True), ("1", True), ("", False), ("false", False), ("0", False)])
def test_in_ci_everything_must_run(value: str, must: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CI", value)
    assert engines.must_run() is must


@pytest.mark.parametrize("words", [["--gpus", "all", "image"], ["--read-only", "image"], ["-ix", "image"], ["--name"]])
def test_unknown_options_are_refused(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    message = _refused(lambda: shim.options(words, shim.RUN_FLAGS, shim.RUN_VALUES, stop=True), capsys)
    assert "unknown flag" in message


def test_a_reader_that_has_seen_enough_is_no_failure(state: shim.State) -> None:
    """`docker history … | grep -m 1` closes the pipe while there is more to print."""
    end, into = os.pipe()
    os.close(end)
    with os.fdopen(into, "w") as closed:
        ended = subprocess.run([sys.executable, shim.__file__, "ps"], stdout=closed, stderr=subprocess.PIPE, text=True)
    assert (ended.returncode, ended.stderr) == (141, "")


@pytest.mark.parametrize("words", [["compose", "up"], ["swarm"], ["login"], []])
def test_unknown_commands_are_refused(words: list[str], state: shim.State, capsys: pytest.CaptureFixture[str]) -> None:
    assert "needs a real engine" in _refused(lambda: shim.main(words), capsys)


@pytest.mark.parametrize("value", ["80:8000", "127.0.0.1:80:8000"])
def test_a_port_that_changes_is_refused(value: str, state: shim.State, capsys: pytest.CaptureFixture[str]) -> None:
    assert "same number" in _refused(lambda: list(shim._run_words(state, [("-p", value)])), capsys)


@pytest.mark.parametrize("value", ["8000:8000", "127.0.0.1:8000:8000", "8000", "8000:8000/tcp"])
def test_a_port_that_stays_needs_nothing(value: str, state: shim.State) -> None:
    assert list(shim._run_words(state, [("-p", value), ("--memory", "1g"), ("--network", "host")])) == []


def test_options_in_buildahs_words(state: shim.State, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PASSED", "on")
    (tmp_path / "env").write_text("# a comment\nA=1\n\nB=2\n")
    given = [("-e", "X=1"), ("--env", "PASSED"), ("--env-file", str(tmp_path / "env")), ("-w", "/app"), ("-u", "me")]
    words = ["--env", "X=1", "--env", "PASSED=on", "--env", "A=1", "--env", "B=2"]
    assert list(shim._run_words(state, given)) == [*words, "--workingdir", "/app", "--user", "me"]


def test_volumes(state: shim.State, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert shim._volume(state, f"{tmp_path}:/in:ro") == f"{tmp_path}:/in:ro"
    assert shim._volume(state, "cache:/in") == f"{state.volumes / 'cache'}:/in"
    assert (state.volumes / "cache").is_dir()
    assert "anonymous" in _refused(lambda: shim._volume(state, "/in"), capsys)


def test_templates(capsys: pytest.CaptureFixture[str]) -> None:
    data = {"Config": {"Cmd": ["a", "b"]}, "Size": 3}
    assert shim.filled(r"{{.Size}}\t{{ json .Config.Cmd }}", data) == '3\t["a","b"]'
    assert json.loads(shim.filled("{{json .}}", data)) == data
    for template in ("{{.Gone}}", "{{range .Config}}{{end}}"):
        with pytest.raises(SystemExit):
            shim.filled(template, data)


def test_containers_are_found_by_name_and_by_the_beginning_of_their_id(state: shim.State) -> None:
    container = {"name": "api", "id": "abc123", "image": "i", "pid": 0, "exit": 3}
    state.save(container)
    assert state.load("api") == state.load("abc") == container
    with pytest.raises(SystemExit):
        state.load("gone")


def test_a_name_is_given_once(state: shim.State, capsys: pytest.CaptureFixture[str]) -> None:
    state.save({"name": "api", "id": "abc123"})
    assert "already in use" in _refused(lambda: shim._create(state, "image", "api"), capsys)
