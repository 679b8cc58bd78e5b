"""The container engine of this machine does what a page says: heavy, so not one of the tests; `.ci/run` calls it.

Its commands are those of a page, the same for Docker and for buildah in its place. They need the base images, which
`.ci/engine` makes where there is no Docker. No engine is a failure: this file exists to notice that.
"""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from coursekit.run.engine import Engine, engine
from page_runs import bash, console, outcomes

DOCKERFILE = """\
FROM python:3.11-slim AS build
COPY --from=ghcr.io/astral-sh/uv:latest /uv /bin/
ENV UV_LINK_MODE=copy UV_PYTHON_DOWNLOADS=0
WORKDIR /app
COPY pyproject.toml ./
COPY src src
RUN --mount=type=cache,target=/cache export UV_CACHE_DIR=/cache && uv venv && uv pip install .

FROM python:3.11-slim
RUN useradd --create-home --uid 1000 reader
COPY --from=build --chown=reader:reader /app/.venv /app/.venv
USER reader
ENV PATH="/app/.venv/bin:$PATH"
EXPOSE 8765
ENTRYPOINT ["python", "-m", "mailroom"]
CMD ["3"]
"""
PROJECT = """\
[build-system]
requires = ["hatchling"]
build-backend = "hatchling.build"

[project]
name = "mailroom"
version = "0.1.0"
dependencies = ["numpy"]

[tool.hatch.build.targets.wheel]
packages = ["src/mailroom"]
"""
PROGRAM = """\
import http.server
import os
import sys

import numpy

if sys.argv[1] == "serve":
    http.server.HTTPServer(("", 8765), http.server.SimpleHTTPRequestHandler).serve_forever()
number = int(sys.argv[1])
print(f"{numpy.arange(number).sum()} as {os.getuid()}, {os.environ.get('WHO', 'nobody')}")
sys.exit(number > 4)
"""


@pytest.fixture(scope="module")
def found() -> Engine:
    here = engine()
    assert here, "No container engine is here; `bash .ci/engine` sets one up."
    return here


