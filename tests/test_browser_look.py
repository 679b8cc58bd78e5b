"""How the site looks and behaves in a real browser: schemes, tabs, copying, width, quiet, and what axe finds."""
# ruff: noqa: F811 (a test takes fixtures by their names)

from __future__ import annotations

import re
import urllib.request
from typing import Any

import pytest

from browser import expect, wait_until
from test_browser import MODULE, browser, context, page, site  # noqa: F401  (fixtures)

axe = pytest.importorskip("axe_playwright_python.base", reason="`python3 tools/dev.py browser` installs axe")

ONCE = pytest.mark.parametrize("site", ["full loads"], indirect=True)
PHONE = {"width": 360, "height": 740}
DESKTOP = {"width": 1440, "height": 900}
TABBED = "s1_development_environment/environments/"
KINDS = (
    "",
    "s1_development_environment/",
    MODULE,
    "s9_scalable_applications/data_loading/",
    "overview/",
    "path/",
    "timeplan/",
    "progress/",
    "exam/",
    "glossary/",
    "instructors/checks/",
)
OPEN = "document.querySelectorAll('details').forEach((fold) => (fold.open = true))"
CHOSEN = """(name) => {
  const labels = [...document.querySelectorAll(".tabbed-labels label")].filter((it) => it.textContent.trim() === name);
  return labels.length > 0 && labels.every((it) => document.getElementById(it.htmlFor).checked);
}"""
SHIFTS = """window.shifts = []; new PerformanceObserver((list) => { for (const entry of list.getEntries())
  window.shifts.push(`${entry.value} ${entry.sources.map((source) => source.node?.className)}`)
}).observe({ type: "layout-shift", buffered: true })"""
THROUGH = """async () => { for (let y = 0; y < document.body.scrollHeight; y += innerHeight / 2) {
  scrollTo(0, y); await new Promise((resolve) => requestAnimationFrame(resolve)) } }"""
RULES = {
    "runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]},
    "rules": {"target-size": {"enabled": True}},
    "resultTypes": ["violations"],
}


def _pages(site: str) -> list[str]:
    """The pages of the site map, from the site's root."""
    with urllib.request.urlopen(site + "sitemap.xml") as answer:
        addresses = re.findall(r"<loc>([^<]*)</loc>", answer.read().decode())
    root = min(addresses, key=len)
    return [address.removeprefix(root) for address in addresses]


def _expect_scheme(page: Any, name: str) -> None:
    expect(page.locator("body")).to_have_attribute("data-md-color-scheme", name)


def _expect_chosen(page: Any, name: str) -> None:
    """Each set of tabs that has one of this name shows it, and nothing else."""
    wait_until(page, CHOSEN, name)
    expect(page.locator(".tabbed-block:visible")).to_have_count(page.locator(".tabbed-set:visible").count())


def test_the_scheme_is_kept(page: Any, site: str) -> None:
    page.goto(site)
    _expect_scheme(page, "default")
    page.get_by_title("Switch to the dark scheme").click()
    _expect_scheme(page, "slate")
    page.reload()
    _expect_scheme(page, "slate")
    page.locator(".ck-sessions a").first.click()
    page.wait_for_selector(".ck-header")
    _expect_scheme(page, "slate")
    page.get_by_label("Switch to the light scheme").focus()
    page.keyboard.press("Enter")
    _expect_scheme(page, "default")


def test_the_system_chooses_the_scheme_at_first(browser: Any, site: str) -> None:
    opened = browser.new_context(color_scheme="dark")
    dark = opened.new_page()
    dark.goto(site)
    _expect_scheme(dark, "slate")
    opened.close()


def test_a_copy_holds_the_commands_and_nothing_else(context: Any, page: Any, site: str) -> None:
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.goto(site + MODULE)
    session = page.locator("pre:has(> code > .gp)").first
    shown = session.inner_text()
    session.hover()
    session.locator("[data-md-type=copy]").click()
    page.wait_for_selector(".md-dialog--active")
    copied = page.evaluate("navigator.clipboard.readText()")
    assert "$ " in shown
    assert copied.split("\n") == [line[2:] for line in shown.split("\n") if line.startswith("$ ")]


