"""Random pages: nothing raises, every place is in its file, and fixes come to an end."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings

from coursekit.load import load
from coursekit.markdown import Scan
from coursekit.model import Course, Page, Source
from coursekit.prose import prose
from coursekit.rule import check
from courses import MINIMAL, once_fixed, write
from fragments import pages

FIRST = "s1_start/first.md"
HOME = "docs/index.md"
PLAIN = "site_name: Any\nmarkdown_extensions: [admonition, attr_list, footnotes, pymdownx.superfences]\n"
TOOLS = str(Path(__file__).resolve().parent.parent / "tools")
thorough = settings(  # the same pages in every run: what else is found by chance belongs into an `@example`
    max_examples=150, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@pytest.fixture
def course_of(tmp_path: Path) -> Callable[[str], Course]:
    """A course with this text as its home page and as a module."""
    root = write(tmp_path / "course", {})

    def made(text: str) -> Course:
        for path in (HOME, FIRST):
            (root / path).write_bytes(text.encode("utf-8", "surrogatepass"))
        return load(root)

    return made


@pytest.fixture
def site_of(tmp_path: Path) -> Callable[[str], Course]:
    """A site without sessions that consists of this page."""
    root = tmp_path / "site"
    (root / "docs" / "part").mkdir(parents=True)
    (root / "mkdocs.yml").write_text(PLAIN)

    def made(text: str) -> Course:
        for path in (HOME, "docs/part/page.md"):
            (root / path).write_bytes(text.encode("utf-8", "surrogatepass"))
        return load(root)

    return made


@thorough
@given(pages())
@example("\ufeff---\n")
@example("İ<pre>" * 3)
def test_a_scan_stays_within_the_text(text: str) -> None:
    scan = Scan(text)
    assert len(scan.mask) == len(text)
    page = Page(Source("a.md", text), mask=scan.mask)
    assert len(prose(page)) == len(text)
    placed = (*scan.headings, *scan.links, *scan.fences, *scan.folds, *scan.marks, *scan.snippets)
    spans = [item.span for item in placed] + [link.target_span for link in scan.links]
    assert all(0 <= span.start <= span.end <= len(text) for span in spans)


@thorough
@given(pages())
@example("## Knowledge check\n## Which?\n")  # a section without anything in it once raised
def test_no_rule_raises_and_every_place_is_in_its_file(
    course_of: Callable[[str], Course], site_of: Callable[[str], Course], text: str
) -> None:
    for made in (course_of(text), site_of(text)):
        for found in check(made):
            page = made.page_by_path.get(found.location.path)
            if page is not None:
                lines = page.source.text.split("\n")
                assert 1 <= found.location.line <= len(lines), found
                assert 1 <= found.location.column <= len(lines[found.location.line - 1]) + 1, found


@thorough
@given(pages())
def test_fixes_come_to_an_end(course_of: Callable[[str], Course], site_of: Callable[[str], Course], text: str) -> None:
    for made_of in (course_of, site_of):
        before, count = text, None
        for _ in range(20):
            course = made_of(before)
            after = once_fixed(course, HOME, check(course))
            if after == course.page_by_path[HOME].source.text:
                break
            fixable = sum(d.fix is not None for d in check(made_of(after)))
            assert count is None or fixable < count, (before, after)
            before, count = after, fixable
        else:
            raise AssertionError("fixing never ends")


PATHOLOGICAL = {
    "brackets": "[" * 100_000,
    "nested brackets": "[" * 50_000 + "a" + "]" * 50_000,
    "images": "![a](" * 100_000,
    "parentheses": "(" * 100_000,
    "one line of words": "word " * 200_000,
    "one line of one word": "the " * 250_000,
    "one word": "a" * 1_000_000,
    "backticks": "`" * 100_000 + "\n\n" + "` `` " * 50_000,
    "tags": "<pre " * 100_000 + "<svg>" * 50_000,
    "quotes": "> " * 100_000,
    "items": "\n".join(" " * depth + "- a" for depth in range(5_000)),
    "boxes": "\n".join("    " * depth + "!!! note\n" for depth in range(1_000)),
    "folds": "<details>\n" * 50_000,
    "nothing": "\x00" * 1_000_000,
    "blanks": " " * 500_000 + "x" + "\n \n" * 100_000,
    "references": "[a][b] " * 50_000 + "[^c] " * 50_000,
    "definitions": "".join(f"[{n}]: x\n" for n in range(10_000)),
    "headings": "# A\n" * 50_000,
    "dollars": "$ " * 200_000,
    "braces": "{ #" * 100_000,
    "addresses": "https://" * 50_000 + " " + "a." * 100_000 + "[x](" + "a." * 50_000 + ")",
    "dots": ("a." * 50_000 + " ") * 2,
    "colons": ":a" * 200_000,
    "snippets": '--8<-- "' * 50_000,
    "numbers": "### 1. A\n" * 20_000,
    "session": "it has " * 50_000,
}


@pytest.mark.parametrize("name", PATHOLOGICAL)
def test_no_text_keeps_the_checker_busy(tmp_path: Path, name: str) -> None:
    """A pattern that is not linear takes hours for one of these; the limit is far above what they need."""
    root = write(tmp_path, {})
    (root / HOME).write_text("# A\n\n" + PATHOLOGICAL[name] + "\n", encoding="utf-8")
    command = [sys.executable, "-m", "coursekit", "check", str(root), "--select", "C0,C1,C2,C3,C4,C5,C6,C9"]
    ended = subprocess.run(command, env={"PYTHONPATH": TOOLS}, capture_output=True, timeout=600, check=False)
    assert ended.returncode in (0, 1), ended.stderr[-2000:]


KILLED = """
import os, signal, sys
from pathlib import Path
from coursekit.fix import apply
from coursekit.load import load
from coursekit.rule import check
left = int(sys.argv[2])
def counted(function):
    def wrapped(*arguments, **options):
        global left
        left -= 1
        if left == 0:
            os.kill(os.getpid(), getattr(signal, "SIGKILL", signal.SIGTERM))
        return function(*arguments, **options)
    return wrapped
course = load(Path(sys.argv[1]))
found = check(course)
os.fsync, Path.replace, Path.open = counted(os.fsync), counted(Path.replace), counted(Path.open)
os.open = counted(os.open)
apply(course, found)
print("done")
"""


@pytest.mark.parametrize("moment", range(1, 11))
def test_a_fix_that_is_killed_leaves_every_file_old_or_new(tmp_path: Path, moment: int) -> None:
    faulty, mended = "# A\n\nIt is the the end.\n", "# A\n\nIt is the end.\n"
    names = ["README.md", "OTHER.md", "THIRD.md"]
    root = write(tmp_path, dict.fromkeys(names, faulty))
    command = [sys.executable, "-c", KILLED, str(root), str(moment)]
    ended = subprocess.run(command, env={"PYTHONPATH": TOOLS}, capture_output=True, timeout=120, check=False)
    texts = [(root / name).read_text("utf-8") for name in names]
    assert set(texts) <= {faulty, mended}
    assert (ended.returncode != 0) or texts == [mended] * 3, ended.stderr
    assert (MINIMAL / FIRST).read_bytes() == (root / FIRST).read_bytes()
