"""Exercises and knowledge questions: permanent ids, minutes, hints, solutions and headings."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ..diagnostic import Diagnostic, Edit, Fix
from ..markdown import slug
from ..model import Course, Exercise, Heading, Location, Mark, Module, Question, within
from ..rule import rule

WORDS_IN_ID = 6
_ID = re.compile(r"[^\W_]+(?:-[^\W_]+)*")
_MINUTES_SOMEHOW = re.compile(r"(?<!\d)(\d{1,4})\s*(?:minutes?|mins?|m)\b", re.I)
_TEXT_FOLLOWS = re.compile(r"\r?\n[ \t]*[^\s]")
_ONLY_MINUTES = re.compile(r"(?:\([^()]*\))?\s*")
_NUMBER = re.compile(
    r"(?:(?:(?:exercise|ex\.?|task|step)\s*\d+(?:\.\d+)*\s*(?:[:.)–—-](?=\s|$)|(?=\(|$))"
    r"|M\d+\.\d+[:.)]?(?=\s|$)"
    r"|\d{1,2}(?:\.\d+)*[:.)](?=\s|$))\s*)+",
    re.I,
)


def _exercises(course: Course) -> Iterator[tuple[Module, Exercise]]:
    return ((module, exercise) for module in course.written for exercise in module.exercises)


def _tasks(course: Course) -> Iterator[tuple[Module, Exercise | Question]]:
    return ((module, task) for module in course.written for task in module.tasks)


def _kind(task: Exercise | Question) -> str:
    return "exercise" if isinstance(task, Exercise) else "question"


def _at(module: Module, task: Exercise | Question) -> Location:
    return module.page.at(task.heading.content.start)


def _ids_inside(module: Module, task: Exercise | Question) -> Iterator[Mark]:
    return (mark for mark in within(module.page.marks, task.span) if mark.kind == "id")


def _at_id(module: Module, task: Exercise | Question) -> Location:
    own = (m.span.start for m in _ids_inside(module, task) if m.value == task.id)
    return module.page.at(next(own, task.heading.span.start))


def _number_typed(module: Module, exercise: Exercise) -> re.Match[str] | None:
    """The number that somebody typed at the beginning of the heading."""
    content = exercise.heading.content
    return _NUMBER.match(module.page.source.text, content.start, content.end)


def new_id(title: str, taken: set[str]) -> str:
    """An id for an exercise: the first words of its title, joined by hyphens, and a number where that is taken.

    >>> new_id("What's in `data/raw`?", {"exercises"}), new_id("Repeat", {"repeat"})
    ('whats-in-dataraw', 'repeat-2')
    """
    words = "-".join(re.findall(r"[^\W_]+", slug(title.replace("`", "")))[:WORDS_IN_ID]) or "exercise"
    candidate, count = words, 1
    while candidate in taken:
        count += 1
        candidate = f"{words}-{count}"
    return candidate


@rule("C301", fixable=True, skips_drafts=True)
def exercise_without_id(course: Course) -> Iterator[Diagnostic]:
    """An exercise or a question of the knowledge check has no permanent id directly below its heading.

    Links to it and the progress that students tick off hang on its id. Without one, they
    are lost as soon as somebody improves the title. Once it is there, never change it.

    Bad:

        ### s1_start/first.md
        ---
        description: Take the first step.
        core: true
        requires: []
        tools: []
        objectives: [Take a first step]
        ---
        # First steps

        ## Exercises

        ### Take a step (10 min)

        Take one.

        <details markdown><summary>Hint</summary>

        Left or right.

        </details>
        <details markdown><summary>Solution</summary>

        Left, because it is nearer.

        </details>

    Good:

        ### s1_start/first.md
        ---
        description: Take the first step.
        core: true
        requires: []
        tools: []
        objectives: [Take a first step]
        ---
        # First steps

        ## Exercises

        ### Take a step (10 min)

        <!-- id: take-a-step -->

        Take one.

        <details markdown><summary>Hint</summary>

        Left or right.

        </details>
        <details markdown><summary>Solution</summary>

        Left, because it is nearer.

        </details>
    """
    for module in course.written:
        without = [task for task in module.tasks if task.id is None]
        own = {task.heading for task in without}  # each may keep the anchor that it has from its title
        taken = {*module.page.raw_anchors, *(h.anchor for h in module.page.headings if h not in own)}
        for task in without:
            yield _without_id(module, task, taken)


def _without_id(module: Module, task: Exercise | Question, taken: set[str]) -> Diagnostic:
    anchors = module.page.anchors
    stray = next((m for m in _ids_inside(module, task) if m.value not in anchors), None)
    if stray is not None:
        return Diagnostic(
            module.page.at(stray.span.start),
            f"The id `{stray.value}` does not stand directly below the heading of its {_kind(task)}.",
            f"Move it below `### {task.title}`, before anything else.",
        )
    number = _NUMBER.match(task.title)
    name = new_id(task.title[number.end() :] if number else task.title, taken)
    taken.add(name)
    return Diagnostic(
        _at(module, task),
        f"The {_kind(task)} “{task.title}” has no id.",
        f"Write `<!-- id: {name} -->` on a line of its own below the heading.",
        Fix("insert an id", (_inserted(module, task.heading, name),)),
    )


def _inserted(module: Module, heading: Heading, name: str) -> Edit:
    """The edit that puts an id below a heading, with blank lines around it."""
    source = module.page.source
    line_end = source.newline
    text = f"{line_end * 2}<!-- id: {name} -->"
    if _TEXT_FOLLOWS.match(source.text, heading.span.end):
        text += line_end
    return Edit(source.path, heading.span.end, heading.span.end, text)


@rule("C302", skips_drafts=True)
def id_repeated(course: Course) -> Iterator[Diagnostic]:
    """The id of an exercise or question is also that of another one, or the anchor of a heading, of its page.

    A link leads to the first of the two, and ticking off one exercise ticks off the other.

    Bad:

        ### s1_start/first.md
        ---
        description: Take the first step.
        core: true
        requires: []
        tools: []
        objectives: [Take a first step]
        ---
        # First steps

        ## Take a step

        Walk.

        ## Exercises

        ### Go (10 min)

        <!-- id: take-a-step -->

        Take one.

        <details markdown><summary>Hint</summary>

        Left or right.

        </details>
        <details markdown><summary>Solution</summary>

        Left, because it is nearer.

        </details>

    Good:

        ### s1_start/first.md
        ---
        description: Take the first step.
        core: true
        requires: []
        tools: []
        objectives: [Take a first step]
        ---
        # First steps

        ## Take a step

        Walk.

        ## Exercises

        ### Go (10 min)

        <!-- id: go -->

        Take one.

        <details markdown><summary>Hint</summary>

        Left or right.

        </details>
        <details markdown><summary>Solution</summary>

        Left, because it is nearer.

        </details>
    """
    for module in course.written:
        owners = _owners(module)
        for task in module.tasks:
            owner = owners[task.heading.anchor]
            if task.id and owner != task.heading:
                line = module.page.at(owner.span.start).line
                yield Diagnostic(
                    _at_id(module, task),
                    f"The id `{task.id}` belongs to the heading “{owner.text}” in line {line} already.",
                    f"Give this {_kind(task)} an id of its own.",
                )


def _owners(module: Module) -> dict[str, Heading]:
    """The heading to which each anchor belongs: rather not a task, else the first one."""
    tasks = {task.heading for task in module.tasks}
    owners: dict[str, Heading] = {}
    for heading in sorted(module.page.headings, key=lambda heading: heading in tasks):
        owners.setdefault(heading.anchor, heading)
    return owners


@rule("C303", skips_drafts=True)
def exercise_without_minutes(course: Course) -> Iterator[Diagnostic]:
    """The heading of an exercise does not end with its minutes, like `(15 min)`.

    The hours of the module, the session and the course are added up from them.

    Bad:

        ### s1_start/first.md
        ---
        description: Take the first step.
        core: true
        requires: []
        tools: []
        objectives: [Take a first step]
        ---
        # First steps

        ## Exercises

        ### Take a step (10 minutes)

        <!-- id: take-a-step -->

        Take one.

        <details markdown><summary>Hint</summary>

        Left or right.

        </details>
        <details markdown><summary>Solution</summary>

        Left, because it is nearer.

        </details>

    Good:

        ### s1_start/first.md
        ---
        description: Take the first step.
        core: true
        requires: []
        tools: []
        objectives: [Take a first step]
        ---
        # First steps

        ## Exercises

        ### Take a step (10 min)

        <!-- id: take-a-step -->

        Take one.

        <details markdown><summary>Hint</summary>

        Left or right.

        </details>
        <details markdown><summary>Solution</summary>

        Left, because it is nearer.

        </details>
    """
    for module, exercise in _exercises(course):
        if not exercise.minutes:
            meant = _MINUTES_SOMEHOW.search(exercise.heading.text)
            minutes = meant[1] if meant and int(meant[1]) else "15"
            yield Diagnostic(
                _at(module, exercise),
                f"The heading of the exercise “{exercise.title}” does not say how many minutes it takes.",
                f"End the heading with `({minutes} min)`, written exactly so"
                + ("." if meant else ", with the time that somebody needed who did it."),
            )


@rule("C304", skips_drafts=True)
def exercise_without_hint(course: Course) -> Iterator[Diagnostic]:
    """An exercise has no fold named “Hint”.

    A student who is stuck should get one step further without being told the answer.

    Bad:

        ### s1_start/first.md
        ---
        description: Take the first step.
        core: true
        requires: []
        tools: []
        objectives: [Take a first step]
        ---
        # First steps

        ## Exercises

        ### Take a step (10 min)

        <!-- id: take-a-step -->

        Take one.

        <details markdown><summary>Solution</summary>

        Left, because it is nearer.

        </details>

    Good:

        ### s1_start/first.md
        ---
        description: Take the first step.
        core: true
        requires: []
        tools: []
        objectives: [Take a first step]
        ---
        # First steps

        ## Exercises

        ### Take a step (10 min)

        <!-- id: take-a-step -->

        Take one.

        <details markdown><summary>Hint</summary>

        Left or right.

        </details>
        <details markdown><summary>Solution</summary>

        Left, because it is nearer.

        </details>
    """
    return _without_fold(course, "Hint")


@rule("C305", skips_drafts=True)
def exercise_without_solution(course: Course) -> Iterator[Diagnostic]:
    """An exercise has no fold named “Solution”.

    Students learn from comparing, and a teacher who stands in needs to know what was meant.

    Bad:

        ### s1_start/first.md
        ---
        description: Take the first step.
        core: true
        requires: []
        tools: []
        objectives: [Take a first step]
        ---
        # First steps

        ## Exercises

        ### Take a step (10 min)

        <!-- id: take-a-step -->

        Take one.

        <details markdown><summary>Hint</summary>

        Left or right.

        </details>

    Good:

        ### s1_start/first.md
        ---
        description: Take the first step.
        core: true
        requires: []
        tools: []
        objectives: [Take a first step]
        ---
        # First steps

        ## Exercises

        ### Take a step (10 min)

        <!-- id: take-a-step -->

        Take one.

        <details markdown><summary>Hint</summary>

        Left or right.

        </details>
        <details markdown><summary>Solution</summary>

        Left, because it is nearer.

        </details>
    """
    return _without_fold(course, "Solution")


def _without_fold(course: Course, name: str) -> Iterator[Diagnostic]:
    """Exercises in which no fold's name begins with this word (“Hint 2” and “Hints” are hints)."""
    for module, exercise in _exercises(course):
        if not any(fold.startswith(name.lower()) for fold in exercise.folds):
            yield Diagnostic(
                _at(module, exercise),
                f"The exercise “{exercise.title}” has no {name.lower()}.",
                f"Add a fold that begins with `<details markdown><summary>{name}</summary>`"
                " and ends with `</details>`, with an empty line after the one and before the other.",
            )


