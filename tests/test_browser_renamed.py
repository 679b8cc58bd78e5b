"""What becomes of a student's progress when the course is edited: renamed, reordered and deleted tasks and modules."""
# ruff: noqa: F811 (a test takes fixtures by their names)

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from browser import expect, served
from coursekit.__main__ import main
from site_builds import ROOT, build, copy_course, set_address
from test_browser import browser, context, page  # noqa: F401  (fixtures)

FOLDER = "s1_development_environment"
TASKS = ("largest-file", "count-labels", "three-exit-codes")


@dataclass
class Editions:
    """The same course before and after an edit, at one address."""

    host: str
    root: Path

    def show(self, edition: str) -> str:
        (self.root / "now").unlink(missing_ok=True)
        (self.root / "now").symlink_to(self.root / edition)
        return f"{self.host}now/"


@pytest.fixture(scope="module")
def editions(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Editions]:
    folder = tmp_path_factory.mktemp("renamed")
    root = folder / "served"
    root.mkdir()
    with served(root) as host:
        course = copy_course(ROOT, folder / "course")
        set_address(course, f"{host}now/", False)
        build(course, root / "before")
        _edit(course / FOLDER / "command_line.md")
        build(course, root / "edited")
        assert main(["move", "command_line", "--name", "shell", "--write", "--root", str(course)]) == 0
        build(course, root / "renamed")
        yield Editions(host, root)


def _edit(page: Path) -> None:
    """Rename the first exercise, move it behind the second, and delete the third."""
    text = page.read_text(encoding="utf-8")
    first, second, third = (f"<!-- id: {task} -->" for task in TASKS)
    before, *parts = re.split(r"^(?=###? )", text, flags=re.M)
    one = next(part for part in parts if first in part)
    two = next(part for part in parts if second in part)
    changed = [part for part in parts if part is not one and third not in part]
    changed.insert(changed.index(two) + 1, re.sub(r"\A### .* \(", "### Another title (", one))
    page.write_text(before + "".join(changed), encoding="utf-8")


@pytest.fixture
def visitor(page: Any) -> Any:
    """A browser that keeps what a page stores, and asks for every file anew."""
    page.route("**/*", lambda route: route.continue_())  # Playwright then turns the cache off
    return page


def _tick_two(page: Any, address: str) -> None:
    page.goto(f"{address}{FOLDER}/command_line/")
    for task in (TASKS[0], TASKS[2]):
        page.locator(f"#{task} + .ck-tick input").check()


def test_what_is_done_survives_an_edit_of_the_page(visitor: Any, editions: Editions) -> None:
    _tick_two(visitor, editions.show("before"))
    visitor.goto(f"{editions.show('edited')}{FOLDER}/command_line/")
    expect(visitor.locator("#largest-file")).to_contain_text("Another title")
    expect(visitor.locator("#largest-file + .ck-tick input")).to_be_checked()
    expect(visitor.locator("#count-labels + .ck-tick input")).not_to_be_checked()
    expect(visitor.locator(f"#{TASKS[2]}")).to_have_count(0)
    expect(visitor.locator(".ck-header .ck-bar")).to_contain_text("1 of 10 done")
    visitor.goto(f"{editions.show('before')}{FOLDER}/command_line/")  # it comes back: nothing was forgotten
    expect(visitor.locator(f"#{TASKS[2]} + .ck-tick input")).to_be_checked()


def test_what_is_done_survives_a_renaming_of_the_module(visitor: Any, editions: Editions) -> None:
    _tick_two(visitor, editions.show("before"))
    address = editions.show("renamed")
    visitor.goto(address)
    expect(visitor.locator(".ck-continue a")).to_have_attribute("href", re.compile(r"/shell/#count-labels$"))
    visitor.goto(f"{address}{FOLDER}/shell/")
    box = visitor.locator("#largest-file + .ck-tick input")
    expect(box).to_be_checked()
    box.uncheck()
    visitor.reload()
    expect(box).not_to_be_checked()


def test_a_file_saved_before_the_renaming_can_be_loaded(visitor: Any, editions: Editions) -> None:
    visitor.goto(f"{editions.show('renamed')}progress/")
    done = {f"command_line/{TASKS[0]}": "2026-11-01T10:00:00.000Z", "gone/long-ago": "2026-11-01T10:00:00.000Z"}
    course = visitor.evaluate("coursekit.course")
    saved = json.dumps({"format": "coursekit progress", "version": 1, "course": course, "done": done})
    visitor.locator("input[type=file]").set_input_files(
        {"name": "old.json", "mimeType": "application/json", "buffer": saved.encode()}
    )
    expect(visitor.locator("[role=status]", has_text="2 added")).to_be_visible()
    expect(visitor.locator("[data-ck-module=shell]").last).to_contain_text("1 of 10 done")
