"""Runs the `run:` steps of a GitHub workflow here, so that what a page shows as a workflow has done its work once.

Not GitHub: `uses:` steps are listed as not run, a matrix is run in its first combination, and of expressions only what
can be known here is filled in (`env`, `matrix`, `github.sha` and the like, outputs of earlier steps). Whatever else a
step needs is reported, and then the step counts as not run – never as passed.
"""

from __future__ import annotations

import re
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from .processes import kill_group, wait

SECONDS = 60.0  # that a step may take which says nothing of it
SHELLS = {
    "": ["bash", "-e"],
    "bash": ["bash", "--noprofile", "--norc", "-eo", "pipefail"],
    "sh": ["sh", "-e"],
    "python": ["python"],
}
_EXPRESSION = re.compile(r"\$\{\{\s*(.*?)\s*\}\}", re.S)
_CONDITIONS = {"": False, "success()": False, "always()": None, "failure()": True, "!cancelled()": None}
_HEREDOC = re.compile(r"(?P<name>\w+)<<(?P<end>\S+)")


@dataclass(frozen=True, slots=True)
class StepOutcome:
    """What came of one step.

    Args:
        job: The name of its job in the workflow.
        name: As GitHub shows it.
        line: On which line of the workflow it begins.
        state: "passed", "failed", "skipped" (its `if:` did not hold) or "not run" (it cannot be run here).
        message: Why, where it did not pass.
        output: What it printed, both streams.
    """

    job: str
    name: str
    line: int
    state: str
    message: str = ""
    output: str = ""


class NotHereError(Exception):
    """A step needs something that only GitHub has."""


@dataclass
class _Job:
    """A job while it runs."""

    name: str
    folder: Path
    variables: dict[str, str]
    contexts: dict[str, Any]
    defaults: Mapping[str, Any]
    failed: bool = False
    paths: list[str] = field(default_factory=list)


def run_steps(workflow: str, cwd: Path, env: Mapping[str, str], seconds: float = SECONDS) -> list[StepOutcome]:
    """Run the jobs of a workflow one after the other, in the order in which they stand.

    Args:
        workflow: Its YAML.
        cwd: Where a checkout would be.
        env: The variables that every step begins with; PATH among them.
        seconds: The time limit of a step without `timeout-minutes`.

    Raises:
        ValueError: The text is no workflow; the message says why.
    """
    jobs = _jobs(workflow)
    lines = _lines(workflow)
    outcomes: list[StepOutcome] = []
    failed: set[str] = set()
    with tempfile.TemporaryDirectory(prefix="course-") as scratch:
        whole = yaml.safe_load(workflow)
        for name, described in jobs.items():
            needs = described.get("needs") or []
            if failed & set([needs] if isinstance(needs, str) else needs):
                steps = enumerate(described["steps"])
                message = "a job that it needs failed"
                outcomes += [StepOutcome(name, _title(s), lines[name, i], "skipped", message) for i, s in steps]
                failed.add(name)
                continue
            job = _begun(name, described, whole, cwd, env)
            for index, step in enumerate(described["steps"]):
                outcomes.append(_step(job, step, lines[name, index], Path(scratch), seconds))
            if job.failed:
                failed.add(name)
    return outcomes


def _jobs(workflow: str) -> dict[str, dict[str, Any]]:
    try:
        whole = yaml.safe_load(workflow)
    except yaml.YAMLError as error:
        raise ValueError(f"This is no YAML: {error}") from error
    jobs = whole.get("jobs") if isinstance(whole, dict) else None
    if not isinstance(jobs, dict) or not jobs:
        raise ValueError("This workflow has no jobs.")
    for name, job in jobs.items():
        if not isinstance(job, dict) or not isinstance(job.get("steps"), list):
            raise ValueError(f"The job {name} has no list of steps.")
    return jobs


def _lines(workflow: str) -> dict[tuple[str, int], int]:
    """(job, index of a step) → the line on which it begins."""
    root = yaml.compose(workflow, yaml.SafeLoader)
    return {
        (job.value, index): step.start_mark.line + 1
        for job, described in _child(root, "jobs").value
        for index, step in enumerate(_child(described, "steps").value)
    }


def _child(node: Any, key: str) -> Any:
    return next(value for name, value in node.value if name.value == key)


def _begun(
    name: str, described: Mapping[str, Any], whole: Mapping[str, Any], cwd: Path, env: Mapping[str, str]
) -> _Job:
    github = {"sha": _revision(cwd), "workspace": str(cwd), "job": name, "event_name": "push", "ref_name": "main"}
    runner = {"os": "Linux", "temp": env.get("TMPDIR", "/tmp")}
    contexts = {"github": github, "runner": runner, "matrix": _combination(described), "steps": {}, "env": {}}
    fixed = {"CI": "true", "GITHUB_ACTIONS": "true", "GITHUB_WORKSPACE": str(cwd), "GITHUB_SHA": github["sha"]}
    job = _Job(name, cwd, dict(env) | fixed, contexts, described.get("defaults") or whole.get("defaults") or {})
    for variables in (whole.get("env") or {}, described.get("env") or {}):
        contexts["env"] |= variables  # they are filled in when a step uses them
    return job


def _revision(cwd: Path) -> str:
    done = subprocess.run(["git", "rev-parse", "HEAD"], cwd=cwd, capture_output=True, text=True, check=False)
    return done.stdout.strip() if done.returncode == 0 else "0" * 40


def _combination(described: Mapping[str, Any]) -> dict[str, Any]:
    """The first value of every list of the matrix."""
    matrix = (described.get("strategy") or {}).get("matrix") or {}
    if not isinstance(matrix, dict):
        return {}
    first = {
        key: value[0] for key, value in matrix.items() if isinstance(value, list) and key not in ("include", "exclude")
    }
    return first or dict((matrix.get("include") or [{}])[0])


