"""Dockerfiles, workflows and configuration files on pages: would their tools take them as they are meant?"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import partial

from ..code import codes
from ..diagnostic import Diagnostic
from ..model import Course
from ..rule import rule
from ..syntax import dockerfile, schemas, workflow
from .code import contradiction, judged, plain
from .programs import shown

_DOCKERFILE = re.compile(r"(?:^|/)(?:[\w-]+\.)?Dockerfile(?:\.[\w-]+)?$|\.dockerfile$", re.I)


@rule("C831")
def broken_dockerfile(course: Course) -> Iterator[Diagnostic]:
    """A Dockerfile has an instruction that a build stops at, or that means something else than it seems to.

    Looked at are unknown instructions, missing arguments, a `\\` that is missing or too many, lists in the wrong
    quotes, comments behind instructions, blanks around `=`, and `apt-get install` without lists or answers.

    Bad:

        ### CONTRIBUTING.md
        # Contributing

        ```dockerfile
        FROM python:3.12-slim
        COPY requirements.txt
        CMD ['python', 'main.py']
        ```

    Good:

        ### CONTRIBUTING.md
        # Contributing

        ```dockerfile
        FROM python:3.12-slim
        COPY requirements.txt .
        CMD ["python", "main.py"]
        ```
    """
    for code in codes(course):
        named = code.language == "dockerfile" or _DOCKERFILE.search(code.title)
        if named and code.certain and "-8<-" not in code.text and not contradiction(code):
            yield from map(partial(shown, code), dockerfile.faults(plain(code).rstrip("\n")))


@rule("C832")
def name_missing_in_workflow(course: Course) -> Iterator[Diagnostic]:
    """A GitHub workflow refers to a job, a step or a matrix variable that it does not have, or an expression is broken.

    It parses, and the value is silently empty when it runs.

    Bad:

        ### CONTRIBUTING.md
        # Contributing

        ```yaml
        on: push
        jobs:
          test:
            runs-on: ubuntu-24.04
            strategy:
              matrix:
                python: ["3.12", "3.13"]
            steps:
              - run: python${{ matrix.version }} -m pytest
        ```

    Good:

        ### CONTRIBUTING.md
        # Contributing

        ```yaml
        on: push
        jobs:
          test:
            runs-on: ubuntu-24.04
            strategy:
              matrix:
                python: ["3.12", "3.13"]
            steps:
              - run: python${{ matrix.python }} -m pytest
        ```
    """
    for code, text in judged(course, "yaml"):
        if any(key in text for key in ("jobs:", "uses:", "run:")) and "-8<-" not in text:
            yield from map(partial(shown, code), workflow.faults(text))


@rule("C833", needs="jsonschema")
def schema_violated(course: Course) -> Iterator[Diagnostic]:
    """A workflow, compose, pre-commit, Cloud Build or Dependabot file has what its tool does not take.

    It is YAML, and yet the tool refuses it or leaves a part out. What a file is for is seen from its title
    or from its keys.

    Bad:

        ### CONTRIBUTING.md
        # Contributing

        ```yaml
        on: push
        jobs:
          test:
            runs_on: ubuntu-24.04
            steps:
              - run: pytest
        ```

    Good:

        ### CONTRIBUTING.md
        # Contributing

        ```yaml
        on: push
        jobs:
          test:
            runs-on: ubuntu-24.04
            steps:
              - run: pytest
        ```
    """
    for code, text in judged(course, "yaml"):
        yield from map(partial(shown, code), schemas.faults(code.title, text))
