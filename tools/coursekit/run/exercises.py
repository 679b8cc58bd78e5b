"""What is held of exercises: the starter fails for its own reason, the solution passes, every TODO is noticed."""

from __future__ import annotations

import re
import shutil
import tempfile
from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TypeVar

from ..fields import nearest
from ..layers import left_behind, part
from ..model import Course, Exercise, Location, Module, Session
from . import overlay
from .outcome import Outcome
from .overlay import Files
from .runner import WORKERS, Report, Result, Runner, imported
from .student import exercise_of, first_thing, test_files
from .todo import first_difference, markers, owner, todos, unanswered

TEST_SECONDS = 120.0  # that one test may take
_OWN_REASONS = ("AssertionError", "NotImplementedError")
_CODE = re.compile(r"(?<!`)`([\w.-]+(?:/[\w.-]+)+\.\w+)`(?!`)")
_T = TypeVar("_T")
_R = TypeVar("_R")


def make_runner(course: Course, modules: Iterable[Module], within: Path | None = None) -> Runner:
    """A runner for these modules' tests, with a home of its own; it imports once what several of them import."""
    folders = [course.root / module.exercise_folder for module in modules]
    heavy = imported(file for folder in folders for file in folder.rglob("*.py"))
    return Runner(heavy, environment={"LC_ALL": "C.UTF-8"}, own_home=True, within=within)


def verify_module(course: Course, module: Module, runner: Runner | None = None) -> list[Outcome]:
    """Hold a module's exercises to their conditions: starter, solution, TODOs, names, `removed.txt`.

    Args:
        course: The course.
        module: A module; of one without a folder of exercises, only the names on its page are looked at.
        runner: What runs the tests; without one, one is made for this call.
    """
    if module.exercise_folder not in course.exercise_files:
        return list(_names(course, module))
    with _given(course, [module], runner) as running:
        ran = _Module(course, module, running).outcomes()
    return [*_removed(course, module), *ran, *_names(course, module)]


def verify_session_end(course: Course, session: Session, runner: Runner | None = None) -> list[Outcome]:
    """Run the tests of all core modules so far on the project as it stands at the end of a session.

    A session that adds nothing to the project has no outcomes. A module lists the tests that it makes obsolete in
    `superseded.txt`, one `module::test_name` a line.

    Args:
        course: The course.
        session: The session.
        runner: What runs the tests; without one, one is made for this call.
    """
    so_far = overlay.core_until(course, session)
    if not any(module.session == session.slug and left_behind(course, module) for module in so_far):
        return []
    tested = [module for module in so_far if test_files(course, module)]
    files = overlay.evening(course, session)
    with _given(course, tested, runner) as running:
        reports = _at_once(tested, lambda module: _run(course, module, files, running)[0])
    superseded = overlay.superseded(course, so_far)
    outcomes = [
        outcome
        for module, report in zip(tested, reports, strict=True)
        for outcome in _still_green(course, session, module, files, report, superseded)
    ]
    known = {module.name: report for module, report in zip(tested, reports, strict=True)}
    return [*outcomes, *_wrongly_superseded(course, session, so_far, known)]


def _given(course: Course, modules: Iterable[Module], runner: Runner | None) -> AbstractContextManager[Runner]:
    return nullcontext(runner) if runner else make_runner(course, modules)


def _at_once(things: Iterable[_T], work: Callable[[_T], _R]) -> list[_R]:
    """Do something with each of several things, some of them at the same time; results in their order."""
    with ThreadPoolExecutor(WORKERS) as pool:
        return list(pool.map(work, things))


def _run(
    course: Course,
    module: Module,
    files: Files,
    runner: Runner,
    changes: Mapping[str, str | None] | None = None,
    only: Iterable[str] | None = None,
    first: bool = False,
) -> tuple[Report, list[str]]:
    """Run a module's tests on a project of these files, some changed (None: not there); also what they leave behind."""
    folder = Path(tempfile.mkdtemp(dir=runner.folder.name)) / "project"
    folder.mkdir()
    try:
        overlay.write(course, files, folder)
        for path, text in (changes or {}).items():
            if text is None:
                (folder / path).unlink()
            else:
                (folder / path).write_bytes(text.encode())
        present = set(folder.rglob("*"))
        tests = [course.root / path for path in test_files(course, module)]
        report = runner.run(tests, folder, only=only, first=first, seconds=TEST_SECONDS)
        return report, sorted(path.relative_to(folder).as_posix() for path in set(folder.rglob("*")) - present)
    finally:
        shutil.rmtree(folder.parent, ignore_errors=True)


