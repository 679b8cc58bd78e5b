"""The process in which the Python blocks of one page run, one after the other, in one namespace.

It is a fork of the harness where there is `os.fork`, so that what the harness has imported costs nothing; elsewhere a
fresh process. It can be killed, and whatever a block changes – modules, signals, the working directory – ends with it.
"""

from __future__ import annotations
import __future__

import ast
import doctest
import importlib
import io
import linecache
import logging
import multiprocessing
import os
import signal
import sys
import tempfile
import time
import traceback
import types
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, redirect_stdout, suppress
from dataclasses import dataclass, replace
from itertools import groupby
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from ..model import Location
from ..snippets import Line
from .jobs import ENDS
from .processes import kill_group

_FUTURE = sum(getattr(__future__, name).compiler_flag for name in __future__.all_feature_names)
_FLAGS = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE


@dataclass(frozen=True, slots=True)
class Job:
    """One block to run."""

    lines: tuple[Line, ...]
    doctest: bool
    folder: Path
    variables: Mapping[str, str]
    output: Path  # the file that takes what it prints


@dataclass(frozen=True, slots=True)
class Done:
    """How a block ended."""

    raised: tuple[str, ...] = ()  # the exception's name and those of its bases; empty: none
    message: str = ""  # its name and what it says
    trace: str = ""  # the traceback, without the harness
    place: Location | None = None  # the innermost line of this block that was running
    exit: int | None = None  # the argument of sys.exit
    wanted: str = ""  # of the first example of a doctest that differs
    got: str = ""
    rest: Location | None = None  # the first statement that was not reached
    folder: Path | None = None  # where the next block begins; None: where this one began


def start() -> tuple[Connection, int]:
    """Start a worker; the connection to it and its process id."""
    ours, theirs = multiprocessing.Pipe()
    if hasattr(os, "fork"):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # about threads of libraries, from Python 3.12 on
            pid = os.fork()
        if pid == 0:
            _child(ours, theirs)
    else:
        process = multiprocessing.get_context("spawn").Process(target=_serve, args=(theirs,))
        process.start()
        pid = process.pid or 0
    theirs.close()
    return ours, pid


def end(pid: int) -> int:
    """End a worker and its group; its exit code, negative for a signal that had ended it before."""
    if not hasattr(os, "fork"):
        kill_group(pid)
        return 0
    for _ in range(100):  # one that has closed its connection is about to end
        found, status = os.waitpid(pid, os.WNOHANG)
        if found:
            kill_group(pid)
            return os.waitstatus_to_exitcode(status)
        time.sleep(0.001)
    kill_group(pid)
    os.waitpid(pid, 0)
    return -signal.SIGKILL


def _child(ours: Connection, theirs: Connection) -> None:
    try:
        os.setsid()
        ours.close()
        _serve(theirs)
    finally:
        os._exit(0)


def _serve(connection: Connection) -> None:
    namespace = _fresh()
    while True:
        try:
            job: Job = connection.recv()
        except (EOFError, OSError):
            return
        connection.send(_do(job, namespace))


def _fresh() -> dict[str, Any]:
    """Make this process like an interpreter that has just been started, and return its main module's namespace."""
    for number in ENDS:
        signal.signal(number, signal.default_int_handler if number == signal.SIGINT else signal.SIG_DFL)
    _reset_warnings()
    logging.root.handlers.clear()
    logging.root.setLevel(logging.WARNING)
    tempfile.tempdir = None
    added = {Path(path).absolute() for path in os.environ.get("PYTHONPATH", "").split(os.pathsep) if path}
    sys.path[:] = ["", *(path for path in sys.path if path and Path(path) not in added)]
    sys.argv = [""]
    sys.stdin = open(os.devnull, encoding="utf-8")  # noqa: SIM115, PTH123 - for as long as the process lives
    os.dup2(sys.stdin.fileno(), 0)
    main = types.ModuleType("__main__")
    sys.modules["__main__"] = main
    return main.__dict__


