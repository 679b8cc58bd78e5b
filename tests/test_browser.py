"""What students do on the site, in a real browser. (Each test has a browser profile of its own.)"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from browser import PATIENCE, chromium, expect, playwright, served
from coursekit.load import load
from coursekit.offline import offline
from site_builds import ROOT, build, copy_course, set_address

MODULE = "s1_development_environment/command_line/"
FORBIDDEN = """for (const name of ["localStorage", "sessionStorage"]) Object.defineProperty(window, name, {
  configurable: true, get() { throw new DOMException("no", "SecurityError") } })"""
FULL = "Storage.prototype.setItem = () => { throw new DOMException('full', 'QuotaExceededError') }"


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with playwright.sync_playwright() as engine:
        # The sandbox needs rights that containers do not have, and the only site opened is ours.
        opened = engine.chromium.launch(executable_path=chromium(), args=["--no-sandbox"])
        yield opened
        opened.close()


@pytest.fixture(scope="module", params=["full loads", "instant"])
def site(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The course's site, as it is and with Material's instant navigation."""
    folder = tmp_path_factory.mktemp("browser")
    course = copy_course(ROOT, folder / "course")
    root = folder / "served"
    root.mkdir()
    with served(root) as host:
        address = host + "below/"
        set_address(course, address, request.param == "instant")
        build(course, root / "below")
        yield address


@pytest.fixture
def context(browser: Any) -> Iterator[Any]:
    """A profile of its own; any error of a script on any of its pages fails the test."""
    opened = browser.new_context()
    opened.set_default_timeout(PATIENCE)
    errors: list[str] = []
    opened.on("weberror", lambda error: errors.append(f"{error.error.stack}"))
    yield opened
    opened.close()
    assert errors == []


@pytest.fixture
def page(context: Any) -> Any:
    return context.new_page()


def _done(page: Any) -> dict[str, str]:
    return dict(page.evaluate("coursekit.store.all()"))


def _ticks(page: Any) -> Any:
    return page.locator(".ck-tick input")


def test_a_ticked_exercise_is_there_after_a_reload_and_counts_everywhere(page: Any, site: str) -> None:
    page.goto(site + MODULE)
    total = page.evaluate("document.querySelectorAll('.ck-exercise, .ck-question').length")
    _ticks(page).nth(0).check()
    expect(page.locator(".ck-header .ck-bar")).to_have_text(f"1 of {total} done")
    page.reload()
    expect(_ticks(page).nth(0)).to_be_checked()
    expect(_ticks(page).nth(1)).not_to_be_checked()
    expect(page.locator(f".md-sidebar [data-ck-module=command_line] >> text=1/{total}").first).to_be_attached()
    page.goto(site)
    following = page.evaluate("coursekit.modules[0].exercises[1]")
    expect(page.locator(".ck-continue a")).to_have_attribute("href", re.compile(f"{MODULE}#{following}$"))
    page.locator(".ck-continue a").click()
    expect(page).to_have_url(f"{site}{MODULE}#{following}")
    _ticks(page).nth(0).uncheck()
    assert _done(page) == {}


def test_going_to_another_page_by_a_link_keeps_everything_working(page: Any, site: str) -> None:
    page.goto(site)
    page.locator(".ck-sessions a").first.click()
    page.wait_for_selector(".ck-header")
    page.locator(".ck-card-title a").first.click()
    page.wait_for_selector(".ck-tick")
    expect(_ticks(page)).to_have_count(page.locator("h3.ck-exercise").count())
    _ticks(page).nth(2).check()
    page.go_back()
    expect(page.locator(".ck-cards .ck-bar").first).to_have_text(re.compile("^1 of "))


def test_saved_progress_is_loaded_elsewhere_and_adds(page: Any, browser: Any, site: str, tmp_path: Path) -> None:
    page.goto(site + MODULE)
    _ticks(page).nth(0).check()
    page.goto(site + "progress/")
    with page.expect_download() as download:
        page.get_by_role("button", name="Save to a file").click()
    saved = tmp_path / "progress.json"
    download.value.save_as(saved)
    first = json.loads(saved.read_text(encoding="utf-8"))["done"]
    assert len(first) == 1

    other = browser.new_context()
    elsewhere = other.new_page()
    elsewhere.goto(site + MODULE)
    _ticks(elsewhere).nth(1).check()
    elsewhere.goto(site + "progress/")
    elsewhere.set_input_files("input[type=file]", saved)
    elsewhere.wait_for_selector(".ck-verdict:has-text('1 added')")
    assert len(_done(elsewhere)) == 2
    other.close()


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("{not json", "damaged"),
        ('"text"', "no progress file"),
        ("null", "no progress file"),
        ('{"format": "coursekit progress", "version": 2}', "newer version"),
        ('{"format": "coursekit progress", "version": 1, "course": "Cooking", "done": {}}', "another course, Cooking"),
        ('{"format": "coursekit progress", "version": 1, "course": "COURSE", "done": [1]}', "list of tasks is damaged"),
        (
            '{"format": "coursekit progress", "version": 1, "course": "COURSE", '
            '"done": {"git/read": "2026-11-23", "git": "x"}}',
            "list of tasks is damaged",
        ),
    ],
)
def test_a_file_that_is_not_ours_is_refused_and_nothing_lost(page: Any, site: str, text: str, reason: str) -> None:
    page.goto(site + MODULE)
    _ticks(page).nth(0).check()
    before = _done(page)
    page.goto(site + "progress/")
    content = text.replace("COURSE", page.evaluate("coursekit.course")).encode()
    page.set_input_files("input[type=file]", {"name": "mine.json", "mimeType": "application/json", "buffer": content})
    verdict = page.locator(".ck-own .ck-verdict")
    expect(verdict).to_contain_text(reason)
    expect(verdict).to_contain_text("Nothing has been changed")
    assert _done(page) == before


