"""Set up and run, with nothing but Python and pip: `python3 tools/dev.py serve`, `python3 tools/dev.py test`.

Makes a virtual environment, installs what the project pins and the project itself into it, does so again only
when one of them has changed, and then runs a command there. In `.venv`, with the hashed `requirements.txt`:

    serve    build the site, serve it on this machine and rebuild it as files change
    build    build the site into site/, warnings are errors
    offline  build it as a folder that works from disk: `offline DIR`, or `offline FILE.zip`
    test     run the tests (further arguments go to pytest)
    check    course check: is the course consistent?
    course … any other command of `course`
    ruff …   the linter and formatter of the Python code
    mypy     its type checker

In `.venv-browser`, with `requirements-browser.txt` in addition:

    browser  run the tests that need a browser, on the Chromium of the system

In `.venv-exercises`, with `requirements-exercises.txt`, which holds what the exercises use:

    exercises  only make it, and say how to use it
    verify …   course verify: run the code of the pages and the exercises
               (`verify --newest` does so with the newest releases, in `.venv-newest`)

It uses the standard library only. Where Debian's Python comes without `ensurepip` (package python3-venv), it lets
the system's pip install into the environment from outside, which Debian allows.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import re
import subprocess
import sys
from dataclasses import dataclass, replace
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
NEWEST = "--newest"
Command = list[str | Path]


@dataclass(frozen=True)
class Environment:
    """A virtual environment of this project.

    Args:
        name: Its folder, below the root.
        requirements: The file that says what is in it.
        installs: The arguments of one `pip install` after the other; `{requirements}` stands for that file.
        needs: What to expect of the set-up.
        newest: Whether pins (`==`) are read as lower bounds, so that each set-up takes what is newest now.
    """

    name: str
    requirements: str
    installs: tuple[tuple[str, ...], ...]
    needs: str
    newest: bool = False

    @property
    def folder(self) -> Path:
        return ROOT / self.name

    @property
    def bin(self) -> Path:
        return self.folder / ("Scripts" if os.name == "nt" else "bin")

    @property
    def python(self) -> Path:
        return self.bin / ("python.exe" if os.name == "nt" else "python")

    @property
    def stamp(self) -> Path:
        """Holds the fingerprint of what was installed."""
        return self.folder / "installed.sha256"

    def fingerprint(self) -> str:
        """Changes when the environment has to be made anew."""
        included = re.findall(r"(?m)^-r (\S+)", (ROOT / self.requirements).read_text(encoding="utf-8"))
        files = (self.requirements, *included, "pyproject.toml")
        whole = hashlib.sha256(b"".join((ROOT / name).read_bytes() for name in files))
        whole.update(str(ROOT).encode())  # an editable install names its folder: a moved clone needs a new one
        return whole.hexdigest()

    def is_current(self) -> bool:
        made = self.python.exists() and self.stamp.exists()
        return made and not self.newest and self.stamp.read_text() == self.fingerprint()


SITE = Environment(
    ".venv",
    "requirements.txt",
    (
        ("--require-hashes", "-r", "{requirements}"),
        ("--no-deps", "--no-build-isolation", "--editable", "."),
    ),
    "about a minute",
)
BROWSER = replace(SITE, name=".venv-browser", requirements="requirements-browser.txt")
EXERCISES = Environment(
    ".venv-exercises",
    "requirements-exercises.txt",
    (("-r", "{requirements}", "--editable", ".[run]"),),
    "a few minutes, 2 GB",
)
NEWEST_EXERCISES = replace(EXERCISES, name=".venv-newest", newest=True)

COMMANDS: dict[str, tuple[Environment, list[str]]] = {
    "serve": (SITE, ["-m", "mkdocs", "serve"]),
    "build": (SITE, ["-m", "mkdocs", "build", "--strict"]),
    "offline": (SITE, ["-m", "coursekit", "offline"]),
    "test": (SITE, ["-m", "pytest"]),
    "browser": (BROWSER, ["-m", "pytest", *sorted(str(path) for path in (ROOT / "tests").glob("test_browser*.py"))]),
    "check": (SITE, ["-m", "coursekit", "check"]),
    "course": (SITE, ["-m", "coursekit"]),
    "ruff": (SITE, ["-m", "ruff"]),
    "mypy": (SITE, ["-m", "mypy"]),
    "exercises": (EXERCISES, ["-c", "import sys; print(sys.argv[1])"]),
    "verify": (EXERCISES, ["-m", "coursekit", "verify"]),
}


def main(arguments: list[str]) -> int:
    """Run one of the commands above and return its exit code."""
    if not arguments or arguments[0] not in COMMANDS:
        print(__doc__, file=sys.stderr)
        return 2
    if sys.version_info < (3, 11):  # noqa: UP036 - whoever has an older one runs this too
        print(f"Python 3.11 or newer is needed; this is {sys.version.split()[0]}.", file=sys.stderr)
        return 2
    environment, command = resolve(arguments)
    try:
        prepare(environment)
    except subprocess.CalledProcessError as error:
        print(f"\nThe set-up failed in this step:\n  {' '.join(map(str, error.cmd))}", file=sys.stderr)
        print("Mend what it says above and run the command again; it goes on from there.", file=sys.stderr)
        return 1
    variables = os.environ | {"NO_MKDOCS_2_WARNING": "1", "DISABLE_MKDOCS_2_WARNING": "true"}
    try:
        return run([environment.python, *command], cwd=ROOT, env=variables, check=False)
    except KeyboardInterrupt:
        return 130


def resolve(arguments: list[str]) -> tuple[Environment, list[str]]:
    """The environment in which a command runs, and what Python is told there."""
    name, *rest = arguments
    environment, command = COMMANDS[name]
    if name == "verify" and NEWEST in rest:
        return NEWEST_EXERCISES, [*command, *(word for word in rest if word != NEWEST)]
    if name == "exercises":
        return environment, [*command, how_to_use(environment)]
    return environment, [*command, *rest]


def how_to_use(environment: Environment) -> str:
    if os.name == "nt":
        return f"Ready. To use it in this terminal: {environment.bin}\\Activate.ps1"
    return f'Ready. To use it in this terminal: source "{environment.bin}/activate"'


def prepare(environment: Environment) -> None:
    """Make or renew an environment where it does not match the project."""
    if environment.is_current():
        return
    print(f"Setting up {environment.name} (once; {environment.needs}) …", flush=True)
    pip = make(environment)
    requirements = required(environment)
    for arguments in environment.installs:
        run(
            [*pip, "install", "-qq", *(word.format(requirements=requirements) for word in arguments)],
            cwd=ROOT,
        )
    environment.stamp.write_text(environment.fingerprint())


def required(environment: Environment) -> Path:
    """The file of requirements that is installed: as committed, or a copy with its pins loosened."""
    committed = ROOT / environment.requirements
    if not environment.newest:
        return committed
    copy = environment.folder / "newest.txt"
    copy.write_text(loosened(committed.read_text(encoding="utf-8")), encoding="utf-8")
    return copy


def make(environment: Environment) -> Command:
    """Make an empty environment and return the pip command that installs into it."""
    pip: Command = [sys.executable, "-m", "pip", "--python", environment.python]
    inside = importlib.util.find_spec("ensurepip") is not None
    run([sys.executable, "-m", "venv", "--clear", *([] if inside else ["--without-pip"]), environment.folder])
    return [environment.python, "-m", "pip"] if inside else pip


def loosened(requirements: str) -> str:
    """Requirements with every pin made a lower bound.

    Without a bound, an index that has nothing that fits falls back to ancient releases, and says nothing.

    >>> loosened("torch==2.13.0  # S1\\nsybil>=10,<11")
    'torch>=2.13.0  # S1\\nsybil>=10,<11'
    """
    return re.sub(r"(?m)^([^#\s]*?)==", r"\1>=", requirements)


def run(command: Command, check: bool = True, **options: object) -> int:
    return subprocess.run(command, check=check, **options).returncode  # type: ignore[call-overload,no-any-return]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
