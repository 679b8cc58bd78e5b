"""How fast the checker is: `python tests/benchmark_check.py [FOLDER]`. Prints medians and ratios; asserts nothing.

1. `course check` of this course – the rules that read the source alone, all rules with every page rendered anew,
   with nothing changed since, and with one page changed – against `mkdocs build --strict` and markdownlint-cli2
   of the same pages. All of them from process start, in turn, so that a busy machine slows down all alike; what
   the processor worked for each is printed too, because that hardly depends on who else is working.
2. The same of FOLDER, a foreign site such as `tests/precision.py` takes; it is built with its own Markdown
   extensions but without its plugins, which are not installed here.
3. `course check` of synthetic courses of growing size: seconds and peak memory (POSIX only).

markdownlint-cli2 is installed by npm into `build/`, which Git ignores; without npm its part is left out.
"""

from __future__ import annotations

import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import yaml

from benchmark import BUILD, ENVIRONMENT, ROOT, ROUNDS
from coursekit import extensions
from coursekit.load import load
from coursekit.model import Course
from synthetic import write_course

CHECK = [sys.executable, "-m", "coursekit", "check"]
SOURCE_ONLY = ["--ignore", "C7"]  # the family that looks at rendered pages
LINTER = "markdownlint-cli2@0.18"
WANTED = {"source rules": 0.6, "all rules, cold": 4.0, "all rules, one page changed": 0.8}  # seconds, for this course
FINDINGS = (0, 1)  # exit codes of a checker that ran to its end


@dataclass(frozen=True, slots=True)
class Program:
    """A command to be timed, and what is to be done before each run of it."""

    label: str
    command: Sequence[str]
    folder: Path
    environment: Mapping[str, str] = field(default_factory=dict)
    before: Callable[[], object] = lambda: None


@dataclass(frozen=True, slots=True)
class Cost:
    """What one process took: seconds by the clock and of the processor, and memory in MB at most."""

    seconds: float
    processor: float
    megabytes: float