def test_clearing_asks_first(page: Any, site: str) -> None:
    page.goto(site + MODULE)
    _ticks(page).nth(0).check()
    page.goto(site + "progress/")
    page.once("dialog", lambda dialog: dialog.dismiss())
    page.locator("[data-ck-do=clear]").click()
    assert len(_done(page)) == 1
    page.once("dialog", lambda dialog: dialog.accept())
    page.locator("[data-ck-do=clear]").click()
    assert _done(page) == {}


def test_two_tabs_see_each_other_and_overwrite_nothing(context: Any, site: str) -> None:
    one, two = context.new_page(), context.new_page()
    one.goto(site + MODULE)
    two.goto(site + MODULE)
    _ticks(one).nth(0).check()
    _ticks(two).nth(1).check()
    expect(one.locator(".ck-tick :checked")).to_have_count(2)
    assert len(_done(one)) == 2


@pytest.mark.parametrize(("fault", "words"), [(FORBIDDEN, "forbids"), (FULL, "full")], ids=["forbidden", "full"])
def test_without_storage_the_page_works_and_says_so(context: Any, site: str, fault: str, words: str) -> None:
    context.add_init_script(fault)
    page = context.new_page()
    page.goto(site + MODULE)
    expect(page.locator(".ck-header .ck-bar")).to_contain_text(words)
    page.locator(".ck-options label").first.click()
    page.locator(".ck-check").first.click()
    expect(page.locator("details.ck-answer").first).to_be_visible()
    page.goto(site + "progress/")
    expect(page.locator(".ck-off")).to_contain_text(words)


def test_a_question_is_answered_by_keyboard(page: Any, site: str) -> None:
    page.goto(site + MODULE)
    expect(page.locator("details.ck-answer:visible")).to_have_count(0)
    expect(page.locator(".ck-options :checked")).to_have_count(0)
    key = page.locator("h3.ck-question").first.get_attribute("data-ck-key")
    right = page.evaluate("[...document.querySelectorAll('.ck-options')[0].querySelectorAll('input')].length")
    options = page.get_by_role("radiogroup").first
    assert options.get_attribute("aria-label").endswith("?")
    options.get_by_role("radio").first.focus()
    verdicts = []
    for _ in range(right):
        page.keyboard.press("Space")
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        verdicts.append(page.locator(".ck-quiz .ck-verdict").first.inner_text())
        page.keyboard.press("Shift+Tab")
        page.keyboard.press("ArrowDown")
    assert key
    assert verdicts.count("Right.") == 1
    expect(page.locator("details.ck-answer[open]")).to_have_count(1)
    assert len(_done(page)) == 1


def test_without_javascript_everything_can_be_read(browser: Any, site: str) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(site + MODULE)
    assert page.locator("details.ck-answer").count() == page.locator("h3.ck-question").count() > 0
    page.locator("details.ck-answer summary").first.click()
    expect(page.locator("details.ck-answer p").first).to_be_visible()
    expect(page.locator(".ck-check, .ck-tick")).to_have_count(0)
    page.goto(site + "progress/")
    expect(page.locator(".ck-off")).to_contain_text("has not run it")
    context.close()


def test_a_page_is_copied_as_markdown(browser: Any, site: str) -> None:
    context = browser.new_context(permissions=["clipboard-read", "clipboard-write"])
    page = context.new_page()
    page.goto(site)
    page.locator(".ck-sessions a").first.click()
    page.wait_for_selector(".ck-header")
    page.locator(".ck-card-title a").first.click()
    page.wait_for_selector(".ck-tick")
    page.get_by_role("button", name="Copy as Markdown").click()
    page.wait_for_selector(".ck-page-links [role=status]:has-text('Copied')")
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied.startswith("# M1 The command line\n")
    assert copied == page.request.get(f"{site}{MODULE}index.md").text()
    context.close()


