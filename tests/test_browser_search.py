"""The search in a real browser: what it finds, when it loads, and that keys are enough."""
# ruff: noqa: F811 (a test takes fixtures by their names)

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from browser import expect
from site_builds import MINIMAL, build, copy_course
from test_browser import browser, context, page, site  # noqa: F401  (fixtures)

QUERIES = json.loads((Path(__file__).parent / "search_queries.json").read_text(encoding="utf-8"))
SPELLINGS = ["precommit", "pre commit", "pre-commit", "k8s", "dockerfile", "docker file", "wandb"]
LAZY = re.compile(r"search-index|search-ranking|minisearch|search_index|/workers/|lunr")
ASK = """async (query) => {
  const input = document.querySelector(".ck-search [role=combobox]");
  input.value = query;
  input.dispatchEvent(new Event("input", { bubbles: true }));
  await new Promise((resolve) => setTimeout(resolve));
  return [...document.querySelectorAll(".ck-found:not(.ck-found-more)")].map((found) => found.href);
}"""


def _open(page: Any) -> Any:
    page.wait_for_load_state()  # before it, a click that leads here may find a page without its scripts
    page.locator(".ck-search-open").click()
    return page.get_by_role("combobox", name="Search the course")


def _search(page: Any, query: str) -> Any:
    _open(page).fill(query)
    page.wait_for_selector(".ck-found")
    return page.get_by_role("option")


def _rank(page: Any, site: str, query: str, expected: str) -> int:
    """The place of the expected page among those found, from 1; 0 where it is not among the first ten."""
    found = [unquote(address.removeprefix(site.rstrip("/"))) for address in page.evaluate(ASK, query)]
    return next((place for place, path in enumerate(found, 1) if re.search(expected, path)), 0)


def test_students_find_the_right_page_first(page: Any, site: str) -> None:
    page.goto(site)
    _search(page, "git")
    ranks = {case["q"]: _rank(page, site, case["q"], case["expect"]) for case in QUERIES}
    assert len(ranks) == len(QUERIES) >= 60
    assert {query: rank for query, rank in ranks.items() if query in SPELLINGS} == dict.fromkeys(SPELLINGS, 1)
    below = {query: rank for query, rank in ranks.items() if rank != 1}
    assert len(below) <= 0.15 * len(ranks), below
    assert len([rank for rank in ranks.values() if not 1 <= rank <= 3]) <= 0.05 * len(ranks), below


def test_nothing_is_loaded_before_the_search_is_reached_for(page: Any, site: str) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(site, wait_until="networkidle")
    assert [url for url in asked if LAZY.search(url)] == []
    with page.expect_request(LAZY):
        page.locator(".ck-search-open").hover()
    _search(page, "docker")
    assert len([url for url in asked if LAZY.search(url)]) == 3
    assert {url for url in asked if not url.startswith(site)} == set()


def test_keys_are_enough(page: Any, site: str) -> None:
    page.goto(site)
    page.keyboard.press("/")
    box = page.get_by_role("combobox", name="Search the course")
    expect(box).to_be_focused()
    expect(box).to_have_attribute("aria-expanded", "false")
    page.keyboard.type("git rebase")
    page.wait_for_selector(".ck-found")
    expect(box).to_have_attribute("aria-expanded", "true")
    selected = page.locator("[role=option][aria-selected=true]")
    expect(box).to_have_attribute("aria-activedescendant", "ck-search-0")
    expect(selected).to_have_id("ck-search-0")
    page.keyboard.press("ArrowDown")
    expect(box).to_have_attribute("aria-activedescendant", "ck-search-1")
    expect(selected).to_have_id("ck-search-1")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowUp")
    expect(selected).to_have_id(page.get_by_role("option").last.get_attribute("id"))
    page.keyboard.press("ArrowDown")
    expect(selected).to_have_id("ck-search-0")
    address = selected.get_attribute("href")
    page.keyboard.press("Enter")
    expect(page).to_have_url(address)
    expect(page.locator("dialog.ck-search")).to_be_hidden()


def test_escape_closes_it_and_the_focus_returns(page: Any, site: str) -> None:
    page.goto(site)
    opener = page.locator(".ck-search-open")
    opener.focus()
    page.keyboard.press("Enter")
    page.keyboard.type("uv")
    page.wait_for_selector(".ck-found")
    page.keyboard.press("Escape")
    expect(page.locator("dialog.ck-search")).to_be_hidden()
    expect(opener).to_be_focused()
    page.keyboard.press("Control+k")
    expect(page.locator("dialog.ck-search")).to_be_visible()


def test_a_letter_typed_elsewhere_is_a_letter_and_the_key_can_be_turned_off(page: Any, site: str) -> None:
    page.goto(site + "overview/")
    page.locator("#ck-filter-text").press("/")
    expect(page.locator("#ck-filter-text")).to_have_value("/")
    expect(page.locator("dialog.ck-search")).to_be_hidden()
    _open(page)
    page.locator(".ck-search-key").uncheck()
    page.keyboard.press("Escape")
    page.reload()
    page.keyboard.press("/")
    expect(page.locator("dialog.ck-search")).to_be_hidden()
    _open(page)
    expect(page.locator(".ck-search-key")).not_to_be_checked()


