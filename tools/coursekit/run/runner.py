"""Runs tests on projects, each run in a process of its own, forked from one that has imported the heavy packages."""

from __future__ import annotations

import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from .processes import kill_group

TRIAL = Path(__file__).with_name("trial.py")
HEAVY = ("numpy", "pandas", "sklearn", "torch")
LATE = {"torch": "torch._dynamo"}  # what a package imports late: with the first optimizer, 800 modules, a second
WORKERS = 2
_IMPORTED = re.compile(r"^\s*(?:import|from)\s+(\w+)", re.M)


@dataclass(frozen=True, slots=True)
class Result:
    """What came of one test: of one function with one set of values for its parameters."""

    name: str  # of the function; empty for a file of tests that cannot be imported
    file: str
    line: int
    outcome: str  # "passed", "failed", "skipped"
    kind: str = ""  # of the error: "AssertionError", "NotImplementedError", "SyntaxError", "TooSlow", …
    message: str = ""
    names: str = ""  # the file or Python module that was not found
    place: tuple[str, int] | None = None  # the file of the project and its line where it happened


@dataclass(frozen=True, slots=True)
class Report:
    """What came of a run of tests."""

    results: tuple[Result, ...] = ()
    tests: Mapping[str, tuple[str, int]] | None = None  # every function that was found: its file and line
    unreadable: tuple[Result, ...] = ()  # files of tests that cannot be imported
    trouble: str = ""  # a sentence: why there was no run, or no whole one

    @property
    def failures(self) -> list[Result]:
        return [result for result in self.results if result.outcome == "failed"]


class Runner:
    """Runs tests on projects; a context manager. Runs may be asked for in several threads at once.

    Args:
        preload: Packages to import once, for all runs; those that are not installed are left out.
        fork: Whether to fork the runs from one process; by default where the system can.
        environment: Variables to add to those of this process.
        own_home: Whether the runs share an empty home of their own.
        within: The folder for the temporary folder (default: the system's).
    """

    def __init__(
        self,
        preload: Iterable[str] = (),
        *,
        fork: bool = hasattr(os, "fork"),
        environment: Mapping[str, str] | None = None,
        own_home: bool = False,
        within: Path | None = None,
    ) -> None:
        self.preload = with_late(name for name in preload if importlib.util.find_spec(name))
        self.fork = fork
        self.environment = dict(environment or {})
        self.folder = tempfile.TemporaryDirectory(prefix="course-", dir=within, ignore_cleanup_errors=True)
        if own_home:
            home = Path(self.folder.name) / "home"
            home.mkdir()
            self.environment["HOME"] = str(home)
        self._lock = threading.Lock()
        self._waiting: dict[int, threading.Event] = {}
        self._slow: set[int] = set()
        self._count = 0
        self._server: subprocess.Popen[str] | None = None
        self._listener: threading.Thread | None = None

    def __enter__(self) -> Runner:
        return self

    def __exit__(self, *_: object) -> None:
        if self._server is not None and self._listener is not None:
            with suppress(BrokenPipeError):
                _pipe(self._server.stdin).close()
            self._server.wait()
            self._listener.join()
            _pipe(self._server.stdout).close()
        self.folder.cleanup()

    def run(
        self,
        tests: Iterable[Path],
        project: Path,
        *,
        only: Iterable[str] | None = None,
        first: bool = False,
        seconds: float = 60,
        limit: float = 600,
    ) -> Report:
        """Run tests in a project's folder.

        Args:
            tests: Files of tests; the folder of the first one bounds what pytest looks at.
            project: The working directory of the tests.
            only: Names of test functions, if not all are to run.
            first: Whether to stop at the first failure.
            seconds: How long one test may take.
            limit: How long all of them may take.
        """
        files = [path.resolve() for path in tests]
        with self._lock:
            self._count += 1
            number = self._count
        work = Path(self.folder.name) / f"run{number}"
        work.mkdir()
        job = {
            "id": number,
            "tests": [str(path) for path in files],
            "root": str(files[0].parent),
            "project": str(project.resolve()),
            "work": str(work),
            "only": None if only is None else sorted(only),
            "first": first,
            "seconds": seconds,
            "limit": limit,
            "environment": self._variables(),
        }
        slow = self._forked(job) if self.fork else _fresh(job)
        report = _read(work, slow, limit)
        shutil.rmtree(work, ignore_errors=True)
        return report

    def _variables(self) -> dict[str, str]:
        """Nothing is left behind, and no setting or plugin of this machine has a say."""
        storage = str(Path(self.folder.name) / "hypothesis")
        own = {"PYTHONDONTWRITEBYTECODE": "1", "PYTEST_ADDOPTS": "", "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
        return {**own, "HYPOTHESIS_STORAGE_DIRECTORY": storage, **self.environment}

    def _forked(self, job: dict[str, Any]) -> bool:
        """Have the server do a job; whether it took too long."""
        done = threading.Event()
        with self._lock:
            self._server = server = self._server or self._serve()
            self._waiting[job["id"]] = done
            try:
                _pipe(server.stdin).write(json.dumps(job) + "\n")
                _pipe(server.stdin).flush()
            except BrokenPipeError:  # it has died
                done.set()
        done.wait()
        return job["id"] in self._slow

    def _serve(self) -> subprocess.Popen[str]:
        command = [sys.executable, "-P", str(TRIAL), "--serve", *self.preload]
        environment = os.environ | self._variables()
        server = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            env=environment,
        )
        self._listener = threading.Thread(target=self._listen, args=(server,), daemon=True)
        self._listener.start()
        return server

    def _listen(self, server: subprocess.Popen[str]) -> None:
        for line in _pipe(server.stdout):
            reply = json.loads(line)
            if reply["slow"]:
                self._slow.add(reply["id"])
            self._waiting.pop(reply["id"]).set()
        for done in list(self._waiting.values()):  # the server has died; there are no events of these runs
            done.set()