def test_a_copy_that_fails_is_said(browser: Any, site: str) -> None:
    context = browser.new_context(permissions=["clipboard-read", "clipboard-write"])
    page = context.new_page()
    page.route("**/index.md", lambda route: route.fulfill(status=404))
    page.goto(site + MODULE)
    page.get_by_role("button", name="Copy as Markdown").click()
    page.wait_for_selector(".ck-page-links [role=status]:has-text('Not copied')")
    expect(page.locator("[data-ck-copy]")).to_have_attribute("href", re.compile(r"index\.md$"))
    context.close()


def test_what_is_printed_is_chosen_with_boxes(browser: Any, site: str) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(site + "print.html")
    hint, solutions = page.locator(".ck-hint").first, page.locator(".ck-later").first
    expect(hint).to_be_visible()
    expect(solutions).to_be_visible()
    page.get_by_label("solutions and answers").uncheck()
    expect(hint).to_be_visible()
    expect(solutions).to_be_hidden()
    page.get_by_label("hints").uncheck()
    expect(hint).to_be_hidden()
    page.emulate_media(media="print")
    expect(page.locator("form")).to_be_hidden()
    assert page.locator(".tabbed-block").count() == page.locator(".tabbed-block:visible").count() > 0
    context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_printed_page_is_text_on_white(browser: Any, site: str, scheme: str) -> None:
    context = browser.new_context(color_scheme=scheme)
    page = context.new_page()
    page.goto(site + MODULE)
    page.emulate_media(media="print", color_scheme=scheme)
    for chrome in (".md-header", ".md-tabs", ".md-sidebar", ".md-footer", ".ck-page-links", ".ck-tick", ".ck-check"):
        assert page.locator(chrome).count() > 0, chrome
        assert page.locator(f"{chrome}:visible").count() == 0, chrome
    colour = "(name) => getComputedStyle(document.querySelector(name)).color"
    for text in (".md-typeset", ".md-typeset h1", ".md-typeset pre > code", ".ck-exercise"):
        red, green, blue = (int(n) for n in re.findall(r"\d+", page.evaluate(colour, text))[:3])
        assert red + green + blue < 300, text
    context.close()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> str:
    made = tmp_path_factory.mktemp("offline") / "the course"  # a space, as in many a student's folder
    offline(load(ROOT), made)
    return made.as_uri() + "/"


def test_the_folder_works_from_disk(context: Any, folder: str) -> None:
    page = context.new_page()
    problems: list[str] = []
    page.on("console", lambda message: problems.append(message.text) if message.type == "error" else None)
    page.on("requestfailed", lambda request: problems.append(f"{request.failure}: {request.url}"))
    page.on("request", lambda request: problems.append(request.url) if request.url.startswith("http") else None)
    page.goto(folder + "index.html")
    page.locator(".ck-sessions a").first.click()
    page.locator(".ck-card-title a").first.click()
    expect(page).to_have_url(f"{folder}{MODULE.rstrip('/')}.html")
    _ticks(page).nth(0).check()
    page.reload()
    expect(_ticks(page).nth(0)).to_be_checked()
    expect(page.get_by_role("button", name="Copy as Markdown")).to_have_count(0)
    expect(page.locator("[data-ck-copy]")).to_be_visible()
    following = page.evaluate("coursekit.modules[0].exercises[1]")
    page.locator(".md-logo:visible").first.click()
    expect(page).to_have_url(folder + "index.html")
    expect(page.locator(".ck-continue a")).to_have_attribute("href", re.compile(f"#{following}$"))
    page.locator(".ck-continue a").click()
    expect(page).to_have_url(f"{folder}{MODULE.rstrip('/')}.html#{following}")
    expect(page.locator(f"#{following}")).to_be_visible()
    page.locator(".ck-options").first.get_by_role("radio").first.check(force=True)
    page.locator(".ck-check").first.click()
    expect(page.locator(".ck-verdict").first).not_to_be_empty()
    page.goto(folder + "index.html")
    page.locator(".tabbed-labels label").nth(1).click()
    page.locator(".tabbed-block").nth(1).wait_for(state="visible")
    scheme = page.locator("body").get_attribute("data-md-color-scheme")
    page.locator(".md-header__option label:visible").click()
    expect(page.locator("body")).not_to_have_attribute("data-md-color-scheme", scheme)
    page.goto(folder + "print.html")
    page.locator(".ck-contents a >> text=The command line").click()
    expect(page).to_have_url(f"{folder}print.html#{MODULE.rstrip('/')}")
    # A page that is left while it loads gives its requests up.
    assert [problem for problem in problems if not problem.startswith("net::ERR_ABORTED")] == []