def test_results_say_where_they_lead(page: Any, site: str) -> None:
    page.goto(site)
    first = _search(page, "undo three mistakes").first
    expect(first.locator(".ck-number")).to_have_text("M5")
    expect(first.locator(".ck-badge")).to_have_text(["Core"])
    expect(first.locator(".ck-found-section")).to_have_text("Undo three mistakes")
    assert first.locator("mark").all_inner_texts()[:3] == ["Undo", "three", "mistakes"]
    assert page.evaluate(ASK, "kubernetes")
    draft = page.get_by_role("option").first
    expect(draft.locator(".ck-badge")).to_have_text(["Core", "In preparation"])
    status = page.locator(".ck-search-status")
    expect(status).to_have_text(re.compile(r"^\d+ pages? found"))
    page.get_by_role("combobox", name="Search the course").fill("qqqqqqqq")
    expect(status).to_contain_text("Nothing found")
    expect(page.get_by_role("option")).to_have_count(0)


def test_after_a_link_to_another_page_it_still_works(page: Any, site: str) -> None:
    page.goto(site)
    page.locator(".ck-sessions a").first.click()
    page.wait_for_selector(".ck-header")
    _search(page, "docker").first.click()
    expect(page).to_have_url(re.compile("/containers/"))
    expect(page.locator("h1")).to_contain_text("Containers")
    _search(page, "git").first.click()
    expect(page.locator("h1")).to_contain_text("Git and collaboration")


def test_without_a_network_it_says_so_and_tries_again(page: Any, site: str) -> None:
    page.goto(site)
    page.route(LAZY, lambda route: route.abort())
    _open(page).fill("git")
    expect(page.locator(".ck-search-status")).to_contain_text("could not be loaded")
    page.unroute(LAZY)
    page.get_by_role("combobox", name="Search the course").fill("docker")
    page.wait_for_selector(".ck-found")


def test_it_works_from_a_folder_on_disk(page: Any, tmp_path: Path) -> None:
    built = tmp_path / "site"
    build(copy_course(MINIMAL, tmp_path / "course"), built)
    page.goto((built / "index.html").as_uri())
    address = _search(page, "first").first.get_attribute("href")
    page.keyboard.press("Enter")
    expect(page).to_have_url(address)
    assert address == (built / "s1_start/first/index.html").as_uri()


def test_without_javascript_the_overview_stands_in_its_place(browser: Any, site: str) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(site + "s2_organisation_and_version_control/git/")
    expect(page.locator(".ck-search-open")).to_be_hidden()
    page.get_by_role("link", name="All modules").first.click()
    expect(page).to_have_url(site + "overview/")
    context.close()


TERM = ".ck-term[href$='#upstream']"
GIT = "s2_organisation_and_version_control/git/"


def test_a_term_says_what_it_means_to_keys_and_to_the_mouse(page: Any, site: str) -> None:
    page.goto(site + GIT)
    term = page.locator(TERM)
    tip = page.get_by_role("tooltip")
    term.hover()
    expect(tip).to_have_text(re.compile("^The remote branch that a plain"))
    tip.hover()  # it stays while it is read
    page.wait_for_timeout(400)
    expect(tip).to_be_visible()
    page.keyboard.press("Escape")
    expect(tip).to_be_hidden()
    term.focus()
    expect(tip).to_be_visible()
    expect(term).to_have_attribute("aria-describedby", tip.get_attribute("id"))
    page.keyboard.press("Tab")
    expect(tip).to_be_hidden()
    expect(term).not_to_have_attribute("aria-describedby", re.compile(""))
    term.press("Enter")
    expect(page).to_have_url(site + "glossary/#upstream")
    expect(page.locator("dt#upstream")).to_be_in_viewport()


def test_a_tap_explains_a_term_and_a_second_one_follows_it(browser: Any, site: str) -> None:
    context = browser.new_context(viewport={"width": 360, "height": 740}, has_touch=True, is_mobile=True)
    page = context.new_page()
    page.goto(site + GIT)
    term = page.locator(TERM)
    tip = page.get_by_role("tooltip")
    term.tap()
    expect(tip).to_be_visible()
    expect(page).to_have_url(site + GIT)
    box = tip.bounding_box()
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 360
    page.locator("h1").tap()
    expect(tip).to_be_hidden()
    term.tap()
    term.tap()
    expect(page).to_have_url(site + "glossary/#upstream")
    context.close()


def test_without_javascript_a_term_is_a_link_to_the_glossary(browser: Any, site: str) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(site + GIT)
    page.locator(TERM).click()
    expect(page).to_have_url(site + "glossary/#upstream")
    context.close()