@dataclass(frozen=True)
class _Undone:
    """The solution with one thing undone: what to put in its place, and where to complain if no test notices."""

    place: Location
    exercise: Exercise | None  # None: a file that only the solution has; any test may notice
    path: str  # in the project
    text: str | None  # None: no such file


@dataclass(frozen=True)
class _Module:
    """The conditions of one module's exercises."""

    course: Course
    module: Module
    runner: Runner

    @cached_property
    def starter(self) -> dict[str, str]:
        return part(self.course, self.module, "starter")

    @cached_property
    def solution(self) -> dict[str, str]:
        return part(self.course, self.module, "solution")

    @cached_property
    def pairs(self) -> list[tuple[str, str, str]]:
        """The files that both have: path in the project, text of the starter, text of the solution."""
        both = sorted(self.starter.keys() & self.solution.keys())
        return [(path, self._text(self.starter[path]), self._text(self.solution[path])) for path in both]

    @cached_property
    def by_id(self) -> dict[str, Exercise]:
        return {exercise.id: exercise for exercise in self.module.exercises if exercise.id}

    def outcomes(self) -> list[Outcome]:
        files = list(self._files())
        if not test_files(self.course, self.module):
            return [*files, *self._without_tests()]
        after = overlay.after(self.course, self.module)
        projects = (overlay.started(self.course, self.module), after)
        (begun, _), (done, left) = _at_once(projects, lambda files: _run(self.course, self.module, files, self.runner))
        outcomes = [*files, *self._fails(begun), *self._passes(done, left)]
        if not (done.failures or done.unreadable or done.trouble):
            outcomes += _at_once(self._undone(), lambda one: self._noticed(one, after, done))
        return outcomes

    # What the files say without being run

    def _files(self) -> Iterator[Outcome]:
        for path, starter, solution in self.pairs:
            yield from self._pair(path, starter, solution)
        for path in sorted(self.starter.keys() - self.solution.keys()):
            for marker in markers(self._text(self.starter[path])):
                yield self._failed(self._at(path, marker.line), "This TODO is in a file that the solution lacks.")

    def _pair(self, path: str, starter: str, solution: str) -> Iterator[Outcome]:
        found = markers(starter)
        if starter == solution:
            yield self._failed(
                Location(self.solution[path]), "The starter has the same file. What needs no work stands there only."
            )
        elif not found:
            place = self._at(path, first_difference(starter, solution))
            yield self._failed(place, "The solution differs here, and no TODO in the starter says so.")
        for marker in found:
            if marker.exercise not in self.by_id:
                wrong = (
                    f"names `{marker.exercise}`, which is no exercise of the page"
                    if marker.exercise
                    else "names no exercise"
                )
                hint = f"Write it as `TODO (exercise-id)`. {nearest(marker.exercise, self.by_id)}"
                yield self._failed(self._at(path, marker.line), f"This TODO {wrong}. {hint}")
        for marker in unanswered(starter, solution):
            yield self._failed(self._at(path, marker.line), "This TODO still stands in the solution.")

    def _without_tests(self) -> Iterator[Outcome]:
        for path, starter, _ in self.pairs:
            for marker in markers(starter):
                message = "No test can notice whether this is done: the module has none."
                yield self._failed(self._at(path, marker.line), message, self.by_id.get(marker.exercise))

    # The starter

    def _fails(self, report: Report) -> Iterator[Outcome]:
        """Whether the tests of each exercise fail on the starter, and for its own reason."""
        if report.unreadable or report.trouble:
            yield from self._broken(report, self.starter, "the starter can be tested")
            return
        for exercise, results in self._by_exercise(report).items():
            what = self._what(exercise, "the starter fails")
            failed = [result for result in results if result.outcome == "failed"]
            other = next((result for result in failed if result.kind not in _OWN_REASONS), None)
            if other:
                message = f"`{other.name}` fails for another reason than the task: {first_thing(other)}"
                yield self._failed(self._where(other, self.starter), message, what=what)
            elif failed and any(self._is_own(exercise, result) for result in failed):
                yield self._passed(exercise, what)
            elif failed:
                message = f"`{failed[0].name}` fails in another exercise only: {first_thing(failed[0])}"
                yield self._failed(self._where(failed[0], self.starter), message, what=what)
            elif all(result.outcome == "skipped" for result in results):
                yield self._skipped(exercise, what, results[0].message)
            else:
                message = "The starter is solved already: all its tests pass."
                yield self._failed(self._todo_of(exercise) or self._test(results[0]), message, what=what)

    def _is_own(self, exercise: Exercise, result: Result) -> bool:
        """Whether a test fails in an assertion, or in the `NotImplementedError` of the exercise that it tests."""
        if result.kind == "AssertionError":
            return True
        path, line = result.place or ("", 0)
        return path in self.starter and owner(self._text(self.starter[path]), line) == exercise.id

    def _todo_of(self, exercise: Exercise) -> Location | None:
        places = (
            self._at(path, marker.line)
            for path, starter, _ in self.pairs
            for marker in markers(starter)
            if marker.exercise == exercise.id
        )
        return next(places, None)

    # The solution

    def _passes(self, report: Report, left: Sequence[str]) -> Iterator[Outcome]:
        """Whether all tests pass on the solution, and leave nothing behind."""
        if report.unreadable or report.trouble:
            yield from self._broken(report, self.starter | self.solution, "the solution can be tested")
            return
        for exercise, results in self._by_exercise(report).items():
            what = self._what(exercise, "the solution passes")
            failed = next((result for result in results if result.outcome == "failed"), None)
            skipped = next((result for result in results if result.outcome == "skipped"), None)
            if failed:
                yield self._failed(
                    self._where(failed, self.starter | self.solution),
                    f"`{failed.name}` fails: {first_thing(failed)}",
                    what=what,
                )
            elif skipped:
                yield self._skipped(exercise, what, skipped.message)
            else:
                yield self._passed(exercise, what)
        for name, (file, line) in (report.tests or {}).items():
            if exercise_of(self.module, name) is None:
                hint = "Begin its name with `test_` and the exercise's id, `-` written as `_`."
                yield self._failed(Location(self._relative(file), line), f"`{name}` belongs to no exercise. {hint}")
        if left:
            place = Location(test_files(self.course, self.module)[0])
            yield self._failed(place, f"The tests leave {', '.join(left)} in the student's project. Use `tmp_path`.")

    # The solution with one TODO undone

    def _undone(self) -> Iterator[_Undone]:
        before = overlay.before(self.course, self.module)
        for path, starter, solution in self.pairs:
            for todo in todos(starter, solution):
                for name in dict.fromkeys(marker.exercise for marker in todo.markers):
                    if name in self.by_id:
                        place = self._at(path, next(m.line for m in todo.markers if m.exercise == name))
                        yield _Undone(place, self.by_id[name], path, todo.undone)
        for path in sorted(self.solution.keys() - self.starter.keys()):
            if self._text(self.solution[path]).strip():  # an empty __init__.py says nothing
                old = self._text(before[path].path) if path in before else None
                yield _Undone(Location(self.solution[path]), None, path, old)

    def _noticed(self, undone: _Undone, files: Files, solution: Report) -> Outcome:
        """Whether a test of its exercise fails when this is undone."""
        what = self._what(undone.exercise, f"{undone.path}:{undone.place.line} undone is noticed")
        tests = [name for name in solution.tests or () if undone.exercise in (None, exercise_of(self.module, name))]
        changes = {undone.path: undone.text}
        report, _ = _run(self.course, self.module, files, self.runner, changes, tests, first=True)
        if report.failures or report.unreadable or report.trouble:
            return Outcome(undone.place.path, undone.place.line, what, "passed")
        skipped = next((result for result in report.results if result.outcome == "skipped"), None)
        if skipped:
            return Outcome(undone.place.path, undone.place.line, what, "skipped", skipped.message)
        named = f"exercise “{undone.exercise.title}”" if undone.exercise else "module"
        lacking = f"No test of the {named} fails when this is not done" if tests else f"The {named} has no test"
        return self._failed(undone.place, f"{lacking}.", what=what)

    # What they share

    def _by_exercise(self, report: Report) -> dict[Exercise, list[Result]]:
        pairs = [(exercise_of(self.module, result.name), result) for result in report.results]
        return {e: [r for owner, r in pairs if owner == e] for e in self.module.exercises if e in dict(pairs)}

    def _broken(self, report: Report, files: Mapping[str, str], condition: str) -> Iterator[Outcome]:
        what = self._what(None, condition)
        for result in report.unreadable:
            yield self._failed(
                self._where(result, files), f"The tests cannot be imported: {first_thing(result)}", what=what
            )
        if report.trouble:
            place = Location(test_files(self.course, self.module)[0])
            yield self._failed(place, report.trouble, what=what)

    def _where(self, result: Result, files: Mapping[str, str]) -> Location:
        """Where the project's code failed, if that is one of these files of the module; else the test."""
        path, line = result.place or ("", 0)
        return Location(files[path], line) if path in files else self._test(result)

    def _test(self, result: Result) -> Location:
        file = self._relative(result.file) if result.file else test_files(self.course, self.module)[0]
        return Location(file, result.line)

    def _relative(self, file: str) -> str:
        return Path(file).relative_to(self.course.root).as_posix()

    def _at(self, path: str, line: int) -> Location:
        return Location(self.starter[path], max(line, 1))

    def _text(self, path: str) -> str:
        """A file's text; what is not UTF-8 differs where it differs, and has no TODO."""
        return (self.course.root / path).read_bytes().decode("utf-8", errors="replace")

    def _what(self, exercise: Exercise | None, condition: str) -> str:
        number = f".{exercise.number} {exercise.title}" if exercise else ""
        return f"{self.module.label}{number}: {condition}"

    def _heading(self, exercise: Exercise) -> Location:
        return self.module.page.at(exercise.heading.span.start)

    def _passed(self, exercise: Exercise, what: str) -> Outcome:
        place = self._heading(exercise)
        return Outcome(place.path, place.line, what, "passed")

    def _skipped(self, exercise: Exercise, what: str, reason: str) -> Outcome:
        place = self._heading(exercise)
        return Outcome(place.path, place.line, what, "skipped", reason)

    def _failed(self, place: Location, message: str, exercise: Exercise | None = None, what: str = "") -> Outcome:
        return Outcome(place.path, place.line, what or self._what(exercise, "files"), "failed", message)


