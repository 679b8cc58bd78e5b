"""Commands on pages: do they survive being pasted into a shell?"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import partial

from ..code import Code, codes
from ..diagnostic import Diagnostic, Edit, Fix
from ..model import Course, Location, Page
from ..rule import rule
from ..syntax import Fault, shell
from ..syntax.detect import is_shell
from .code import judged, plain
from .programs import shown

_BLANKS_BEHIND = re.compile(r"(?<!\\)\\([ \t]+)$")
_ADDS = (re.compile(r"install(?P<what>[ \t][^\n`|;&#)]*)"), re.compile(r"add(?P<what>[ \t][^\n`|;&#)]*)"))
_WITH_WHAT = (re.compile(r"\b(?:pip3?|pipx)[ \t]+$"), re.compile(r"\b(?:uv|poetry)[ \t]+$"))
_OPTION_LINE = re.compile(r"^[ \t]*-[^\n]*\n", re.M)
_REQUIREMENT = re.compile(r"^[ \t]*(?P<name>[A-Za-z][\w.-]*)(?:\[[\w,-]+\])?[ \t]*(?:[=<>~!]=?.*)?$", re.M)
_WORD = re.compile(r"(?<=[ \t])[\"']?(?P<name>[A-Za-z][\w.-]*)(?=[\"'\[=<>~!\s]|$)")
_WITH_VALUE = re.compile(
    r"[ \t](?:-[rceift]|--[a-z-]*(?:url|links|requirement|constraint|editable|target|group|extra|index))[ \t=]+\S+"
)
_WARNS = re.compile(r"\b(?:not|never|don't|deprecated|instead|wrong|old|confus\w+|careful|mistake)\b", re.I)
PACKAGES = {  # what is imported, or called so by people → what is installed
    "sklearn": "scikit-learn",
    "pytorch": "torch",
    "opencv": "opencv-python",
    "cv2": "opencv-python",
    "yaml": "pyyaml",
    "pil": "pillow",
    "dotenv": "python-dotenv",
    "skimage": "scikit-image",
    "dateutil": "python-dateutil",
    "hydra": "hydra-core",
    "multipart": "python-multipart",
    "prometheus": "prometheus-client",
    "prometheus_client_python": "prometheus-client",
    "git": "gitpython",
    "faiss": "faiss-cpu",
    "usb": "pyusb",
    "attr": "attrs",
    "docx": "python-docx",
    "slugify": "python-slugify",
    "tensorflow-lite": "tflite-runtime",
    "google-cloud": "google-cloud-storage, or what else is meant",
}


@rule("C821", fixable=True)
def broken_continuation(course: Course) -> Iterator[Diagnostic]:
    """A command over several lines falls apart when it is pasted.

    A `\\` continues a line only as its very last character; without one, the next line is a command of its own.

    Bad:

        ### CONTRIBUTING.md
        # Contributing

        ```bash
        docker run --rm \\\x20
          --publish 8000:8000 site
        ```

    Good:

        ### CONTRIBUTING.md
        # Contributing

        ```bash
        docker run --rm \\
          --publish 8000:8000 site
        ```
    """
    for code in codes(course):
        if not code.certain:
            continue
        text = plain(code)
        faults: Iterator[Fault] = iter(())
        if code.language in shell.SHELLS or (
            code.fence.info in ("", "text", "txt") and is_shell(_OPTION_LINE.sub("", text))
        ):
            faults = shell.broken_continuations(text.removesuffix("\n"))
        elif code.language in shell.SESSIONS:
            faults = shell.broken_continuations(text.removesuffix("\n"), session=True)
        elif code.language in shell.WINDOWS:
            faults = shell.windows_continuations(text)
        for fault in faults:
            found = shown(code, fault)
            yield Diagnostic(found.location, found.message, found.hint, _without_blanks(code, fault))


def _without_blanks(code: Code, fault: Fault) -> Fix | None:
    if match := _BLANKS_BEHIND.search(code.lines[fault.line - 1].text):
        start = code.lines[fault.line - 1].offset
        edit = Edit(code.page.path, start + match.start(1), start + match.end(1), "")
        return Fix("delete the blanks behind `\\`", (edit,)) if fault.message.startswith("Blanks") else None
    return None


@rule("C822")
def unfinished_command(course: Course) -> Iterator[Diagnostic]:
    """A quote, a loop, an `if` or a `case` in a script is never closed.

    The shell waits for the rest, and takes all that is pasted next for a part of it.

    Bad:

        ### CONTRIBUTING.md
        # Contributing

        ```bash
        git commit -m "Add the figure
        git push
        ```

    Good:

        ### CONTRIBUTING.md
        # Contributing

        ```bash
        git commit -m "Add the figure"
        git push
        ```
    """
    for code, text in judged(course, *shell.SHELLS):
        yield from map(partial(shown, code), (*shell.open_quotes(text), *shell.open_commands(text)))


@rule("C823", fixable=True)
def prompt_in_commands(course: Course) -> Iterator[Diagnostic]:
    """Every command of a block begins with the shell's prompt, and no output is shown.

    The button that copies the block copies the prompts, too. A session with output is a block in `console`.

    Bad:

        ### CONTRIBUTING.md
        # Contributing

        ```bash
        $ mkdocs build
        $ mkdocs serve
        ```

    Good:

        ### CONTRIBUTING.md
        # Contributing

        ```bash
        mkdocs build
        mkdocs serve
        ```
    """
    for code in codes(course):
        found = shell.prompts(code.text) if code.certain and code.language in shell.SHELLS else []
        if found:
            places = [(code.lines[line - 1].offset, start, end) for line, start, end in found]
            edits = tuple(Edit(code.page.path, at + start, at + end, "") for at, start, end in places)
            line, start, end = found[0]
            prompt = code.lines[line - 1].text[start:end].strip()
            message = f"The commands begin with the prompt `{prompt}`, which is copied with them."
            hint = "Leave it out, or show the output too, in a block in `console`."
            fix = Fix("take the prompts out", edits)
            yield Diagnostic(code.at(found[0][0]), message, hint, fix)


@rule("C824")
def wrong_package_name(course: Course) -> Iterator[Diagnostic]:
    """A package is installed by the name that it is imported by, which is another package or none.

    Bad names on the package index are a way to bring harm onto a machine. Only well-known ones are looked at.

    Bad:

        ### CONTRIBUTING.md
        # Contributing

        ```bash
        pip install sklearn
        ```

    Good:

        ### CONTRIBUTING.md
        # Contributing

        ```bash
        pip install scikit-learn
        ```
    """
    for page in (*course.documents, *course.pages):
        for place, name in _installed(page):
            if right := PACKAGES.get(name.lower()):
                yield Diagnostic(place, f"`{name}` is not the package that is meant.", f"Write `{right}`.")
        for code in page.code:
            if re.search(r"requirements[\w-]*\.txt$", code.title):
                for line in _REQUIREMENT.finditer(code.text):
                    if right := PACKAGES.get(line["name"].lower()):
                        at = code.at(code.text.count("\n", 0, line.start("name")) + 1)
                        yield Diagnostic(at, f"`{line['name']}` is not the package that is meant.", f"Write `{right}`.")


def _installed(page: Page) -> Iterator[tuple[Location, str]]:
    """The packages that commands install, on the whole page: in blocks and in running text."""
    text = page.source.text
    for adds, with_what in zip(_ADDS, _WITH_WHAT, strict=True):
        for match in adds.finditer(text):
            start, end = text.rfind("\n", 0, match.start()) + 1, text.find("\n", match.end())
            if not with_what.search(text, max(start, match.start() - 20), match.start()):
                continue
            if _WARNS.search(text, start, end if end >= 0 else len(text)):
                continue
            what = _WITH_VALUE.sub(lambda option: " " * len(option[0]), match["what"])
            for word in _WORD.finditer(what):
                yield page.at(match.start("what") + word.start("name")), word["name"]
