"""`course verify`: run what the pages show and what the exercises promise, and say what became of it."""

from __future__ import annotations

import io
import os
import re
import signal
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from types import FrameType
from typing import NoReturn, TextIO

from ..fields import nearest
from ..model import Course, Module, Page, Session
from . import exercises, jobs, worker
from .blocks import Block, blocks, loose_marks
from .ceilings import Totals, state, totals
from .outcome import Outcome
from .pages import LOOSE, run_page
from .place import PREFIX, remove
from .processes import Watch, adopt_orphans
from .record import fingerprints, write_record, write_results
from .runner import HEAVY, with_late
from .student import exercise_of, find_session, test_files

EXERCISES = "exercises"
CEILING = "the ceiling for skipped blocks"
_STATES = ("passed", "parsed", "compared", "shown", "skipped", "failed")
_WORDS = {"passed": "run"}
_IMPORT = re.compile(r"^\s*(?:>>> )?(?:import|from)\s+(\w+)", re.M)
_TEST = re.compile(r"^(?:async )?def (test_\w+)", re.M)


class SelectionError(Exception):
    """There is no such session or module; the message says what there is."""


@dataclass(frozen=True)
class Selection:
    """What is to be run."""

    pages: tuple[Page, ...]
    modules: tuple[Module, ...]  # whose exercises
    sessions: tuple[Session, ...]  # at whose end all tests so far must pass
    whole: bool  # nothing is left out, so that shares mean something


def select(course: Course, session: str = "", module: str = "") -> Selection:
    """Choose by a session (`s1`, its folder) and a module (its name, `M3`); without either, everything that is written.

    Raises:
        SelectionError: There is none, or the module is a draft.
    """
    if not session and not module:
        written_pages = tuple(page for page in course.pages if page.path not in course.draft_paths)
        return Selection(written_pages, course.written, course.sessions, True)
    modules = course.modules
    pages: tuple[Page, ...] = ()
    sessions: tuple[Session, ...] = ()
    if session:
        chosen = find_session(course, session)
        if chosen is None:
            raise SelectionError(
                f"There is no session `{session}`. {nearest(session, [s.slug for s in course.sessions])}"
            )
        modules, pages, sessions = chosen.modules, (chosen.page,), (chosen,)
    if module:
        modules, pages, sessions = (_module(modules, module),), (), ()
    written = tuple(m for m in modules if not m.draft)
    return Selection((*pages, *(m.page for m in written)), written, sessions, False)


def _module(modules: Sequence[Module], name: str) -> Module:
    found = next((m for m in modules if name.lower() in (m.name.lower(), m.label.lower())), None)
    if found is None:
        raise SelectionError(f"There is no module `{name}` here. {nearest(name, [m.name for m in modules])}")
    if found.draft:
        raise SelectionError(f"`{found.name}` is a draft: there is nothing to run yet.")
    return found


def listing(course: Course, chosen: Selection) -> tuple[list[str], bool]:
    """What would be done with each block and exercise, a line each, with totals; and whether all is well."""
    found = {page.path: blocks(page, course.root) for page in chosen.pages}
    lines = [line for page in chosen.pages for line in _listed(course, page, found[page.path])]
    counted = totals(block for page in found.values() for block in page)
    tested = sum(line.endswith("  tested") for line in lines)
    untested = sum(line.endswith("  not tested") for line in lines)
    lines += ["", f"blocks: {counted.describe()}", f"exercises: {tested} tested, {untested} not tested"]
    broken = list(counted.broken()) if chosen.whole else []
    lines += [f"{CEILING}: {verdict}" for verdict in broken or [_held(chosen)]]
    loose = any(loose_marks(page) for page in chosen.pages)
    return lines, not (broken or loose or counted.states["wrong"])


def _held(chosen: Selection) -> str:
    return "holds" if chosen.whole else "only judged for the whole course"