@rule("C306", skips_drafts=True)
def malformed_id(course: Course) -> Iterator[Diagnostic]:
    """The id of an exercise or question is something else than lower-case words joined by hyphens.

    It becomes part of an address, which people type and which browsers compare letter by letter.

    Bad:

        ### s1_start/first.md
        ---
        description: Take the first step.
        core: true
        requires: []
        tools: []
        objectives: [Take a first step]
        ---
        # First steps

        ## Exercises

        ### Take a step (10 min)

        <!-- id: Take_a_step -->

        Take one.

        <details markdown><summary>Hint</summary>

        Left or right.

        </details>
        <details markdown><summary>Solution</summary>

        Left, because it is nearer.

        </details>

    Good:

        ### s1_start/first.md
        ---
        description: Take the first step.
        core: true
        requires: []
        tools: []
        objectives: [Take a first step]
        ---
        # First steps

        ## Exercises

        ### Take a step (10 min)

        <!-- id: take-a-step -->

        Take one.

        <details markdown><summary>Hint</summary>

        Left or right.

        </details>
        <details markdown><summary>Solution</summary>

        Left, because it is nearer.

        </details>
    """
    for module, task in _tasks(course):
        if task.id is not None and not _is_id(task.id):
            suggestion = new_id(task.id.replace("_", " ") or task.title, set())
            yield Diagnostic(
                _at_id(module, task),
                f"The id `{task.id}` is not made of lower-case words joined by hyphens.",
                f"Write it like `<!-- id: {suggestion} -->`.",
            )