class Shell:
    """Runs what a page would, in a project with an empty home."""

    def __init__(self, folder: Path, here: Engine) -> None:
        self.folder = folder
        home = folder.parent / "home"
        home.mkdir()
        path = here.search_path(os.environ["PATH"])
        self.variables = {"PATH": path, "HOME": str(home), "LC_ALL": "C.UTF-8"}

    def __call__(self, text: str, code: int = 0) -> str:
        done = subprocess.run(
            ["bash", "-ec", text],
            cwd=self.folder,
            env=self.variables,
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
        assert done.returncode == code, done.stdout + done.stderr
        return done.stdout


@pytest.fixture(scope="module")
def shell(found: Engine, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shell]:
    folder = tmp_path_factory.mktemp("engine") / "mailroom"
    (folder / "src/mailroom").mkdir(parents=True)
    (folder / "Dockerfile").write_text(DOCKERFILE)
    (folder / "pyproject.toml").write_text(PROJECT)
    (folder / "src/mailroom/__init__.py").touch()
    (folder / "src/mailroom/__main__.py").write_text(PROGRAM)
    made = Shell(folder, found)
    made("docker build -t mailroom:1 .")
    yield made
    made("docker rm -f served || true; docker volume rm kept; docker rmi -f mailroom:1 mailroom:first")
    if found.path:
        made("docker course-clean")


def test_a_multi_stage_image_runs_as_its_user(shell: Shell) -> None:
    assert shell("docker run --rm mailroom:1") == "3 as 1000, nobody\n"


def test_arguments_variables_and_exit_codes_pass(shell: Shell) -> None:
    assert shell("docker run --rm -e WHO=you mailroom:1 4") == "6 as 1000, you\n"
    done = shell("docker run --rm mailroom:1 5 2>&1", code=1)
    assert done == "10 as 1000, nobody\n"


def test_entry_point_user_folder_and_volume(shell: Shell) -> None:
    command = (
        'docker run --rm --entrypoint sh -u root -v "$PWD:/data:ro" -w /data mailroom:1 -c "id -u; pwd; ls; touch x"'
    )
    shown = shell(f"{command} || echo refused")
    assert shown == "0\n/data\nDockerfile\npyproject.toml\nsrc\nrefused\n"


def test_a_named_volume_keeps_what_is_written(shell: Shell) -> None:
    shell("docker run --rm -v kept:/out -u root --entrypoint sh mailroom:1 -c 'echo one > /out/file'")
    assert shell("docker run --rm -v kept:/out --entrypoint cat mailroom:1 /out/file") == "one\n"


def test_a_new_volume_takes_the_owner_that_its_place_has_in_the_image(shell: Shell) -> None:
    command = "docker run --rm -v owned:/home/reader --entrypoint sh mailroom:1 -c"
    assert shell(f"{command} 'cd; touch mine; stat -c %u . mine' 2>/dev/null") == "1000\n1000\n"
    assert shell(f"{command} 'cd; ls mine'") == "mine\n"
    shell("docker volume rm owned")


def test_images_are_listed_tagged_and_inspected(shell: Shell) -> None:
    shell("docker tag mailroom:1 mailroom:first")
    assert sorted(shell("docker images mailroom --format '{{.Tag}}'").split()) == ["1", "first"]
    assert shell("docker inspect --format '{{.Config.User}} {{json .Config.Cmd}}' mailroom:1") == 'reader ["3"]\n'
    assert int(shell("docker image inspect --format '{{.Size}}' mailroom:1")) > 10_000_000


def test_a_container_in_the_background(shell: Shell) -> None:
    shown = shell(
        "docker run -d --name served -p 8765:8765 mailroom:1 serve >/dev/null\n"
        "for _ in $(seq 50); do curl -sf localhost:8765/ >/dev/null && break; sleep 0.2; done\n"
        "curl -sf -o /dev/null -w '%{http_code}\\n' localhost:8765/\n"
        "docker ps --format '{{.Names}}'\n"
        "docker exec served id -u\n"
        "docker stop -t 1 served\n"
        "docker ps --format '{{.Names}}'\n"
        "docker rm served"
    )
    assert shown == "200\nserved\n1000\nserved\nserved\n"
    shell("curl -sf localhost:8765/", code=7)


def test_a_second_build_is_fast(shell: Shell) -> None:
    begun = time.monotonic()
    shell("docker build -q -t mailroom:1 .")
    assert time.monotonic() - begun < 30


def test_what_fails_in_a_build_fails_the_build(shell: Shell) -> None:
    shell("printf 'FROM python:3.11-slim\\nRUN exit 3\\n' > Broken; ! docker build -f Broken . 2>/dev/null")


def test_builds_in_place_of_docker_have_no_network(found: Engine, shell: Shell) -> None:
    if found.name == "Docker":
        pytest.skip("Docker's builds have a network")
    code = "import socket; socket.create_connection(('192.0.2.1', 80), 2)"
    (shell.folder / "Online").write_text(f'FROM python:3.11-slim\nRUN python -c "{code}"\n')
    assert "Network is unreachable" in shell("docker build -f Online . 2>&1 || true")


def test_a_page_builds_and_runs_an_image(found: Engine, tmp_path: Path) -> None:
    """What a page would say, run as `course verify` runs it, its output compared."""
    files = {"Dockerfile": ("dockerfile", DOCKERFILE), "pyproject.toml": ("toml", PROJECT)}
    files |= {f"src/mailroom/__{name}__.py": ("python", text) for name, text in {"init": "", "main": PROGRAM}.items()}
    text = bash("mkdir -p ../image && cd ../image")
    for path, (language, content) in files.items():
        text += f"<!-- run: file={path} -->\n```{language}\n{content.strip()}\n```\n\n"
    engine_mark = "<!-- run: skip=engine timeout=300 -->\n"
    text += engine_mark + bash("docker build -q -t page:1 .")
    text += engine_mark + console("$ docker run --rm -e WHO=you page:1 4\n6 as 1000, you")
    text += engine_mark + console("$ docker run --rm page:1 4\nsomething else")
    text += engine_mark + bash("docker rmi -f page:1")
    assert [outcome.state for outcome in outcomes(tmp_path, text)][-5:] == [
        "parsed",
        "passed",
        "passed",
        "failed",
        "passed",
    ]


def test_what_is_not_known_here_is_refused(found: Engine, shell: Shell) -> None:
    if found.name == "Docker":
        pytest.skip("Docker knows it")
    for command in ("docker compose up", "docker run --gpus all mailroom:1", "docker run -p 80:8765 mailroom:1"):
        shell(command, code=125)
    assert shell("docker ps -a --format '{{.Names}}'") == ""
