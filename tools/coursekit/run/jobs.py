"""Several things to run at once, each in a process of its own, whose outcomes come in as they happen."""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
import time
import traceback
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from multiprocessing.connection import Connection, wait
from types import FrameType
from typing import Any, NoReturn

from .outcome import Outcome

PATIENCE = 5  # seconds for a process that has been told to end
ENDS = tuple(getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name))


@dataclass(frozen=True)
class Job:
    """A page or the exercises of a module.

    Args:
        name: As people see it.
        path: The file that failures without a place of their own are reported at.
        steps: How many outcomes are expected, 0 if that is not known.
        outcomes: Does it.
    """

    name: str
    path: str
    steps: int
    outcomes: Callable[[], Iterable[Outcome]]


@dataclass
class Progress:
    """How far a job is."""

    job: Job
    outcomes: list[Outcome] = field(default_factory=list)
    began: float = field(default_factory=time.monotonic)
    seconds: float = 0.0
    done: bool = False


def run(jobs: Sequence[Job], at_once: int) -> Iterator[Progress]:
    """Run jobs, each in a fork of this process; yields the progress of one whenever it changes.

    Whatever ends the loop, an interruption too, ends the jobs, and they clear away what they made.
    """
    if not hasattr(os, "fork"):
        yield from _in_turn(jobs)
        return
    waiting = list(jobs)
    running: dict[Connection, tuple[Any, Progress]] = {}
    try:
        while waiting or running:
            while waiting and len(running) < at_once:
                connection, process = _start(waiting[0])
                running[connection] = process, Progress(waiting.pop(0))
            for connection in [ready for ready in wait(list(running)) if isinstance(ready, Connection)]:
                process, progress = running[connection]
                if not _take(connection, progress):
                    process.join()
                    del running[connection]
                yield progress
    finally:
        _stop([process for process, _ in running.values()])


def _in_turn(jobs: Sequence[Job]) -> Iterator[Progress]:
    for job in jobs:
        progress = Progress(job)
        for outcome in job.outcomes():
            progress.outcomes.append(outcome)
            yield progress
        progress.done, progress.seconds = True, time.monotonic() - progress.began
        yield progress


def _start(job: Job) -> tuple[Connection, Any]:
    ours, theirs = multiprocessing.Pipe(duplex=False)
    process = multiprocessing.get_context("fork").Process(target=_child, args=(job, ours, theirs))
    process.start()
    theirs.close()
    return ours, process


def _child(job: Job, ours: Connection, theirs: Connection) -> None:
    ours.close()
    for number in heeded():
        signal.signal(number, _give_up)
    try:
        for outcome in job.outcomes():
            theirs.send(outcome)
        theirs.send(None)
    except Exception:  # ours: a block's own errors are outcomes
        message = "coursekit itself failed here. Please report this."
        theirs.send(Outcome(job.path, 1, "error", "failed", message, traceback.format_exc()))
        theirs.send(None)


def heeded() -> list[signal.Signals]:
    """The signals that end a run, but for those that are ignored, as `nohup` has it."""
    return [number for number in ENDS if signal.getsignal(number) is not signal.SIG_IGN]


def _give_up(number: int, frame: FrameType | None) -> NoReturn:
    for one in ENDS:  # what follows is clearing away
        signal.signal(one, signal.SIG_IGN)
    sys.exit(128 + number)


def _take(connection: Connection, progress: Progress) -> bool:
    """Whether the job goes on after what it has sent."""
    try:
        outcome = connection.recv()
    except EOFError:
        job = progress.job
        outcome = None
        progress.outcomes.append(Outcome(job.path, 1, "error", "failed", "Its process ended before its time."))
    if outcome is not None:
        progress.outcomes.append(outcome)
        return True
    progress.done, progress.seconds = True, time.monotonic() - progress.began
    connection.close()
    return False


def _stop(processes: Sequence[Any]) -> None:
    for process in processes:
        process.terminate()
    for process in processes:
        process.join(PATIENCE)
        if process.is_alive():
            process.kill()
            process.join()
