"""What a student does with the running example: get it, start a module's exercises, check her own work."""

from __future__ import annotations

import importlib.util
import re
import shlex
import shutil
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from ..fields import nearest
from ..fix import write_all
from ..layers import part
from ..load import CONFIG, NotACourseError, load
from ..model import Course, Exercise, Module, Session
from . import overlay
from .runner import Report, Result, Runner

LISTED = 12  # so many new files are listed one by one


class StudentError(Exception):
    """Something cannot be done as asked; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class Done:
    """What a command did or found out."""

    lines: tuple[str, ...]  # to print
    passed: bool = True


def find_course(root: Path | None) -> Course:
    """The course in a folder; if none is given, here, above, or where coursekit itself was installed from.

    Raises:
        NotACourseError: There is none.
    """
    if root is not None:
        return load(root)
    here = Path.cwd()
    for folder in (here, *here.parents, *Path(__file__).resolve().parents):
        if (folder / CONFIG).is_file() and (course := load(folder)).settings.is_course:
            return course
    raise NotACourseError("There is no course here or above. Say where it is with `--root FOLDER`.")


def find_module(course: Course, name: str) -> Module:
    """The module with a name (`git`), or a number as the site shows it (`M5`).

    Raises:
        StudentError: There is none.
    """
    by_label = {module.label.lower(): module for module in course.modules}
    found = course.module_by_name.get(name) or by_label.get(name.lower())
    if found is None:
        raise StudentError(f"There is no module `{name}`. {nearest(name, course.module_by_name)}")
    return found


def find_session(course: Course, name: str) -> Session | None:
    """The session with a folder's name, with or without its number, or with a number (`s5`)."""
    word = name.strip("/").lower()
    for session in course.sessions:
        if word in (session.slug.lower(), session.slug.partition("_")[2].lower(), session.label.lower()):
            return session
    return None


def project(course: Course, where: str, folder: Path, force: bool = False) -> Done:
    """Write the running example as it stands on the morning of a session, or before a module.

    Args:
        course: The course.
        where: A session or a module.
        folder: It is made if it does not exist.
        force: Write into a folder that is not empty. A file that differs is kept beside the new one.

    Raises:
        StudentError: There is no such session or module, or the folder may not be written to.
    """
    session = find_session(course, where)
    if session is None and where not in course.module_by_name and not re.fullmatch(r"[mM]\d+", where):
        known = [*(s.slug for s in course.sessions), *course.module_by_name]
        raise StudentError(f"There is no session or module `{where}`. {nearest(where, known)}")
    files = overlay.morning(course, session) if session else overlay.before(course, find_module(course, where))
    _own_folder(course, folder, f"course project {where}")
    if _has_files(folder) and not force:
        raise StudentError(
            f"{folder} is not empty. Give a new folder, or add `--force`;"
            " a file that differs there is then kept as a copy that ends in .bak."
        )
    when = f"on the morning of “{session.title}”" if session else f"before “{find_module(course, where).title}”"
    if not files:
        return Done((f"The project has no files yet {when}.",))
    return Done((f"The project as it stands {when}, in {folder}:", *_lay(course, files, {}, folder)))


def start(course: Course, module: Module, folder: Path, missing: bool = False) -> Done:
    """Put a module's starter files into a project; into an empty folder, the whole project as it stands then.

    Args:
        course: The course.
        module: The module.
        folder: The project; it is made if it does not exist.
        missing: Only put files that are not there, and leave all others alone.

    Raises:
        StudentError: The folder may not be written to.
    """
    _own_folder(course, folder, f"course start {module.name}")
    old = overlay.before(course, module)
    whole = overlay.started(course, module)
    fresh = not _has_files(folder)
    files = {path: whole[path] for path in (whole if fresh else part(course, module, "starter"))}
    if not files:
        return Done((f"“{module.title}” ({module.label}) has no starter files. Read {module.page.path}.",))
    if missing:
        files = {path: origin for path, origin in files.items() if not (folder / path).exists()}
    lines = [f"“{module.title}” ({module.label}) starts in {folder}:", *_lay(course, files, old, folder)]
    absent = [path for path in old if not (folder / path).exists()]
    if absent:
        lines.append(
            f"Of the project before this module, {_count(absent, 'file')} {_are(absent)} not here, such as {absent[0]}:"
            f" `course project {module.name} DIR` writes all into a folder of its own."
        )
    if _tests(course, module):
        lines.append(f"Read {module.page.path}; `course try {module.name}` checks your work.")
    return Done(tuple(lines))


def _own_folder(course: Course, folder: Path, command: str) -> None:
    """Refuse to write into the course itself."""
    if folder.resolve().is_relative_to(course.root):
        raise StudentError(
            f"{folder.resolve()} belongs to the course itself. Work in a folder of your own: `{command} ../my_project`."
        )