def _listed(course: Course, page: Page, found: Iterable[Block]) -> Iterator[str]:
    rows = [(b.place.line, b.language or "none", state(b), _reason(b)) for b in found]
    rows += [(page.at(mark.span.start).line, "comment", "wrong", LOOSE) for mark in loose_marks(page)]
    if module := course.module_by_path.get(page.path):
        tested = _tested(course, module)
        rows += [
            (
                page.at(exercise.heading.span.start).line,
                "exercise",
                "tested" if exercise.number in tested else "not tested",
                "",
            )
            for exercise in module.exercises
        ]
    for line, language, what, reason in sorted(rows):
        yield f"{page.path}:{line}  {language:<10}  {what:<8}  {reason}".rstrip()


def _reason(block: Block) -> str:
    if block.problems:
        return block.problems[0].message
    return block.marks.skip or (f"file {block.marks.file}" if block.marks.file else "")


def _tested(course: Course, module: Module) -> set[int]:
    """The numbers of the exercises for which there is a test."""
    texts = [(course.root / path).read_text(encoding="utf-8", errors="replace") for path in test_files(course, module)]
    owners = [exercise_of(module, test) for text in texts for test in _TEST.findall(text)]
    return {exercise.number for exercise in owners if exercise}


def verify(
    course: Course, chosen: Selection, at_once: int, record: bool, out: TextIO, results: Path | None = None
) -> int:
    """Run everything that is chosen and print what became of it; the exit code.

    Args:
        course: The course.
        chosen: What to run.
        at_once: How many pages at the same time.
        record: Write down that it was run, where nothing failed.
        out: Where to print.
        results: A file for everything that came of it, as JSON.
    """
    before = fingerprints(course, chosen.modules)
    show = Display(out)
    on_pages: list[Outcome] = []
    of_exercises: list[Outcome] = []
    with _temporary() as folder:
        worker.preload(_heavy(course, chosen))
        for progress in jobs.run(_jobs(course, chosen, folder), at_once):
            show.update(progress)
            if progress.done:
                (of_exercises if progress.job.name == EXERCISES else on_pages).extend(progress.outcomes)
    ceilings = _over_the_ceiling(course, chosen) if chosen.whole else ()
    outcomes = [*on_pages, *of_exercises, *ceilings]
    failed = sorted((o for o in outcomes if o.state == "failed"), key=lambda o: (o.path, o.line))
    show.failures(failed)
    show.line(_summary(course, chosen, on_pages))
    show.line(f"exercises: {_conditions(of_exercises)}")
    if results:
        write_results(results, outcomes)
    if record:
        _record(course, before, outcomes, show)
    return 1 if failed else 0


@contextmanager
def _temporary() -> Iterator[Path]:
    """A folder for everything that this run makes, removed however the run ends, with processes that were lost."""
    before = {number: signal.signal(number, _interrupted) for number in jobs.heeded()}
    adopt_orphans()
    watch = Watch()
    folder = Path(tempfile.mkdtemp(prefix=PREFIX))
    try:
        yield folder
    finally:
        watch.clear()
        remove(folder)
        for number, handler in before.items():
            signal.signal(number, handler)


def _interrupted(number: int, frame: FrameType | None) -> NoReturn:
    raise KeyboardInterrupt


def _heavy(course: Course, chosen: Selection) -> list[str]:
    """What the pages import that takes long to import."""
    texts = (
        b.text
        for page in chosen.pages
        for b in blocks(page, course.root)
        if b.runs and b.language in ("python", "pycon")
    )
    found = {name for text in texts for name in _IMPORT.findall(text)}
    return with_late(name for name in HEAVY if name in found)


def _jobs(course: Course, chosen: Selection, folder: Path) -> list[jobs.Job]:
    found = [
        jobs.Job(page.path, page.path, len(page.fences), partial(run_page, course, page, folder))
        for page in chosen.pages
        if page.fences or loose_marks(page)
    ]
    if chosen.modules:
        path = course.settings.source.path
        found.insert(0, jobs.Job(EXERCISES, path, 0, partial(_exercises, course, chosen, folder)))  # it takes longest
    return found


def _exercises(course: Course, chosen: Selection, folder: Path) -> Iterator[Outcome]:
    with exercises.make_runner(course, chosen.modules, folder) as runner:
        for module in chosen.modules:
            yield from exercises.verify_module(course, module, runner)
        for session in chosen.sessions:
            yield from exercises.verify_session_end(course, session, runner)