def _reset_warnings() -> None:
    """The filters that Python starts with, in place of those of a test run."""
    warnings.resetwarnings()
    for category in (DeprecationWarning, PendingDeprecationWarning, ImportWarning, ResourceWarning):
        warnings.simplefilter("ignore", category)
    warnings.filterwarnings("default", category=DeprecationWarning, module="__main__")


def _do(job: Job, namespace: dict[str, Any]) -> Done:
    os.environ.clear()
    os.environ.update(job.variables)
    os.chdir(job.folder)
    importlib.invalidate_caches()  # a file that was written a moment ago may be imported
    with _output(job.output):
        done = _examples(job, namespace) if job.doctest else _whole(job, namespace)
    return replace(done, folder=_here())


@contextmanager
def _output(path: Path) -> Iterator[None]:
    """Both streams of this process and of those that it starts go into a file."""
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_APPEND, 0o600)
    os.dup2(handle, 1)
    os.dup2(handle, 2)
    os.close(handle)
    sys.stdout = _stream(1)
    sys.stderr = _stream(2)
    sys.__stdout__, sys.__stderr__ = sys.stdout, sys.stderr  # type: ignore[misc]
    try:
        yield
    finally:
        for stream in (sys.stdout, sys.stderr):
            with suppress(ValueError, OSError):  # closed by the block
                stream.flush()


def _stream(number: int) -> io.TextIOWrapper:
    binary = os.fdopen(os.dup(number), "wb", buffering=0)
    return io.TextIOWrapper(binary, encoding="utf-8", errors="replace", write_through=True)


def _whole(job: Job, namespace: dict[str, Any]) -> Done:
    def run() -> None:
        for code in _compiled(job.lines):
            exec(code, namespace)

    return _guarded(job, run, _rest)


def _guarded(job: Job, run: Callable[[], None], rest: Callable[[BaseException, Job], Location | None]) -> Done:
    try:
        run()
    except SystemExit as error:
        if error.code is None or isinstance(error.code, int):
            return Done(exit=(error.code or 0) & 255, rest=rest(error, job))
        with suppress(ValueError, OSError):  # the stream may be closed
            print(error.code, file=sys.stderr)  # as Python does
        return Done(exit=1, rest=rest(error, job))
    except BaseException as error:
        return replace(_raised(error, job), rest=rest(error, job))
    return Done()


def _rest(error: BaseException, job: Job) -> Location | None:
    """The statement behind the one that an exception has come from."""
    places = [place for _, place in job.lines]
    frames = traceback.extract_tb(error.__traceback__)
    running = (Location(frame.filename, frame.lineno or 1) for frame in frames)
    outermost = next((place for place in running if place in places), None)
    if outermost is None:  # nothing has run: the block cannot be read
        return None
    number = len(places) - places[::-1].index(outermost)
    return next((places[node.lineno - 1] for node in _parsed(job.lines, "exec").body if node.lineno > number), None)


def _here() -> Path | None:
    try:
        return Path.cwd()
    except FileNotFoundError:  # the block has deleted it
        return None


def _compiled(lines: Sequence[Line]) -> Iterator[types.CodeType]:
    """Code in which each line stands where the author wrote it: on the page, or in the file of a snippet."""
    places = [place for _, place in lines]
    tree = _parsed(lines, "exec")
    flags = 0
    for path, statements in groupby(tree.body, key=lambda node: places[node.lineno - 1].path):
        part = _moved(ast.Module(list(statements), []), places)
        code = compile(part, path, "exec", flags, dont_inherit=True)
        flags |= code.co_flags & _FUTURE
        yield code


def _parsed(lines: Sequence[Line], mode: str) -> Any:
    path = lines[0][1].path if lines else "<empty>"
    _remember(lines)
    try:
        return compile("".join(f"{line}\n" for line, _ in lines), path, mode, ast.PyCF_ONLY_AST, dont_inherit=True)
    except SyntaxError as error:
        place = lines[min(error.lineno or 1, len(lines)) - 1][1]
        error.filename, error.lineno, error.end_lineno = place.path, place.line, place.line
        raise