def _has_files(folder: Path) -> bool:
    if folder.exists() and not folder.is_dir():
        raise StudentError(f"{folder} is a file. Give a folder.")
    return folder.is_dir() and any(folder.iterdir())


def _lay(course: Course, files: overlay.Files, old: overlay.Files, folder: Path) -> list[str]:
    """Write files into a project, all or none, and keep a copy of each that is neither as before nor as it shall be."""
    new, replaced, kept, same = [], [], [], 0
    changes: dict[Path, bytes | str] = {}
    for path, origin in files.items():
        place, text = folder / path, (course.root / origin.path).read_bytes()
        present = _present(place)
        if present is not None and _same(present, text):
            same += 1
            continue
        changes[place] = text
        if present is None:
            new.append(path)
        elif path in old and _same(present, (course.root / old[path].path).read_bytes()):
            replaced.append(path)
        else:
            changes[backup := _backup(place)] = present
            kept.append((path, backup.name))
    try:
        write_all(changes)
        for path in (*new, *replaced, *(path for path, _ in kept)):
            shutil.copymode(course.root / files[path].path, folder / path)
    except OSError as error:
        raise StudentError(f"{error.filename or folder} cannot be written: {error.strerror or error}.") from None
    done = [*_described(new, "new"), *_described(replaced, "brought up to date"), *_kept(kept)]
    return [*done, *_unchanged(same, changes)]


def _present(place: Path) -> bytes | None:
    if place.is_dir():
        raise StudentError(f"{place} is a folder, and a file of that name is to be put there. Rename the folder.")
    return place.read_bytes() if place.exists() else None


def _same(one: bytes, other: bytes) -> bool:
    """Whether two texts are the same but for line endings, which Git may have changed."""
    return one.replace(b"\r\n", b"\n") == other.replace(b"\r\n", b"\n")


def _backup(place: Path) -> Path:
    """A name for a copy of a file that is not taken: peek.sh.bak, peek.sh.bak2, …"""
    names = (place.with_name(f"{place.name}.bak{count or ''}") for count in (0, *range(2, 1000)))
    return next(name for name in names if not name.exists())


def _described(paths: Sequence[str], what: str) -> list[str]:
    if len(paths) > LISTED:
        return [f"  {what}: {_count(paths, 'file')}, such as {paths[0]}"]
    return [f"  {what}: {path}" for path in paths]


def _kept(kept: Iterable[tuple[str, str]]) -> list[str]:
    return [f"  replaced: {path}, which you had changed; yours is kept as {backup}" for path, backup in kept]


def _unchanged(same: int, changes: Mapping[Path, object]) -> list[str]:
    if not changes:
        return ["  nothing to do: all files are there already"]
    return [f"  {same} file{'s' if same > 1 else ''} left as {'they are' if same > 1 else 'it is'}"] if same else []


def _count(things: Sequence[object], noun: str) -> str:
    return f"{len(things)} {noun}{'' if len(things) == 1 else 's'}"


def _are(things: Sequence[object]) -> str:
    return "is" if len(things) == 1 else "are"


def _tests(course: Course, module: Module) -> list[Path]:
    return [course.root / path for path in test_files(course, module)]


def test_files(course: Course, module: Module) -> list[str]:
    """A module's files of tests, as paths in the repository."""
    inside = course.exercise_files.get(module.exercise_folder, ())
    return [f"{module.exercise_folder}/{name}" for name in inside if re.fullmatch(r"test_[^/]*\.py", name)]


def exercise_of(module: Module, test: str) -> Exercise | None:
    """The exercise that a test function belongs to: the one with the longest id that its name begins with."""
    found = [e for e in module.exercises if e.id and f"{test}_".startswith(f"test_{e.id.replace('-', '_')}_")]
    return max(found, key=lambda exercise: len(exercise.id or ""), default=None)


