"""What is asked of students: numbers that somebody typed, right answers, and the files that they are given."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from difflib import SequenceMatcher

from ..diagnostic import Diagnostic
from ..model import Course, Heading, Location, Module, Page, Question, within
from ..rule import rule

_NUMBERED = re.compile(
    r"(?:(?P<kind>exercise|task|step|question|assignment|problem|part|ex\.?)[ \t]*(?P<number>\d{1,2})(?![\w.]\w)"
    r"|(?P<bare>\d{1,2})[.:)](?=[ \t]))",
    re.I,
)
_IMPORT = re.compile(r"^[ \t]*(?:from|import)[ \t]+(?P<module>(?:[\w.]*\.)?solutions?)\b", re.M)
_STARTER = re.compile(r"^(?!tests?/)(?:.*/)?(?:exercises?|starters?)/(?!.*(?:solution|test))[^\n]*\.py$")
_FILE = re.compile(r"`(?P<path>[\w./-]{1,100}\.(?:py|sh|ya?ml|toml|json|txt|csv|cfg|ini|ipynb|Dockerfile))`")


@rule("C308")
def number_skipped(course: Course) -> Iterator[Diagnostic]:
    """Headings that are numbered by hand leave a number out, or have one twice.

    A student who is told to do exercise 4 does another one than was meant, or looks for one that is not there.

    Bad:

        ### README.md
        # Example course

        ## Step 1: Fetch it

        ## Step 3: Read it

    Good:

        ### README.md
        # Example course

        ## Step 1: Fetch it

        ## Step 2: Read it
    """
    for page in (*course.documents, *course.pages) if course.settings.is_course else course.pages:
        last: dict[tuple[int, str], tuple[int, Heading]] = {}
        for heading in page.headings:
            last = {key: value for key, value in last.items() if key[0] <= heading.level}
            match = _NUMBERED.match(heading.text)
            if match is None:
                continue
            key = (heading.level, (match["kind"] or "").lower().rstrip("."))
            number = int(match["number"] or match["bare"])
            if key in last and number not in (last[key][0] + 1, 0, 1):
                yield _misnumbered(page, heading, number, *last[key])
            last[key] = number, heading


def _misnumbered(page: Page, heading: Heading, number: int, before: int, earlier: Heading) -> Diagnostic:
    line = page.at(earlier.span.start).line
    fault = "has the number of the one before it" if number == before else f"follows number {before}"
    return Diagnostic(
        page.at(heading.content.start),
        f"“{heading.text}” {fault} (line {line}).",
        f"Give it the number {before + 1}, and look at those below it.",
    )


@rule("C309", skips_drafts=True)
def question_without_one_right_answer(course: Course) -> Iterator[Diagnostic]:
    """A question of the knowledge check has fewer than two options, or not exactly one that is ticked.

    The site compares what a student chooses with the one right answer; without it the question never answers.

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
        <details markdown><summary>Solution</summary>

        Left, because it is nearer.

        </details>

        ## Knowledge check

        ### Which foot first?

        <!-- id: which-foot -->

        - [x] The left one
        - [x] The right one

        <details markdown><summary>Answer</summary>

        The left one is nearer.

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

        ## Knowledge check

        ### Which foot first?

        <!-- id: which-foot -->

        - [x] The left one
        - [ ] The right one

        <details markdown><summary>Answer</summary>

        The left one is nearer.

        </details>
    """
    for module, question in _questions(course):
        right = sum(is_right for is_right, _ in question.options)
        if len(question.options) < 2:
            message = f"The question “{question.title}” has {_number(len(question.options))} to choose from."
            hint = "Write two to five options, each as `- [ ] …`."
        elif right != 1:
            message = f"The question “{question.title}” has {right or 'no'} right {'answers' if right else 'answer'}."
            hint = "Tick exactly one option: `- [x] …`."
        else:
            continue
        yield Diagnostic(module.page.at(question.heading.content.start), message, hint)


def _questions(course: Course) -> Iterator[tuple[Module, Question]]:
    return ((module, question) for module in course.written for question in module.questions)


def _number(options: int) -> str:
    return "one option" if options else "no options"


@rule("C310", skips_drafts=True)
def question_without_reasons(course: Course) -> Iterator[Diagnostic]:
    """A question of the knowledge check has no fold named “Answer” that says why.

    A student who guessed learns nothing from being told that it was wrong.

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
        <details markdown><summary>Solution</summary>

        Left, because it is nearer.

        </details>

        ## Knowledge check

        ### Which foot first?

        <!-- id: which-foot -->

        - [x] The left one
        - [ ] The right one

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

        ## Knowledge check

        ### Which foot first?

        <!-- id: which-foot -->

        - [x] The left one
        - [ ] The right one

        <details markdown><summary>Answer</summary>

        The left one is nearer.

        </details>
    """
    for module, question in _questions(course):
        folds = within(module.page.folds, question.span)
        text = module.page.source.text
        reasons = [text[fold.opening.end : fold.span.end] for fold in folds if fold.name.startswith("answer")]
        if not any(re.sub(r"</details\s*>", "", reason).strip() for reason in reasons):
            yield Diagnostic(
                module.page.at(question.heading.content.start),
                f"The question “{question.title}” has no answer that says why.",
                "Add a fold `<details markdown><summary>Answer</summary>` with the reason.",
            )


@rule("C311")
def starter_imports_solution(course: Course) -> Iterator[Diagnostic]:
    """A file in `starter` imports the solution; on a site without sessions, a file among the exercises.

    It works where both folders are, and not for a student, who gets only the starter.

    Bad:

        ### s1_start/exercises/first/starter/steps/__init__.py
        from solution.first import step

        step()

    Good:

        ### s1_start/exercises/first/starter/steps/__init__.py
        def step():
            pass  # TODO: take it

        step()
    """
    for path in sorted(course.files):
        if _STARTER.search(path):
            text = course.read(path)
            if match := _IMPORT.search(text):
                yield Diagnostic(
                    Location(path, text.count("\n", 0, match.start("module")) + 1),
                    f"This file of the starter imports `{match['module']}`.",
                    "Write the code that it needs into the starter.",
                )


@rule("C312")
def file_name_differs(course: Course) -> Iterator[Diagnostic]:
    """A page names a file that does not exist, and the files that it shows have one of nearly that name.

    A student looks for it, or makes a second one.

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

        Run `first_step.py`.

        ```text
        --8<-- "s1_start/exercises/first/test_firststep.py"
        ```

        ## Exercises

        ### Take a step (10 min)

        <!-- id: take-a-step -->

        Change `firststep.py`.

        <details markdown><summary>Hint</summary>

        Left or right.

        </details>
        <details markdown><summary>Solution</summary>

        Left, because it is nearer.

        </details>

        ### s1_start/exercises/first/test_firststep.py
        assert True

        ### s1_start/exercises/first/starter/firststep.py
        print("left")

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

        Run `firststep.py`.

        ## Exercises

        ### Take a step (10 min)

        <!-- id: take-a-step -->

        Change `firststep.py`.

        <details markdown><summary>Hint</summary>

        Left or right.

        </details>
        <details markdown><summary>Solution</summary>

        Left, because it is nearer.

        </details>

        ### s1_start/exercises/first/starter/firststep.py
        print("left")
    """
    everywhere = {path.rpartition("/")[2] for path in course.files}
    for page in course.pages:
        known = _files_of(course, page)
        for match in _FILE.finditer(page.source.text) if known else ():
            name = match["path"].rpartition("/")[2]
            if name in everywhere or page.mask[match.start()] != "\x00" or _is_made(page, name):
                continue
            if meant := _nearly(name, known):
                yield Diagnostic(
                    page.at(match.start("path")),
                    f"There is no file `{name}`; the one that this page has is `{meant}`.",
                    f"Write `{meant}`, or rename the file.",
                )


def _files_of(course: Course, page: Page) -> set[str]:
    """The names of the files that a page gives to its readers: of its exercises, shown as snippets, named often."""
    module = course.module_by_path.get(page.path)
    given = course.exercise_files.get(module.exercise_folder, []) if module else []
    shown = [snippet.path for snippet in page.snippets if any(f.endswith(snippet.path) for f in course.files)]
    often = Counter(match["path"] for match in _FILE.finditer(page.source.text))
    repeated = (path for path, count in often.items() if count > 1)
    return {path.rpartition("/")[2] for path in (*given, *shown, *repeated)}


def _is_made(page: Page, name: str) -> bool:
    """Whether the file may come into being: its name stands in code, or more than once in the text."""
    in_code = any(name in page.source.text[f.span.start : f.span.end] for f in page.fences)
    return in_code or page.source.text.count(name) > 1


def _nearly(name: str, known: Iterable[str]) -> str:
    """The one known name that differs by case, by `-` and `_`, or by one letter."""
    by_core: dict[str, set[str]] = defaultdict(set)
    for other in known:
        by_core[re.sub(r"[-_]", "", other).lower()].add(other)
    core = re.sub(r"[-_]", "", name).lower()
    close = by_core.get(core) or {o for c, names in by_core.items() if _one_letter_apart(c, core) for o in names}
    return close.pop() if len(close) == 1 else ""


def _one_letter_apart(one: str, other: str) -> bool:
    if abs(len(one) - len(other)) > 1 or len(one) < 8 or re.sub(r"\d", "", one) == re.sub(r"\d", "", other):
        return False
    if sorted(one) == sorted(other):  # two letters exchanged
        return sum(a != b for a, b in zip(one, other, strict=True)) == 2
    if one.replace("s.", ".") == other.replace("s.", "."):
        return False  # a plural is another file
    same = sum(block.size for block in SequenceMatcher(None, one, other, autojunk=False).get_matching_blocks())
    return same >= max(len(one), len(other)) - 1