def _moved(tree: Any, places: Sequence[Location]) -> Any:
    for node in ast.walk(tree):
        for name in ("lineno", "end_lineno"):
            if number := getattr(node, name, None):
                setattr(node, name, places[number - 1].line)
    return tree


def _remember(lines: Sequence[Line]) -> None:
    """Let tracebacks and `inspect` find the source, without what nests it on the page."""
    for path in {place.path for _, place in lines}:
        known = linecache.cache.get(path)
        source = list(known[2]) if known and len(known) == 4 else []
        for line, place in lines:
            if place.path == path:
                source += ["\n"] * (place.line - len(source))
                source[place.line - 1] = f"{line}\n"
        linecache.cache[path] = (1, None, source, path)


def _raised(error: BaseException, job: Job) -> Done:
    names = tuple(kind.__name__ for kind in type(error).__mro__ if kind is not object)
    shown = traceback.TracebackException.from_exception(error)
    _without_harness(shown)
    said = next(text for text in shown.format_exception_only() if not text.startswith(" "))  # a SyntaxError's place is
    return Done(names, said.rstrip("\n"), "".join(shown.format()), _place(error, job))


def _without_harness(shown: traceback.TracebackException | None) -> None:
    while shown is not None:
        shown.stack[:] = [frame for frame in shown.stack if frame.filename != __file__]
        shown = shown.__cause__ or shown.__context__


def _place(error: BaseException, job: Job) -> Location | None:
    """The innermost line of this block that was running; for a block that cannot be read, the line that is wrong."""
    own = {place for _, place in job.lines}
    if isinstance(error, SyntaxError) and error.lineno and error.filename in {place.path for place in own}:
        return Location(str(error.filename), error.lineno)
    frames = traceback.extract_tb(error.__traceback__)
    running = (Location(frame.filename, frame.lineno or 1) for frame in reversed(frames))
    return next((place for place in running if place in own), None)


def _examples(job: Job, namespace: dict[str, Any]) -> Done:
    """Run `>>>` lines one by one and compare what each prints."""
    text = "".join(f"{line}\n" for line, _ in job.lines)
    try:
        examples = doctest.DocTestParser().get_examples(text)
    except ValueError as error:
        return Done(("ValueError",), str(error), "", job.lines[0][1])
    for number, example in enumerate(examples, 1):
        done = _example(job, example, namespace)
        if done.exit is not None and number < len(examples):
            return replace(done, rest=job.lines[examples[number].lineno][1])
        if done.raised or done.exit is not None or done.wanted or done.got:
            return done
    return Done()


def _example(job: Job, example: doctest.Example, namespace: dict[str, Any]) -> Done:
    places = [place for _, place in job.lines[example.lineno :]]
    lines = list(zip(example.source.splitlines(), places, strict=False))
    printed = io.StringIO()

    def run() -> None:
        exec(compile(_moved(_parsed(lines, "single"), places), places[0].path, "single"), namespace)

    with redirect_stdout(printed):
        done = _guarded(job, run, lambda error, job: None)
    print(printed.getvalue(), end="")
    checker = doctest.OutputChecker()
    if done.raised and example.exc_msg and checker.check_output(example.exc_msg, done.message + "\n", _FLAGS):
        return Done()
    if done.raised or done.exit is not None:
        return done
    if not example.exc_msg and checker.check_output(example.want, printed.getvalue(), _FLAGS):
        return done
    return Done(wanted=example.want or "nothing\n", got=printed.getvalue() or "nothing\n", place=places[0])


def preload(modules: Sequence[str]) -> None:
    """Import what takes long to import, so that every worker has it already."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for module in modules:
            with suppress(Exception):  # it is for the block that imports it to say so
                importlib.import_module(module)