def _over_the_ceiling(course: Course, chosen: Selection) -> Iterator[Outcome]:
    found = [block for page in chosen.pages for block in blocks(page, course.root)]
    skipped = [f"{b.place.path}:{b.place.line}  {b.language}  {b.marks.skip}" for b in found if state(b) == "skipped"]
    for verdict in totals(found).broken():
        yield Outcome(course.settings.source.path, 1, CEILING, "failed", verdict, "\n".join(skipped))


def _summary(course: Course, chosen: Selection, outcomes: Sequence[Outcome]) -> str:
    counted: Totals = totals(block for page in chosen.pages for block in blocks(page, course.root))
    share = f"{counted.skipped} of {counted.runnable} blocks that could run are skipped ({counted.skipped_share:.1%})"
    return f"blocks of {len(chosen.pages)} pages: {_counts(outcomes)}\n{share}; {CEILING}: {_verdict(counted, chosen)}"


def _verdict(counted: Totals, chosen: Selection) -> str:
    return "broken" if chosen.whole and any(counted.broken()) else _held(chosen)


def _counts(outcomes: Iterable[Outcome]) -> str:
    counted = Counter(outcome.state for outcome in outcomes)
    return ", ".join(f"{counted[s]} {_WORDS.get(s, s)}" for s in _STATES if counted[s]) or "nothing to run"


def _conditions(outcomes: Iterable[Outcome]) -> str:
    counted = Counter(outcome.state for outcome in outcomes)
    words = {"passed": "conditions hold", "skipped": "are not checked", "failed": "do not hold"}
    return ", ".join(f"{counted[state]} {word}" for state, word in words.items() if counted[state]) or "none"


def _record(course: Course, before: dict[str, str], outcomes: Iterable[Outcome], show: Display) -> None:
    ran = [outcome for outcome in outcomes if outcome.state != "shown"]
    recorded = write_record(course, before, ran)
    for path in recorded.written:
        show.line(f"recorded: {path}")
    for path in recorded.dropped:
        show.line(f"taken out of the record: {path}")
    for path, reason in recorded.refused.items():
        show.line(f"not recorded: {path}: {reason}")


class Display:
    """A line for each page: its state in place while it runs on a terminal, and what became of it at its end."""

    def __init__(self, out: TextIO) -> None:
        self.out = out
        self.in_place = out.isatty()
        self.running: dict[str, jobs.Progress] = {}

    def update(self, progress: jobs.Progress) -> None:
        """Show how far a page is."""
        name = progress.job.name
        self.running[name] = progress
        if progress.done:
            del self.running[name]
            came = (_conditions if name == EXERCISES else _counts)(progress.outcomes)
            self.line(f"{name}: {came} ({progress.seconds:.1f} s)")
        if self.in_place and self.running:
            self._replace(" · ".join(map(_short, self.running.values())))

    def line(self, text: str) -> None:
        """A line that stays."""
        self._replace("")
        print(text, file=self.out, flush=True)

    def failures(self, failed: Iterable[Outcome]) -> None:
        """Everything that is wrong, whole."""
        for outcome in failed:
            self.line(f"\n{outcome}")
            for line in outcome.output.splitlines():
                self.line(f"    {line}".rstrip())
        self.line("")

    def _replace(self, text: str) -> None:
        if self.in_place:
            width = os.get_terminal_size(self.out.fileno()).columns or 80  # 0: it does not say
            print(f"\r\x1b[2K{text[: width - 1]}", end="", file=self.out, flush=True)


def _short(progress: jobs.Progress) -> str:
    of = f"/{progress.job.steps}" if progress.job.steps else ""
    return f"{Path(progress.job.name).stem} {len(progress.outcomes)}{of}"


def main(
    course: Course,
    session: str,
    module: str,
    only_list: bool,
    record: bool,
    at_once: int,
    results: Path | None = None,
) -> int:
    """The command; raises SelectionError."""
    chosen = select(course, session, module)
    if only_list:
        lines, well = listing(course, chosen)
        print("\n".join(lines))
        return 0 if well else 1
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")  # a block may print what this terminal cannot show
    try:
        return verify(course, chosen, max(at_once, 1), record, sys.stdout, results)
    except KeyboardInterrupt:
        print("\nStopped; what it had started is ended and cleared away.", file=sys.stderr)
        return 130