def _pipe(stream: IO[str] | None) -> IO[str]:
    assert stream is not None
    return stream


def _fresh(job: dict[str, Any]) -> bool:
    """Do a job in a process of its own; whether it took too long."""
    with (Path(job["work"]) / "output").open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-P", str(TRIAL)],
            stdin=subprocess.PIPE,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=os.environ | job["environment"],
            start_new_session=True,
        )
        slow = False
        try:
            process.communicate(json.dumps(job).encode(), timeout=job["limit"])
        except subprocess.TimeoutExpired:
            slow = True
        finally:
            _end(process)
    return slow


def _end(process: subprocess.Popen[bytes]) -> None:
    """End a process and, where the system can, all that it has started."""
    kill_group(process.pid)
    process.kill()
    process.wait()


def _read(work: Path, slow: bool, limit: float) -> Report:
    """The report of a run from the events that it has written."""
    path = work / "events"
    events = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()] if path.is_file() else []
    facts = [event for event in events if event["event"] == "result"]
    kinds = {event["event"] for event in events}
    found = [test for event in events if event["event"] == "collected" for test in event["tests"]]
    tests = {test["name"]: (test["file"], test["line"]) for test in reversed(found)}
    unreadable = tuple(_result(e, outcome="failed", name="") for e in events if e["event"] == "unreadable")
    results = tuple(map(_result, facts))
    trouble = ""
    if "ended" not in kinds:
        begun = [event["id"] for event in events if event["event"] == "started"]
        stuck = f" in {begun[-1].rpartition('::')[2]}" if len(begun) > len({fact["id"] for fact in facts}) else ""
        trouble = f"The run ended early{stuck}: {_last_line(work)}."
        if slow:
            trouble = f"The run was stopped{stuck} after {limit:g} s."
    elif "collected" not in kinds:
        trouble = f"pytest found nothing to run: {_last_line(work)}."
    return Report(results, tests, unreadable, trouble)


def _result(event: dict[str, Any], **known: str) -> Result:
    facts = {"name": "", "file": "", "line": 1, "kind": "", "message": "", "names": "", **event, **known}
    found = facts.get("place")
    chosen = {key: facts[key] for key in ("name", "file", "line", "outcome", "kind", "message", "names")}
    return Result(**chosen, place=(found[0], found[1]) if found else None)


def _last_line(work: Path) -> str:
    """The last line that a run printed, or Python's own word: what an abrupt end has to say."""
    path = work / "output"
    lines = path.read_text(encoding="utf-8", errors="replace").split("\n") if path.is_file() else []
    fatal = [line for line in lines if line.startswith("Fatal Python error")]
    return next((line.strip() for line in reversed(fatal or lines) if line.strip()), "it printed nothing")


def with_late(names: Iterable[str]) -> list[str]:
    """Packages, each followed by what it imports late.

    >>> with_late(["numpy", "torch"])
    ['numpy', 'torch', 'torch._dynamo']
    """
    return [one for name in names for one in (name, LATE.get(name)) if one]


def imported(files: Iterable[Path]) -> list[str]:
    """Those of the heavy packages that some of these Python files import."""
    texts = [path.read_text(encoding="utf-8", errors="replace") for path in files if path.suffix == ".py"]
    found = {name for text in texts for name in _IMPORTED.findall(text)}
    return [name for name in HEAVY if name in found]
