"""Runs the blocks of one page, in their order, in a folder of their own."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from multiprocessing.connection import Connection
from pathlib import Path
from types import TracebackType

from ..model import Course, Location, Page
from . import formats, worker
from .blocks import Block, blocks, loose_marks
from .compare import difference, first_difference
from .engine import NOT_RUN, Engine, engine, must_run
from .languages import Kind
from .outcome import Outcome
from .place import PagePlace
from .processes import Watch, adopt_orphans, command_line
from .shell import REPORTING, Answer, Ended, Place, State, converse, excess, run, shown
from .unrun import HIDDEN, NO_EXAMPLE, NOTHING, ONLY_DOTS, is_code, only_dots, unrun
from .workflow_steps import run_steps

LOOSE = "It stands directly above no block, so it does nothing. Move it to the line above the fence."
GONE = "It has not run: the folder in which it would begin is gone. A block above has deleted it."
UNFINISHED = "This command ends in a backslash. Begin the line on which it goes on with `> `, as a terminal does."
_DOCTEST = re.compile(r"\s*>>> ")
_PYTHONS = ("python", "pycon")


class PageRun:
    """The blocks of one page and what became of those that have run; a context manager.

    Args:
        course: The course.
        page: One of its pages.
        within: The folder for the temporary folder (default: the system's).
    """

    def __init__(self, course: Course, page: Page, within: Path | None = None) -> None:
        self.course, self.page, self.within = course, page, within
        self.blocks = blocks(page, course.root)
        self.outcomes: list[Outcome] = []
        self._engine = engine() if any(block.marks.skip == "engine" for block in self.blocks) else None
        self._place: PagePlace | None = None
        self._session: Session | None = None

    def __enter__(self) -> PageRun:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """End what still runs and delete the folder."""
        try:
            if self._session:
                self._session.close()
        finally:
            if self._place:
                self._place.remove()

    def outcome(self, index: int) -> Outcome:
        """What became of a block; it runs now, after those before it, if it has not run yet."""
        while len(self.outcomes) <= index:
            self.outcomes.append(self._next(self.blocks[len(self.outcomes)]))
        return self.outcomes[index]

    def all(self) -> Iterator[Outcome]:
        """What becomes of every block, and what is wrong beside them."""
        yield from self.loose()
        for index in range(len(self.blocks)):
            yield self.outcome(index)

    def loose(self) -> Iterator[Outcome]:
        """What is wrong with the comments that belong to no block."""
        for mark in loose_marks(self.page):
            place = self.page.at(mark.span.start)
            yield Outcome(place.path, place.line, "comment", "failed", LOOSE)

    def _next(self, block: Block) -> Outcome:
        if block.problems:
            first = block.problems[0]
            return _outcome(block, "failed", first.message, place=first.location)
        if block.marks.skip == "engine" and self._engine is None:
            return _outcome(block, "failed" if must_run() else "skipped", f"engine: {NOT_RUN}")
        if block.marks.skip and block.marks.skip != "engine":
            return _outcome(block, "skipped", block.marks.skip)
        if block.kind is Kind.COMPARED:
            return self._compared(block)
        if block.marks.file or block.kind is Kind.RUN:
            return self.session.run(block)
        return parsed(block)

    def _compared(self, block: Block) -> Outcome:
        index = len(self.outcomes)
        above = self.blocks[index - 1] if index else None
        if above is None or above.kind is not Kind.RUN or above.language in ("console", "pycon"):
            return _outcome(block, "failed", "No block stands directly above whose output this could be.")
        if only_dots([line for line, _ in block.lines]):
            return _outcome(block, "failed", ONLY_DOTS)
        if self.outcomes[-1].state != "passed":
            return _outcome(block, "failed", f"It is not compared: the block above has not run ({above.place}).")
        return _against(block, range(1, len(block.lines) + 1), self.session.output, "compared") or _outcome(
            block, "compared"
        )

    @property
    def session(self) -> Session:
        """What runs the blocks; it and its folder are made for the first block that needs them."""
        if self._session is None:
            self._place = PagePlace(self.course, self.page, self.within)
            self._session = Session(self._place, self._engine)
        return self._session


def parsed(block: Block) -> Outcome:
    """What becomes of a block that is only read."""
    try:
        formats.read(block.language, block.text)
    except formats.FormatError as error:
        return _outcome(block, "failed", str(error), place=block.at(error.line))
    known = block.language in formats.FORMATS
    return _outcome(block, "parsed" if known else "shown")


def _outcome(block: Block, state: str, message: str = "", output: str = "", place: Location | None = None) -> Outcome:
    where = place or block.place
    return Outcome(where.path, where.line, block.language or "block", state, message, output)


def _against(block: Block, numbers: Sequence[int], real: str, state: str) -> Outcome | None:
    """The failure of a block whose expected lines (by their numbers in it) are not what was printed."""
    expected = [block.lines[number - 1][0] for number in numbers]
    index = first_difference(expected, real.splitlines())
    if index is None:
        return None
    number = numbers[index] if index < len(numbers) else (numbers[-1] if numbers else 0)
    message = "It prints something else than the page says."
    return _outcome(block, "failed", message, difference(expected, real.splitlines()), block.at(number))


class Session:
    """The shell and the Python of one page, and what they hand on from block to block."""

    def __init__(self, place: PagePlace, containers: Engine | None = None) -> None:
        adopt_orphans()
        self.place = place
        self.shell = Place(place.scratch, Watch())
        variables = place.variables()
        if containers:
            variables["PATH"] = containers.search_path(variables["PATH"])
        self.state = State(place.start, variables)
        self.output = ""  # what the last block printed
        self._python: tuple[Connection, int] | None = None
        self._ended: Location | None = None  # the block that ended the page's Python

    def close(self) -> None:
        """End whatever still runs."""
        self._end_python()
        self.shell.watch.clear()

    def run(self, block: Block) -> Outcome:
        """Run a block, or write its file."""
        if not self.state.folder.is_dir():
            self.state = replace(self.state, folder=self.place.start)
        if not self.state.folder.is_dir():
            return _outcome(block, "failed", GONE)
        if block.marks.file:
            return self._write(block)
        if not any(is_code(line) for line, _ in block.lines):
            return _outcome(block, "failed", NOTHING)
        ways: dict[str, Callable[[Block], Outcome]] = {
            "python": self._run_python,
            "pycon": self._run_python,
            "console": self._run_console,
            "workflow": self._run_steps,
        }
        return ways.get(block.language, self._run_shell)(block)

    def _write(self, block: Block) -> Outcome:
        target = self.state.folder / block.marks.file
        executable = target.exists() and os.access(target, os.X_OK)
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(block.text, encoding="utf-8", newline="\n")
        except OSError as error:
            return _outcome(block, "failed", f"`{block.marks.file}` cannot be written: {error.strerror}.")
        if executable:  # somebody who edits a script does not take its permission away
            target.chmod(target.stat().st_mode | 0o111)
        return parsed(block)

    # Shell

    def _run_shell(self, block: Block) -> Outcome:
        ended = run(block.language, block.text, self.state, self.shell, block.marks.timeout)
        self._take(ended)
        place = block.at(ended.line) if ended.line else None
        failure = self._stopped(block, ended) or self._ending(block, ended.code, place)
        if failure is None and (found := unrun(block.language, block.text, ended)):
            failure = _outcome(block, "failed", found.message, _tail(self.output), block.at(found.line))
        return failure or _outcome(block, "passed")

    def _run_console(self, block: Block) -> Outcome:
        commands = list(_commands(block))
        if not commands:
            return _outcome(block, "failed", "No line of this block begins with `$ `, so there is nothing to run.")
        if unfinished := next((line for text, line, _ in commands if text.endswith("\\")), 0):
            return _outcome(block, "failed", UNFINISHED, place=block.at(unfinished))
        texts = [text for text, _, _ in commands]
        ended, answers = converse(texts, self.state, self.shell, block.marks.timeout)
        self._take(replace(ended, output="".join(answer.output for answer in answers)))
        return self._stopped(block, ended) or self._answers(block, commands, answers) or _outcome(block, "passed")

    def _answers(
        self, block: Block, commands: Sequence[tuple[str, int, Sequence[int]]], answers: Sequence[Answer]
    ) -> Outcome | None:
        for (_, line, numbers), answer in zip(commands, answers, strict=False):
            if failure := _against(block, numbers or range(line, line), answer.output, "passed"):
                return failure if numbers else replace(failure, line=block.at(line).line, path=block.at(line).path)
            shows_nothing = only_dots([block.lines[number - 1][0] for number in numbers])
            if answer.code and shows_nothing and block.marks.exit is None:
                message = HIDDEN.format(code=answer.code)
                return _outcome(block, "failed", message, _tail(answer.output), block.at(line))
        if len(answers) < len(commands):
            place = block.at(commands[len(answers)][1])
            return _outcome(
                block, "failed", "It does not come to this command: the shell has ended before.", place=place
            )
        return self._ending(block, answers[-1].code) if block.marks.exit is not None else self._expected(block)

    def _take(self, ended: Ended) -> None:
        self.state, self.output = ended.state, ended.output

    def _stopped(self, block: Block, ended: Ended) -> Outcome | None:
        if ended.stopped:
            return _outcome(block, "failed", ended.stopped, _tail(ended.output))
        return _leak(block, ended.leaked)

    def _ending(self, block: Block, code: int, place: Location | None = None) -> Outcome | None:
        """The failure of a block that ends with another exit code than it should."""
        meant = block.marks.exit or 0
        if code != meant:
            message = f"It ends with exit code {code}, not {meant}."
            return _outcome(block, "failed", message, _tail(self.output), place)
        return self._expected(block)

    def _expected(self, block: Block) -> Outcome | None:
        wanted = block.marks.expect
        if " ".join(wanted.split()) in " ".join(self.output.split()):
            return None
        return _outcome(block, "failed", f"It does not print “{wanted}”.", _tail(self.output))

    # Workflows

    def _run_steps(self, block: Block) -> Outcome:
        """Check the workflow, then run its `run:` steps in the page's folder."""
        read = parsed(block)
        if read.state == "failed":
            return read
        steps = run_steps(block.text, self.state.folder, self.state.variables, block.marks.timeout)
        self.output = "".join(step.output for step in steps)
        leaked = self.shell.watch.clear()
        for step in steps:
            if step.state == "failed":
                message = f"Its step “{step.name}” fails: {step.message}"
                return _outcome(block, "failed", message, _tail(step.output), block.at(step.line))
        if not any(step.state == "passed" for step in steps):
            reasons = "; ".join(dict.fromkeys(f"{step.name}: {step.message}" for step in steps))
            return _outcome(
                block, "failed", f"None of its steps can be run here ({reasons}). Leave out the mark `steps`."
            )
        return _leak(block, leaked) or _outcome(block, "passed")

    # Python

    def _run_python(self, block: Block) -> Outcome:
        if self._ended:
            return _outcome(
                block, "failed", f"It has not run: the page's Python has ended with the block at {self._ended}."
            )
        if _is_doctest(block) and not any(_DOCTEST.match(line) for line, _ in block.lines):
            return _outcome(block, "failed", NO_EXAMPLE)
        if self._python is None:
            self._python = worker.start()
            self.shell.watch.spared = {self._python[1]}
        output = self.place.scratch / "output"
        done = self._ask(block, output)
        leaked = self.shell.watch.clear()
        self.output = shown(output)
        if isinstance(done, str):
            self._ended = block.place
            return _outcome(block, "failed", done, _tail(self.output))
        self.state = replace(self.state, folder=done.folder or self.state.folder)
        return (
            _leak(block, leaked) or self._judged(block, done) or _not_reached(block, done) or _outcome(block, "passed")
        )

    def _ask(self, block: Block, output: Path) -> worker.Done | str:
        """Have the worker run a block; why there is no answer, where there is none."""
        assert self._python
        connection, _ = self._python
        doctest = _is_doctest(block)
        deadline = time.monotonic() + block.marks.timeout
        output.write_bytes(b"")
        try:
            connection.send(worker.Job(block.lines, doctest, self.state.folder, self.state.variables, output))
            while not connection.poll(0.1):
                if reason := excess(output, deadline, block.marks.timeout):
                    self._end_python()
                    return reason
            answer = connection.recv()
        except (EOFError, OSError):
            code = self._end_python()
            return f"It ends the whole of Python ({f'signal {-code}' if code < 0 else f'exit code {code}'})."
        assert isinstance(answer, worker.Done)
        return answer

    def _end_python(self) -> int:
        """End the worker; its exit code, negative for a signal."""
        if self._python is None:
            return 0
        connection, pid = self._python
        self._python = None
        connection.close()
        code = worker.end(pid)
        self.shell.watch.spared = set()
        return code

    def _judged(self, block: Block, done: worker.Done) -> Outcome | None:
        if done.wanted or done.got:
            expected, real = done.wanted.splitlines(), done.got.splitlines()
            message = "It prints something else than the page says."
            return _outcome(block, "failed", message, difference(expected, real), done.place)
        if block.marks.raises:
            if failure := _wrongly_raised(block, done):
                return failure
            self.output += done.trace  # which Python prints
            return self._expected(block)
        if done.raised:
            message = f"It raises {_first_line(done.message)}"
            return _outcome(block, "failed", message, f"{_tail(self.output)}{done.trace}", done.place)
        return self._ending(block, done.exit or 0, done.place)


def _is_doctest(block: Block) -> bool:
    return block.language == "pycon" or bool(_DOCTEST.match(block.text))


def _not_reached(block: Block, done: worker.Done) -> Outcome | None:
    if done.rest is None:
        return None
    message = "This line has not run: Python has left the block before. What shall run stands above its end."
    return _outcome(block, "failed", message, place=done.rest)


def _wrongly_raised(block: Block, done: worker.Done) -> Outcome | None:
    wanted = block.marks.raises.rpartition(".")[2]
    if wanted in done.raised or (wanted == "SystemExit" and done.exit is not None):
        return None
    really = f"raises {_first_line(done.message)}" if done.raised else "raises nothing."
    return _outcome(block, "failed", f"It should raise {wanted}, and {really}", done.trace, done.place)


def _first_line(message: str) -> str:
    """What an exception says, in one line: the first one, and the next where that only announces it."""
    lines = [line.strip() for line in message.splitlines() if line.strip()]
    return " ".join(lines[: 2 if lines[0].endswith(":") else 1])


def _leak(block: Block, leaked: Sequence[str]) -> Outcome | None:
    if not leaked:
        return None
    how = "leave its `with`, or `terminate()` and `wait()`" if block.language in _PYTHONS else "`kill $!`, then `wait`"
    if any(line.startswith("buildah ") for line in leaked):
        how = "`docker stop NAME`"
    message = f"It leaves a process running, which was ended. End it in the same block: {how}."
    ours = command_line(os.getpid())
    lines = ("a part of this very block" if line == ours or REPORTING in line else line for line in leaked)
    return _outcome(block, "failed", message, "\n".join(dict.fromkeys(lines)))


def _tail(output: str, lines: int = 40) -> str:
    kept = output.splitlines()[-lines:]
    return "".join(f"{line}\n" for line in kept)


def _commands(block: Block) -> Iterator[tuple[str, int, list[int]]]:
    """Each command of a console block, the number of its line, and those of the lines that it should print."""
    command, line, expected = "", 0, list[int]()
    for number, (text, _) in enumerate(block.lines, 1):
        if text.startswith("$ ") or text == "$":
            if line:
                yield command, line, expected
            command, line, expected = text[2:], number, []
        elif text.startswith("> ") and line and not expected:
            command += "\n" + text[2:]
        elif line:
            expected.append(number)
    if line:
        yield command, line, expected


def run_page(course: Course, page: Page, within: Path | None = None) -> Iterator[Outcome]:
    """Run every block of a page."""
    with PageRun(course, page, within) as page_run:
        yield from page_run.all()