def attempt(course: Course, module: Module, folder: Path, seconds: float = 60) -> Done:
    """Check a student's work on a module's exercises.

    Args:
        course: The course.
        module: The module.
        folder: The student's project.
        seconds: How long one test may take.

    Raises:
        StudentError: The module has no tests, or pytest is missing, or the folder, or all files of the module in it.
    """
    tests = _tests(course, module)
    starter = part(course, module, "starter").keys() - overlay.removed(course, module)
    absent = [path for path in sorted(starter) if not (folder / path).exists()]
    if not tests:
        raise StudentError(f"“{module.title}” has no tests. Compare your work with the solutions on its page.")
    if not folder.is_dir() or (starter and len(absent) == len(starter)):
        why = "holds none of this module's files" if folder.is_dir() else "does not exist"
        above = next((up for up in folder.resolve().parents if all((up / path).exists() for path in starter)), None)
        if starter and above:
            raise StudentError(f"{folder} {why}. Is {above} your project? Change to it and try again.")
        command = f"course start {module.name} {shlex.quote(str(folder))}"
        raise StudentError(f"{folder} {why}. `{command}` puts its files there.")
    if importlib.util.find_spec("pytest") is None:
        raise StudentError("`course try` needs pytest. Install it with coursekit: `pip install 'coursekit[run]'`.")
    with Runner(fork=False) as runner:
        report = runner.run(tests, folder, seconds=seconds)
    lines = [f"{module.title} ({module.label}), checked in {folder.resolve()}", ""]
    if absent:
        command = f"course start {module.name} {shlex.quote(str(folder))} --missing"
        lines += [f"Missing here: {', '.join(absent[:LISTED])}. `{command}` puts back what is gone.", ""]
    return _judged(module, report, lines, overlay.superseded(course, course.modules))


def _judged(module: Module, report: Report, lines: list[str], superseded: Mapping[tuple[str, str], Module]) -> Done:
    """One line per exercise, and how many pass."""
    by_exercise = defaultdict(list)
    for result in report.results:
        if exercise := exercise_of(module, result.name):
            by_exercise[exercise.number].append(result)
    with_test = {e.number for name in report.tests or () if (e := exercise_of(module, name))}
    lines += [f"The checks cannot begin: {first_thing(result)}" for result in report.unreadable]
    lines += [report.trouble] if report.trouble else []
    width = max((len(exercise.title) for exercise in module.exercises), default=0)
    passed = 0
    for exercise in module.exercises:
        results = by_exercise[exercise.number]
        verdict = _verdict(results, exercise.number in with_test, bool(report.unreadable or report.trouble))
        passed += verdict == PASSED
        verdict += _obsolete(module, results, superseded)
        lines.append(f"{module.label}.{exercise.number} {exercise.title:<{width}}  {verdict}")
    total = len(with_test) if report.tests and not report.unreadable else len(module.exercises)
    untested = len(module.exercises) - total
    rest = f"; {untested} {'has' if untested == 1 else 'have'} no test" if untested else ""
    lines += ["", f"{passed} of {total} exercises {'passes' if total == 1 else 'pass'}{rest}."]
    return Done(tuple(lines), passed == total and not report.unreadable and not report.trouble)


PASSED = "passed"


def _verdict(results: Sequence[Result], tested: bool, broken: bool) -> str:
    failed = next((result for result in results if result.outcome == "failed"), None)
    skipped = next((result for result in results if result.outcome == "skipped"), None)
    if failed:
        return f"not yet: {first_thing(failed)}"
    if skipped:
        return f"not checked here: {skipped.message}"
    if results:
        return PASSED
    return "not checked: see above" if tested or broken else "no test; compare with the solution"


def _obsolete(module: Module, results: Sequence[Result], superseded: Mapping[tuple[str, str], Module]) -> str:
    """For work that a later module has changed: that it need not pass any more."""
    later = [superseded.get((module.name, result.name)) for result in results if result.outcome == "failed"]
    return f" (all is well if you have done “{later[0].title}” since)" if later and later[0] and all(later) else ""


def first_thing(result: Result) -> str:
    """The first thing to look at, in one line, for a test that failed."""
    says = next((line.strip() for line in result.message.splitlines() if line.strip()), "")
    where = f"{result.place[0]}:{result.place[1]}" if result.place else ""
    match result.kind:
        case "AssertionError":
            return says or f"the check {result.name} fails"
        case "NotImplementedError":
            return f"still a TODO in {where}" if where else "still a TODO"
        case "SyntaxError":
            return f"{where}: Python cannot read this: {says}"
        case "ImportError":
            return f"{where or 'a check'}: {says.partition(' (')[0]}{_why_not_found(result)}"
        case "FileNotFoundError":
            return f"there is no file {result.names}" + (f", which {where} wants to open" if where else "")
        case "SystemExit" if not result.name:
            return f'{where}: this ends Python. Put what shall not run on import below `if __name__ == "__main__":`'
        case "OSError" if "reading from stdin" in says:
            return f"{where}: this waits for input, and nobody is there to type it"
        case "TooSlow":
            told = f"{where}: {says}" if where else says
            return f"{told}: is there a loop that does not end, or something that waits for input?"
    return f"{result.kind} in {where}: {says}" if where else f"{result.kind}: {says}"


def _why_not_found(result: Result) -> str:
    """What to do about a Python module that is not found."""
    if not result.message.startswith("No module named") or not result.names:
        return ""
    return f" (a file of yours that is missing, or a package to install: {result.names.partition('.')[0]})"