def test_a_copy_of_a_file_is_the_file(context: Any, page: Any, site: str) -> None:
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.goto(site + "s1_development_environment/pytorch/")
    page.evaluate(OPEN)
    block = page.locator(".highlight:has(> .filename) pre").first
    block.locator("[data-md-type=copy]").click()
    page.wait_for_selector(".md-dialog--active")
    assert page.evaluate("navigator.clipboard.readText()") == block.locator("code").text_content().rstrip()


def test_tabs_stay_chosen_on_other_pages_and_after_a_reload(page: Any, site: str) -> None:
    page.goto(site + TABBED)
    assert not page.evaluate(CHOSEN, "Windows")
    page.locator(".tabbed-labels label", has_text="Windows").first.click()
    _expect_chosen(page, "Windows")
    page.reload()
    _expect_chosen(page, "Windows")
    page.locator(".md-footer__link--next").click()
    expect(page).not_to_have_url(site + TABBED)
    page.goto(site + MODULE)
    _expect_chosen(page, "Windows")


@ONCE
def test_without_javascript_nothing_is_shown_that_needs_it(browser: Any, site: str) -> None:
    opened = browser.new_context(java_script_enabled=False)
    plain = opened.new_page()
    for address in (MODULE, "overview/", ""):
        plain.goto(site + address)
        for needy in (
            ".ck-filter",
            ".ck-tick",
            ".ck-bar",
            ".ck-check",
            ".md-code__button",
            "[for^=__palette]",
            ".md-top",
        ):
            assert plain.locator(needy).locator("visible=true").count() == 0, f"{address} {needy}"
    assert plain.locator(".ck-continue a").get_attribute("href").startswith("s1_")
    plain.goto(site + MODULE)
    fold = plain.locator("details.ck-solution").first
    fold.locator("summary").click()
    expect(fold.locator(".highlight").first).to_be_visible()
    tabs = plain.locator(".tabbed-set").first
    tabs.locator("label", has_text="Windows").click()
    expect(tabs.locator(".tabbed-block").last).to_be_visible()
    opened.close()


def test_closed_folds_are_found_by_the_browsers_own_search(page: Any, site: str) -> None:
    """They are not laid out while the page loads; afterwards the browser may look into them."""
    page.goto(site + MODULE)
    page.wait_for_selector("html.ck-loaded", state="attached")
    assert page.locator("details.ck-solution > p").first.evaluate("(it) => getComputedStyle(it).display") == "block"


@ONCE
def test_no_page_is_wider_than_a_phone(browser: Any, site: str) -> None:
    opened = browser.new_context(viewport=PHONE, is_mobile=True, has_touch=True)
    phone = opened.new_page()
    pages = _pages(site)
    assert set(KINDS) - {"s9_scalable_applications/data_loading/"} <= set(pages)
    wide = {}
    for address in pages:
        phone.goto(site + address)
        phone.evaluate(OPEN)
        width = phone.evaluate("document.scrollingElement.scrollWidth")
        if width > PHONE["width"]:
            wide[address] = width
    assert wide == {}
    opened.close()


@ONCE
@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_nothing_moves_while_a_page_is_read(browser: Any, site: str, size: dict[str, int]) -> None:
    opened = browser.new_context(viewport=size)
    still = opened.new_page()
    still.add_init_script(SHIFTS)
    moved = {}
    for address in KINDS:
        still.goto(site + address)
        still.evaluate(THROUGH)
        if shifts := still.evaluate("window.shifts"):
            moved[address] = shifts
    assert moved == {}
    opened.close()


@ONCE
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_axe_finds_nothing(browser: Any, site: str, scheme: str, size: dict[str, int]) -> None:
    # Colours that are still changing would be measured on their way; the site heeds who wants no motion.
    opened = browser.new_context(viewport=size, color_scheme=scheme, reduced_motion="reduce")
    checked = opened.new_page()
    found = {}
    for address in KINDS:
        checked.goto(site + address)
        checked.evaluate(OPEN)
        checked.evaluate(axe.AXE_FILE_PATH.read_text(encoding="utf-8"))
        result = checked.evaluate("(rules) => axe.run(document, rules)", RULES)
        assert len(result["passes"]) > 10
        for violation in result["violations"]:
            found[f"{address} {violation['id']}"] = [node["html"] for node in violation["nodes"]]
    assert found == {}
    opened.close()
