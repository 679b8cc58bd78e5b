"""Runs a module's tests on a project with pytest, and writes what happened as lines of JSON.

This file is a program of its own, in a process of its own: `python trial.py` reads one job as JSON and does it;
`python trial.py --serve torch numpy` imports what takes long to import, then forks for every job that it reads.
It imports nothing of coursekit, so it runs in any environment that has pytest.
"""

from __future__ import annotations

import contextlib
import importlib
import json
import os
import selectors
import signal
import sys
import tempfile
import time
import traceback
from collections.abc import Generator, Iterator
from pathlib import Path
from types import FrameType
from typing import Any, TextIO

import pytest

OPTIONS = ["-q", "--tb=no", "--continue-on-collection-errors", "--import-mode=importlib", "-pno:cacheprovider"]
Job = dict[str, Any]  # as `runner.Runner` makes it


class TooSlow(BaseException):
    """A test has used up its time; no `except Exception` of a student is to catch it."""


class Recorder:
    """A pytest plugin that writes an event as soon as something is known, so that a killed run has told something."""

    def __init__(self, job: Job, stream: TextIO) -> None:
        self.project = Path(job["project"]).resolve()
        self.only: list[str] | None = job["only"]
        self.seconds: float = job["seconds"]
        self.stream = stream

    def tell(self, event: str, **facts: object) -> None:
        self.stream.write(json.dumps({"event": event, **facts}) + "\n")
        self.stream.flush()

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        names = [function_name(item) for item in items]
        self.tell("collected", tests=[{"name": n, **place(i)} for n, i in zip(names, items, strict=True)])
        if self.only is not None:
            items[:] = [item for item, name in zip(items, names, strict=True) if name in self.only]

    def pytest_runtest_logstart(self, nodeid: str) -> None:
        self.tell("started", id=nodeid)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_call(self) -> Generator[None, object, object]:
        with self._limit():
            return (yield)

    @pytest.hookimpl(wrapper=True)
    def pytest_make_collect_report(
        self, collector: pytest.Collector
    ) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
        try:
            with self._limit(2):  # what is imported may be large, and may hold a loop that does not end
                return (yield)
        except SystemExit as error:  # it would end pytest without a word
            self.tell("unreadable", id=collector.nodeid, **self.failure(error))
            return pytest.CollectReport(collector.nodeid, "failed", "it ends Python", [])

    @contextlib.contextmanager
    def _limit(self, times: float = 1) -> Iterator[None]:
        """Stop a test that takes too long, where the system can (not on Windows)."""
        if not hasattr(signal, "setitimer"):
            yield
            return
        seconds = times * self.seconds

        def too_slow(signum: int, frame: FrameType | None) -> None:
            raise TooSlow(f"this took longer than {seconds:g} s")

        signal.signal(signal.SIGALRM, too_slow)
        signal.setitimer(signal.ITIMER_REAL, seconds)
        try:
            yield
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        report = yield
        failed = call.excinfo.value if call.excinfo and report.failed else None
        if report.when == "call" or not report.passed:
            facts = {"id": item.nodeid, "name": function_name(item), "outcome": report.outcome, **place(item)}
            self.tell("result", **facts, **self.failure(failed), **reason(report))
        return report

    def pytest_exception_interact(self, call: pytest.CallInfo[Any], report: pytest.CollectReport) -> None:
        if isinstance(report, pytest.CollectReport) and call.excinfo:
            error = call.excinfo.value
            cause = error.__cause__ if isinstance(error, pytest.Collector.CollectError) else None
            self.tell("unreadable", id=report.nodeid, **self.failure(cause or error))

    def failure(self, error: BaseException | None) -> dict[str, object]:
        """What kind of error it is, what it says, and the last line of the project that took part in it."""
        if error is None:
            return {}
        says = str(error.msg) if isinstance(error, SyntaxError) else str(error)
        where = self._where(error)
        facts = {"kind": kind(error), "message": says, "names": missing_name(error)}
        return {**facts, "place": where and [where[0].relative_to(self.project).as_posix(), where[1]]}

    def _where(self, error: BaseException) -> tuple[Path, int] | None:
        lines = [(frame.f_code.co_filename, line) for frame, line in traceback.walk_tb(error.__traceback__)]
        if isinstance(error, SyntaxError) and error.filename:
            lines.append((error.filename, error.lineno or 1))
        for name, line in reversed(lines):
            path = (self.project / name).resolve()
            if path.is_relative_to(self.project) and "site-packages" not in path.parts and path.is_file():
                return path, line
        return None


def function_name(item: pytest.Item) -> str:
    """The name of the test function, without the values of its parameters."""
    return str(getattr(item, "originalname", None) or item.name)


def place(item: pytest.Item) -> dict[str, object]:
    """The file and line of a test."""
    return {"file": str(item.path), "line": (item.location[1] or 0) + 1}


def kind(error: BaseException) -> str:
    """The name of the class that tells what to do about an error."""
    known = (AssertionError, NotImplementedError, SyntaxError, ImportError, FileNotFoundError)
    if isinstance(error, pytest.fail.Exception):
        return "AssertionError"
    return next((k.__name__ for k in known if isinstance(error, k)), type(error).__name__)