def _removed(course: Course, module: Module) -> Iterator[Outcome]:
    for found in overlay.problems(course, module):
        place, message = found.location, f"{found.message} {found.hint}"
        yield Outcome(place.path, place.line, f"{module.label}: {overlay.REMOVED}", "failed", message)


def _names(course: Course, module: Module) -> Iterator[Outcome]:
    """Files of the project that the page names, in `code`, and that are nowhere.

    Looked at is what lies in a folder of the project. A path that a block of the page has too is left out: running
    that shows whether it is right, and it may be a file that the block makes.
    """
    project = {**overlay.started(course, module), **left_behind(course, module)}
    folders = {path.partition("/")[0] for path in project if "/" in path}
    page = module.page
    blocks = "\n".join(page.source.text[fence.content.start : fence.content.end] for fence in page.fences)
    for match in _CODE.finditer(page.source.text):
        path = match[1]
        fenced = any(match.start() in fence.span for fence in page.fences)
        if path.partition("/")[0] in folders and path not in project and path not in blocks and not fenced:
            message = f"The page names `{path}`, which neither the project before, nor starter or solution has."
            place = page.at(match.start())
            yield Outcome(place.path, place.line, f"{module.label}: names", "failed", message)


# The end of a session


def _still_green(
    course: Course,
    session: Session,
    module: Module,
    files: Files,
    report: Report,
    superseded: Container[tuple[str, str]],
) -> Iterator[Outcome]:
    """Whether a module's tests pass on the project at a session's end, those apart that are superseded."""
    what = f"{module.label}: its tests pass at the end of {session.label}"
    home = test_files(course, module)[0]
    changed = {files[p].module for p in left_behind(course, module) if p in files} - {module.name}
    since = f" Of its files, some come from {' and '.join(sorted(changed))} since." if changed else ""
    broken = [f"The tests cannot be imported: {first_thing(result)}." for result in report.unreadable]
    broken += [report.trouble] if report.trouble else []
    for reason in broken:
        yield Outcome(home, 1, what, "failed", f"{reason}{since}")
    failed = {result.name: result for result in reversed(report.failures)}
    for name, result in failed.items():
        if (module.name, name) not in superseded:
            message = (
                f"`{name}` fails: {first_thing(result)}.{since} Mend that, or list `{module.name}::{name}` in the"
                f" {overlay.SUPERSEDED} of the module that makes it obsolete."
            )
            yield Outcome(Path(result.file).relative_to(course.root).as_posix(), result.line, what, "failed", message)
    if not broken and all((module.name, name) in superseded for name in failed):
        place = module.page.path
        yield Outcome(place, 1, what, "passed")


def _wrongly_superseded(
    course: Course, session: Session, modules: Iterable[Module], reports: Mapping[str, Report]
) -> Iterator[Outcome]:
    """Lines in this session's lists that name no test of an earlier module, or one that passes all the same."""
    earlier: list[str] = []
    for module in modules:
        for line, entry in overlay.entries(course, module, overlay.SUPERSEDED):
            name, _, test = entry.partition("::")
            report = reports.get(name) if name in earlier else None
            if report is None or test not in (report.tests or ()):
                message = f"`{entry}` is no test of an earlier core module. Write `module::test_name`."
            elif test not in {result.name for result in report.failures}:
                message = f"`{entry}` passes all the same. Delete this line."
            else:
                continue
            if module.session == session.slug:
                place = f"{module.exercise_folder}/{overlay.SUPERSEDED}"
                yield Outcome(place, line, f"{module.label}: {overlay.SUPERSEDED}", "failed", message)
        earlier.append(module.name)