def _title(step: Mapping[str, Any]) -> str:
    first = str(step.get("run", "")).strip().partition("\n")[0]
    return str(step.get("name") or (f"Run {first}" if first else step.get("uses") or "a step without a name"))


def _step(job: _Job, step: Mapping[str, Any], line: int, scratch: Path, seconds: float) -> StepOutcome:
    title = _title(step)
    try:
        if not _applies(job, str(step.get("if", ""))):
            return StepOutcome(
                job.name, title, line, "skipped", "a step before it failed" if job.failed else "its `if:` did not hold"
            )
        if "run" not in step:
            raise NotHereError(f"it uses {step.get('uses')}")
        outcome = _ran(job, step, line, scratch, seconds)
    except NotHereError as error:
        return StepOutcome(job.name, title, line, "not run", str(error))
    if outcome.state == "failed" and step.get("continue-on-error") is not True:
        job.failed = True
    return outcome


def _applies(job: _Job, condition: str) -> bool:
    inner = _EXPRESSION.fullmatch(condition.strip())
    text = (inner[1] if inner else condition).strip()
    if text not in _CONDITIONS:
        raise NotHereError(f"its condition is not understood here: if: {condition}")
    wanted = _CONDITIONS[text]
    return wanted is None or wanted == job.failed


def _ran(job: _Job, step: Mapping[str, Any], line: int, scratch: Path, seconds: float) -> StepOutcome:
    defaults = job.defaults.get("run") or {}
    shell = str(step.get("shell", defaults.get("shell", "")))
    if shell not in SHELLS:
        raise NotHereError(f"it wants the shell {shell}")
    folder = job.folder / _filled(job, str(step.get("working-directory", defaults.get("working-directory", "."))))
    variables = _variables(job, step, scratch)
    script = scratch / "script"
    script.write_text(_filled(job, str(step["run"])), encoding="utf-8")
    limit = float(step["timeout-minutes"]) * 60 if "timeout-minutes" in step else seconds
    code, output, late = _run([*SHELLS[shell], str(script)], folder, variables, limit, scratch / "output")
    _read_back(job, str(step.get("id", "")), scratch)
    if late:
        return StepOutcome(job.name, _title(step), line, "failed", f"it did not end within {limit:g} s", output)
    message = f"it ended with exit code {code}" if code else ""
    return StepOutcome(job.name, _title(step), line, "failed" if code else "passed", message, output)


def _variables(job: _Job, step: Mapping[str, Any], scratch: Path) -> dict[str, str]:
    own = job.contexts["env"] | (step.get("env") or {})
    variables = job.variables | {name: _filled(job, _text(value)) for name, value in own.items()}
    variables["PATH"] = ":".join([*reversed(job.paths), variables.get("PATH", "")])
    for name in ("GITHUB_ENV", "GITHUB_OUTPUT", "GITHUB_PATH", "GITHUB_STEP_SUMMARY"):
        (scratch / name).write_text("", encoding="utf-8")
        variables[name] = str(scratch / name)
    return variables


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else "" if value is None else str(value)


def _filled(job: _Job, text: str) -> str:
    """A text with its expressions filled in.

    Raises:
        NotHereError: One of them cannot be known here.
    """

    def value(match: re.Match[str]) -> str:
        found: Any = job.contexts
        for part in match[1].split("."):
            if not isinstance(found, dict) or part not in found:
                raise NotHereError(f"an expression cannot be filled in here: {match[0]}")
            found = found[part]
        if isinstance(found, (dict, list)):
            raise NotHereError(f"an expression cannot be filled in here: {match[0]}")
        return _filled(job, _text(found)) if match[1].startswith("env.") else _text(found)

    return _EXPRESSION.sub(value, text)


def _run(
    command: list[str], folder: Path, variables: Mapping[str, str], limit: float, output: Path
) -> tuple[int, str, bool]:
    """Exit code, output, and whether it was stopped because its time was up. Nothing that it started survives it."""
    if not folder.is_dir():
        return 1, f"There is no folder {folder.name}.\n", False
    with output.open("wb") as stream:
        process = subprocess.Popen(
            command,
            cwd=folder,
            env=variables,
            stdin=subprocess.DEVNULL,
            stdout=stream,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        ended = wait(process, limit)
        kill_group(process.pid)
        process.wait()
    return process.returncode, output.read_text(encoding="utf-8", errors="replace"), not ended


def _read_back(job: _Job, identity: str, scratch: Path) -> None:
    """What a step has told through its files: variables, outputs and paths for the steps after it."""
    told = dict(_pairs((scratch / "GITHUB_ENV").read_text(encoding="utf-8")))
    job.contexts["env"] |= told
    outputs = dict(_pairs((scratch / "GITHUB_OUTPUT").read_text(encoding="utf-8")))
    if identity:
        job.contexts["steps"][identity] = {"outputs": outputs}
    job.paths += (scratch / "GITHUB_PATH").read_text(encoding="utf-8").split("\n")[:-1]


def _pairs(text: str) -> Iterator[tuple[str, str]]:
    """`NAME=value` lines, and values of several lines between `NAME<<END` and `END`."""
    lines = iter(text.splitlines())
    for line in lines:
        heredoc = _HEREDOC.fullmatch(line)
        if heredoc:
            inside = []
            for inner in lines:
                if inner == heredoc["end"]:
                    break
                inside.append(inner)
            yield heredoc["name"], "\n".join(inside)
        elif "=" in line:
            name, _, value = line.partition("=")
            yield name, value