def missing_name(error: BaseException) -> str:
    """The file or Python module that was not found."""
    found = error.filename if isinstance(error, FileNotFoundError) else getattr(error, "name", None)
    return str(found or "") if isinstance(error, (FileNotFoundError, ImportError)) else ""


def reason(report: pytest.TestReport) -> dict[str, object]:
    """Why a test was skipped."""
    if not report.skipped or not isinstance(report.longrepr, tuple):
        return {}
    return {"message": str(report.longrepr[2]).removeprefix("Skipped: ")}


def perform(job: Job) -> None:
    """Run the tests of a job in the folder of its project."""
    project = Path(job["project"])
    os.environ |= job["environment"]
    os.chdir(project)
    sys.dont_write_bytecode = True
    sys.path[:0] = [str(folder) for folder in (project / "src", project) if folder.is_dir()]
    work = Path(job["work"])
    settings = work / "pytest.ini"
    settings.write_text("[pytest]\n", encoding="utf-8")  # hides the project's own settings
    arguments = [f"--config-file={settings}", f"--rootdir={job['root']}", f"--confcutdir={job['root']}"]
    arguments += [*OPTIONS, f"--basetemp={work / 'tmp'}"]
    arguments += ["-x"] if job["first"] else []
    with (work / "events").open("w", encoding="utf-8") as stream:
        recorder = Recorder(job, stream)
        recorder.tell("ended", code=int(pytest.main([*arguments, *job["tests"]], plugins=[recorder])))


def warm_up() -> None:
    """Run a test that says nothing, so that pytest has imported what it imports late."""
    with tempfile.TemporaryDirectory() as folder:
        test = Path(folder) / "test_nothing.py"
        test.write_text("def test_nothing() -> None:\n    assert True, 'nothing'\n", encoding="utf-8")
        pytest.main([*OPTIONS, f"--rootdir={folder}", "-c", os.devnull, str(test)])


class Server:
    """Forks one process for each job, from a process that has imported already what takes long to import."""

    def __init__(self) -> None:
        self.replies = os.fdopen(os.dup(1), "w")
        os.dup2(2, 1)  # what an import prints is no reply
        self.running: dict[int, tuple[Job, float]] = {}
        self.wake, wake = os.pipe()
        for end in (self.wake, wake):
            os.set_blocking(end, False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.set_wakeup_fd(wake, warn_on_full_buffer=False)

    def serve(self) -> None:
        """Take jobs, one a line, until the input ends; the answer to each is a line as well."""
        waiting = selectors.DefaultSelector()
        waiting.register(0, selectors.EVENT_READ)
        waiting.register(self.wake, selectors.EVENT_READ)
        unread = b""
        while True:
            for key, _ in waiting.select(self._patience()):
                data = os.read(key.fd, 1 << 16)
                if key.fd == 0:
                    if not data:
                        return self._stop()
                    *lines, unread = (unread + data).split(b"\n")
                    for line in lines:
                        self._start(json.loads(line))
            self._look()

    def _patience(self) -> float | None:
        ends = [end for _, end in self.running.values()]
        return max(0.0, min(ends) - time.monotonic()) if ends else None

    def _start(self, job: Job) -> None:
        sys.stdout.flush()
        child = os.fork()
        if child == 0:
            signal.set_wakeup_fd(-1)
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            alone(job)
        self.running[child] = (job, time.monotonic() + job["limit"])

    def _look(self) -> None:
        """Answer for the processes that have ended, and end those that have had their time."""
        for child, (job, end) in list(self.running.items()):
            slow = time.monotonic() >= end
            if slow:
                kill_group(child)
            if slow or os.waitpid(child, os.WNOHANG)[0]:
                if slow:
                    os.waitpid(child, 0)
                with contextlib.suppress(ProcessLookupError, PermissionError):
                    os.killpg(child, signal.SIGKILL)  # what the tests have left running
                del self.running[child]
                self.replies.write(json.dumps({"id": job["id"], "slow": slow}) + "\n")
                self.replies.flush()

    def _stop(self) -> None:
        for child in self.running:
            kill_group(child)


def alone(job: Job) -> None:
    """Do a job in this process, which is a fork, and end it."""
    code = 1
    try:
        os.setsid()
        with open(os.devnull, "rb") as nothing, open(Path(job["work"]) / "output", "wb") as output:  # noqa: PTH123
            os.dup2(nothing.fileno(), 0)
            os.dup2(output.fileno(), 1)
            os.dup2(output.fileno(), 2)
        perform(job)
        code = 0
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def kill_group(leader: int) -> None:
    """End a process that leads a group, and those that it has started."""
    try:
        os.killpg(leader, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):  # it does not lead its group yet
        os.kill(leader, signal.SIGKILL)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--serve"]:
        for module in sys.argv[2:]:
            with contextlib.suppress(Exception):
                importlib.import_module(module)
        server = Server()
        warm_up()
        server.serve()
    else:
        perform(json.load(sys.stdin))
