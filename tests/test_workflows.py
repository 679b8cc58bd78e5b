"""The GitHub workflows: valid, audited, and with no more rights than they need."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parent.parent
WORKFLOWS = sorted((ROOT / ".github/workflows").glob("*.yml"))

MAY_WRITE = {
    ("publish.yml", "deploy"): {"pages", "id-token"},
    ("weekly.yml", "report"): {"issues"},
}


def _tool(name: str) -> str:
    path = shutil.which(name, path=sysconfig.get_path("scripts"))
    assert path, f"{name} is not installed beside {sys.executable}; it is in requirements.txt"
    return path


def test_there_are_workflows() -> None:
    assert {path.name for path in WORKFLOWS} >= {"check.yml", "publish.yml", "weekly.yml"}


@pytest.mark.parametrize(
    ("schema", "files"),
    [("vendor.github-workflows", WORKFLOWS), ("vendor.dependabot", [ROOT / ".github/dependabot.yml"])],
)
def test_schema(schema: str, files: list[Path]) -> None:
    command = [_tool("check-jsonschema"), "--builtin-schema", schema, *map(str, files)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_zizmor_finds_nothing() -> None:
    command = [_tool("zizmor"), "--offline", "--no-progress", str(ROOT / ".github")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_zizmor_would_find_something(tmp_path: Path) -> None:
    """The audit above is worth something only if it fails on a bad workflow."""
    bad = tmp_path / "bad.yml"
    bad.write_text(
        "on: pull_request_target\njobs:\n  a:\n    runs-on: ubuntu-latest\n    steps:\n"
        "      - uses: actions/checkout@v4\n      - run: echo ${{ github.event.pull_request.title }}\n"
    )
    done = subprocess.run([_tool("zizmor"), "--offline", "--no-progress", str(bad)], capture_output=True, check=False)
    assert done.returncode != 0


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_rights_are_granted_job_by_job(path: Path) -> None:
    workflow = yaml.safe_load(path.read_text(encoding="utf-8"))
    assert workflow["permissions"] == {}
    for name, job in workflow["jobs"].items():
        writes = {right for right, level in job["permissions"].items() if level == "write"}
        assert writes == MAY_WRITE.get((path.name, name), set())
        assert "timeout-minutes" in job


def test_whoever_may_write_exists() -> None:
    jobs = {(path.name, job) for path in WORKFLOWS for job in yaml.safe_load(path.read_text(encoding="utf-8"))["jobs"]}
    assert jobs >= MAY_WRITE.keys()


def test_what_runs_the_newest_releases_cannot_write() -> None:
    jobs = yaml.safe_load((ROOT / ".github/workflows/weekly.yml").read_text(encoding="utf-8"))["jobs"]
    assert all("--newest" not in str(jobs[job]) for workflow, job in MAY_WRITE if workflow == "weekly.yml")
    assert any("--newest" in str(job) for job in jobs.values())


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_actions_are_pinned_to_commits_and_say_which_release(path: Path) -> None:
    used = [line.strip() for line in path.read_text(encoding="utf-8").splitlines() if "uses:" in line]
    assert used
    assert [
        line for line in used if not re.fullmatch(r"(?:- )?uses: [\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", line)
    ] == []


def test_no_workflow_names_a_package_index() -> None:
    for path in WORKFLOWS:
        assert not re.search(r"https?://", path.read_text(encoding="utf-8").replace("http://127.0.0.1", "")), path.name
