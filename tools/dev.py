"""Set up and run, with nothing but Python and pip: `python3 tools/dev.py serve`, `python3 tools/dev.py test`.

Makes a virtual environment in `.venv`, installs the pinned and hashed `requirements.txt` and this project into it,
does so again only when one of them has changed, and then runs a command there:

    serve    build the site, serve it on this machine and rebuild it as files change
    build    build the site into site/, warnings are errors
    test     run the tests (further arguments go to pytest)
    check    course check: is the course consistent?
    course … any other command of `course`
    ruff …   the linter and formatter of the Python code
    mypy     its type checker

It uses the standard library only. Where Debian's Python comes without `ensurepip` (package python3-venv), it lets the
system's pip install into the environment from outside, which Debian allows.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
BIN = VENV / ("Scripts" if os.name == "nt" else "bin")
PYTHON = BIN / ("python.exe" if os.name == "nt" else "python")
STAMP = VENV / "installed.sha256"
COMMANDS = {
    "serve": ["-m", "mkdocs", "serve"],
    "build": ["-m", "mkdocs", "build", "--strict"],
    "test": ["-m", "pytest"],
    "check": ["-m", "coursekit", "check"],
    "course": ["-m", "coursekit"],
    "ruff": ["-m", "ruff"],
    "mypy": ["-m", "mypy"],
}


def main(arguments: list[str]) -> int:
    """Run one of the commands above and return its exit code."""
    if not arguments or arguments[0] not in COMMANDS:
        print(__doc__, file=sys.stderr)
        return 2
    if sys.version_info < (3, 11):
        print(f"Python 3.11 or newer is needed; this is {sys.version.split()[0]}.", file=sys.stderr)
        return 2
    try:
        prepare()
    except subprocess.CalledProcessError as error:
        print(f"\nThe set-up failed in this step:\n  {' '.join(map(str, error.cmd))}", file=sys.stderr)
        print("Mend what it says above and run the command again; it goes on from there.", file=sys.stderr)
        return 1
    environment = os.environ | {"NO_MKDOCS_2_WARNING": "1", "DISABLE_MKDOCS_2_WARNING": "true"}
    try:
        return run([PYTHON, *COMMANDS[arguments[0]], *arguments[1:]], cwd=ROOT, env=environment, check=False)
    except KeyboardInterrupt:
        return 130


def prepare() -> None:
    """Make or renew the environment where it does not match the project."""
    wanted = hashlib.sha256(b"".join((ROOT / name).read_bytes() for name in ("requirements.txt", "pyproject.toml")))
    wanted.update(str(ROOT).encode())  # an editable install names its folder: a moved clone needs a new one
    if PYTHON.exists() and STAMP.exists() and STAMP.read_text() == wanted.hexdigest():
        return
    print("Setting up .venv (once; about a minute) …", flush=True)
    pip = make_environment()
    run([*pip, "install", "--quiet", "--require-hashes", "-r", ROOT / "requirements.txt"])
    run([*pip, "install", "--quiet", "--no-deps", "--no-build-isolation", "--editable", ROOT])
    STAMP.write_text(wanted.hexdigest())


def make_environment() -> list[str | Path]:
    """Make `.venv` and return the pip command that installs into it."""
    pip: list[str | Path] = [sys.executable, "-m", "pip", "--python", PYTHON]
    inside = importlib.util.find_spec("ensurepip") is not None
    run([sys.executable, "-m", "venv", "--clear", *([] if inside else ["--without-pip"]), VENV])
    return [PYTHON, "-m", "pip"] if inside else pip


def run(command: list[str | Path], check: bool = True, **options: object) -> int:
    return subprocess.run(command, check=check, **options).returncode  # type: ignore[call-overload,no-any-return]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