def _is_id(text: str) -> bool:
    return text == text.lower() and bool(_ID.fullmatch(text))


@rule("C307", fixable=True, skips_drafts=True)
def number_in_exercise_heading(course: Course) -> Iterator[Diagnostic]:
    """The heading of an exercise begins with a number that was typed by hand.

    The site numbers exercises by their place. A typed number stands there twice, and is wrong as soon
    as an exercise is added before it.

    Bad:

        ### s1_start/first.md
        ---
        description: Take the first step.
        core: true
        requires: []
        tools: []
        objectives: [Take a first step]
        ---
        # First steps

        ## Exercises

        ### Exercise 1: Take a step (10 min)

        <!-- id: take-a-step -->

        Take one.

        <details markdown><summary>Hint</summary>

        Left or right.

        </details>
        <details markdown><summary>Solution</summary>

        Left, because it is nearer.

        </details>

    Good:

        ### s1_start/first.md
        ---
        description: Take the first step.
        core: true
        requires: []
        tools: []
        objectives: [Take a first step]
        ---
        # First steps

        ## Exercises

        ### Take a step (10 min)

        <!-- id: take-a-step -->

        Take one.

        <details markdown><summary>Hint</summary>

        Left or right.

        </details>
        <details markdown><summary>Solution</summary>

        Left, because it is nearer.

        </details>
    """
    for module, exercise in _exercises(course):
        match = _number_typed(module, exercise)
        if match:
            yield _numbered(module, exercise, match)


def _numbered(module: Module, exercise: Exercise, match: re.Match[str]) -> Diagnostic:
    rest = module.page.source.text[match.end() : exercise.heading.content.end]
    typed, where = match[0].strip(), _at(module, exercise)
    message = f"The number `{typed}` is typed by hand in the heading of an exercise."
    if _ONLY_MINUTES.fullmatch(rest):
        return Diagnostic(where, message, "Say in its place what is done, such as “Count the labels”.")
    edit = Edit(module.page.path, match.start(), match.end(), "")
    fix = Fix("remove the number", (edit,))
    return Diagnostic(where, message, "Leave it out; the site puts it there.", fix)