def run(program: Program) -> Cost:
    """Run it to its end; findings are no failure."""
    program.before()
    began = time.perf_counter()
    process = subprocess.Popen(
        program.command,
        cwd=program.folder,
        env=ENVIRONMENT | program.environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - began
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode not in FINDINGS:
        raise SystemExit(f"{' '.join(program.command)} ended with {process.returncode} in {program.folder}")
    megabytes = usage.ru_maxrss / (1024 if sys.platform != "darwin" else 1024**2)
    return Cost(seconds, usage.ru_utime + usage.ru_stime, megabytes)


def in_turn(programs: Sequence[Program]) -> None:
    """Print the medians of each, and how many times as fast as the first it is, round by round; one is not counted."""
    rounds = [[run(program) for program in programs] for _ in range(ROUNDS + 1)][1:]
    for index, program in enumerate(programs):
        seconds = statistics.median(costs[index].seconds for costs in rounds)
        processor = statistics.median(costs[index].processor for costs in rounds)
        ratio = statistics.median(costs[0].seconds / costs[index].seconds for costs in rounds)
        print(
            f"    {program.label:28} {seconds:6.2f} s, {processor:6.2f} s of the processor, {ratio:5.1f} times as fast"
        )


def checks(course: Path, scratch: Path) -> list[Program]:
    """The checker as it is used: the source alone, with an empty cache, a full one, and after a page was saved."""
    page = next(page for page in sorted((course / "docs").rglob("*.md")))
    cold, warm = scratch / "cold", scratch / "warm"

    def forget() -> None:
        shutil.rmtree(cold, ignore_errors=True)

    def save_a_page() -> None:
        with page.open("a", encoding="utf-8") as file:
            file.write("\nOne more line.\n")

    kept = {"COURSEKIT_CACHE": str(warm)}
    return [
        Program("source rules", [*CHECK, *SOURCE_ONLY], course, kept),
        Program("all rules, cold", CHECK, course, {"COURSEKIT_CACHE": str(cold)}, forget),
        Program("all rules, warm", CHECK, course, kept),
        Program("all rules, one page changed", CHECK, course, kept, save_a_page),
    ]


def linter(course: Course, folder: Path) -> list[Program]:
    """markdownlint-cli2 over the pages of the site; nothing where npm is missing."""
    tools = ROOT / "build" / "markdownlint"
    program = tools / "node_modules" / ".bin" / "markdownlint-cli2"
    if not program.exists():
        if not (npm := shutil.which("npm")):
            print("!! npm is not installed: nothing is compared with markdownlint-cli2", file=sys.stderr)
            return []
        tools.mkdir(parents=True, exist_ok=True)
        subprocess.run([npm, "install", "--no-audit", "--no-fund", "--prefix", str(tools), LINTER], check=True)
    return [Program("markdownlint-cli2", [str(program), *(page.path for page in course.pages)], folder)]


def copied(course: Course, target: Path) -> Path:
    """A copy of the course without what is not its own (`.git`, environments)."""
    for path in course.files:
        place = target / path
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(course.root / path, place)
    return target


def without_plugins(folder: Path) -> None:
    """Make a foreign site buildable with what is installed here: its Markdown extensions that we know, no plugins."""
    config = next(path for name in ("mkdocs.yml", "mkdocs.yaml") if (path := folder / name).is_file())
    settings = yaml.load(config.read_text(encoding="utf-8"), _Data)
    listed = extensions.configured(settings.get("markdown_extensions", []))
    settings["markdown_extensions"] = [name for name in listed if extensions.known(name) and "tabbed" not in name]
    settings["markdown_extensions"].append({"pymdownx.tabbed": {"alternate_style": True}})
    kept = {key: settings[key] for key in ("site_name", "docs_dir", "markdown_extensions") if key in settings}
    config.unlink()
    plain = kept | {"theme": {"name": "material", "font": False}, "plugins": ["search"]}
    (folder / "mkdocs.yml").write_text(yaml.safe_dump(plain), encoding="utf-8")


class _Data(yaml.SafeLoader):
    """Reads a configuration without running what it names."""


_Data.add_multi_constructor("", lambda loader, suffix, node: None)


def compared(folder: Path, scratch: Path, *, foreign: bool) -> None:
    """Time the checker on a copy of a site against those who read the same pages."""
    course = load(folder)
    copy = copied(course, scratch / "copy")
    if foreign:
        without_plugins(copy)
    words = sum(page.words for page in course.pages)
    print(f"{folder.name}: {len(course.pages)} pages, {words} words")
    site = ["--site-dir", str(scratch / "site")]
    build = Program("mkdocs build --strict", [*BUILD, "--strict", *site], copy)
    in_turn([build, *checks(copy, scratch), *linter(course, copy)])


def growth(scratch: Path) -> None:
    """Print how the time of the source rules grows with the course."""
    before = 0.0
    for modules in (250, 500, 1000):
        root = scratch / f"modules{modules}"
        write_course(root, modules)
        costs = [run(Program("source rules", [*CHECK, *SOURCE_ONLY], root)) for _ in range(3)]
        seconds = statistics.median(cost.processor for cost in costs)
        grown = f", {seconds / before:.2f} times that of half as many" if before else ""
        megabytes = max(cost.megabytes for cost in costs)
        print(f"source rules of {modules} modules: {seconds:.2f} s of the processor{grown}; {megabytes:.0f} MB")
        before = seconds
        shutil.rmtree(root)


def main() -> None:
    for label, seconds in WANTED.items():
        print(f"wanted for this course: {label} in {seconds} s or less")
    for folder in [ROOT, *(Path(argument).resolve() for argument in sys.argv[1:])]:
        with tempfile.TemporaryDirectory() as scratch:
            compared(folder, Path(scratch), foreign=folder != ROOT)
    with tempfile.TemporaryDirectory() as scratch:
        growth(Path(scratch))


if __name__ == "__main__":
    main()
