"""Python and data on pages: does it parse, and has it all it needs?"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import partial

from ..code import Code, codes
from ..diagnostic import Diagnostic
from ..model import Course, Page
from ..rule import rule
from ..syntax import Fault, data, python
from .code import judged, plain

_IMPORTED = re.compile(r"^[ \t>]*(?:>>> |\.\.\. )?(?:import|from)[ \t]+(?P<what>[^\n#]+)", re.M)
_EXCERPT = re.compile(r"import \*|\A# \S*/\S+\.py\b|^(?:# ?)?(?:\.\.\.|…)|^# ?(?:Before|Old|Deprecated)\b", re.M)
_NAME = re.compile(r"[A-Za-z_]\w*")


def shown(code: Code, fault: Fault) -> Diagnostic:
    """A fault of a block as a diagnostic at its place in the file."""
    return Diagnostic(code.at(fault.line, fault.column), fault.message, fault.hint)


@rule("C811")
def broken_python(course: Course) -> Iterator[Diagnostic]:
    """A block of Python is neither a program nor a piece of one.

    Whoever pastes it gets a `SyntaxError`. Pieces are fine: a method alone, arguments, a decorator, `...` for
    what is left out, prompts, IPython's `%` and `!`, and `<placeholders>`.

    Bad:

        ### CONTRIBUTING.md
        # Contributing

        ```python
        def area(width, height)
            return width * height
        ```

    Good:

        ### CONTRIBUTING.md
        # Contributing

        ```python
        def area(width, height):
            return width * height
        ```
    """
    for code, text in judged(course, "python", "pycon"):
        yield from map(partial(shown, code), python.faults(text))


@rule("C812")
def broken_data(course: Course) -> Iterator[Diagnostic]:
    """A block of YAML, JSON or TOML does not parse, or gives a key twice.

    The program that it is meant for stops, or, with a key that stands twice, silently takes the last one.
    Pieces, several documents, elision by `...`, templates and JSON with comments are fine.

    Bad:

        ### CONTRIBUTING.md
        # Contributing

        ```yaml
        name: Tests
        on: push
          branches: [main]
        ```

    Good:

        ### CONTRIBUTING.md
        # Contributing

        ```yaml
        name: Tests
        on:
          push:
            branches: [main]
        ```
    """
    for code, text in judged(course, "yaml", "json", "toml"):
        yield from map(partial(shown, code), data.faults(code.language, text))


@rule("C813")
def import_missing(course: Course) -> Iterator[Diagnostic]:
    """A block begins with its imports and uses a well-known module that nothing on the page imports.

    Whoever runs it gets a `NameError`. Only names that everybody gives to the same thing are looked at (`np`,
    `plt`, `torch`, `os`), and blocks without imports are taken for pieces.

    Bad:

        ### CONTRIBUTING.md
        # Contributing

        ```python
        import torch

        print(np.mean([1, 2]), torch.__version__)
        ```

    Good:

        ### CONTRIBUTING.md
        # Contributing

        ```python
        import numpy as np
        import torch

        print(np.mean([1, 2]), torch.__version__)
        ```
    """
    for page in (*course.documents, *course.pages):
        blocks = [code for code in page.code if code.language in ("python", "pycon")]
        trees = [(code, python.tree(plain(code))) for code in blocks if code.certain]
        if not any(found and python.imports(found) for _, found in trees):
            continue
        known = _known(page) | {name for _, found in trees if found for name in python.bound_names(found)}
        for code, found in trees:
            whole = found and python.imports(found) and not (code.snippets or _EXCERPT.search(code.text))
            if found and whole:
                yield from _unimported(code, found, known)  # once a page for each name: it is known then


def _known(page: Page) -> set[str]:
    """Names that some import on the page mentions, in whatever block."""
    return {name for match in _IMPORTED.finditer(page.source.text) for name in _NAME.findall(match["what"])}


def _unimported(code: Code, module: ast.Module, known: set[str]) -> Iterator[Diagnostic]:
    for name, line, column in sorted(python.used(module), key=lambda use: use[1:]):
        if name not in known:
            known.add(name)
            message = f"`{name}` is used, and nothing on this page imports it."
            how = python.MODULES.get(name) or python.NAMES[name]
            yield Diagnostic(code.at(line, column), message, f"Write `{how}` at the top.")


@rule("C815")
def misspelt_name(course: Course) -> Iterator[Diagnostic]:
    """A function uses a name that nothing on the page defines, and never uses its own that is spelt almost alike.

    Half of a renaming, or a slip of the pen: whoever runs it gets a `NameError`.

    Bad:

        ### CONTRIBUTING.md
        # Contributing

        ```python
        def size(path):
            content = path.read_bytes()
            return len(contents)
        ```

    Good:

        ### CONTRIBUTING.md
        # Contributing

        ```python
        def size(path):
            content = path.read_bytes()
            return len(content)
        ```
    """
    for page in (*course.documents, *course.pages):
        blocks = [code for code in page.code if code.language in ("python", "pycon")]
        trees = [(code, python.tree(plain(code))) for code in blocks]
        known = _known(page) | {name for _, found in trees if found for name in python.bound_names(found)}
        for code, found in trees:
            whole = python.parse(python.program(code.text)) if found and code.certain and "def " in code.text else None
            if isinstance(whole, ast.Module) and not code.snippets:
                for name, meant in python.misspelt(whole, known):
                    message = f"`{name.id}` is defined nowhere on this page, and `{meant}` is never used."
                    place = code.at(name.lineno, name.col_offset + 1)
                    yield Diagnostic(place, message, f"Write `{meant}` in both places.")


@rule("C814")
def lost_zero(course: Course) -> Iterator[Diagnostic]:
    """A version in YAML, such as `3.10` without quotes, is read as the number 3.1.

    A workflow then asks for Python 3.1.

    Bad:

        ### CONTRIBUTING.md
        # Contributing

        ```yaml
        with:
          python-version: 3.10
        ```

    Good:

        ### CONTRIBUTING.md
        # Contributing

        ```yaml
        with:
          python-version: "3.10"
        ```
    """
    for code in codes(course):
        if code.language == "yaml" and code.certain and re.search(r"\d\.\d*0\b", code.text):
            found = data.nodes(code.text)
            taken = data.dedented(code.text)
            for node in (zero for root in found for zero in data.lost_zeros(root)) if isinstance(found, list) else ():
                message = f"The version `{node.value}` is read as the number {float(node.value):g}."
                place = code.at(node.start_mark.line + 1, node.start_mark.column + 1 + taken)
                yield Diagnostic(place, message, f'Write `"{node.value}"`, in quotes.')
