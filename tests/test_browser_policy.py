"""What the site may do in a real browser, and what it may not: its policy, other hosts, cookies; lost addresses."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from browser import PATIENCE, expect, served, wait_until
from site_builds import ROOT, build, copy_course, set_address
from test_browser import MODULE, browser  # noqa: F401  (a fixture)

ALIAS = "s1_once/shell"
PAGES = (
    "",
    "404.html",
    "path/",
    "progress/",
    "overview/",
    "instructors/checks/",
    MODULE,
    "s1_development_environment/",
)
RECORD = """addEventListener("securitypolicyviolation", (event) =>
  console.error("policy", event.violatedDirective, event.blockedURI, event.sourceFile, event.lineNumber))"""

HAS_SITEMAP = "performance.getEntriesByType('resource').some((entry) => entry.name.endsWith('/sitemap.xml'))"


@dataclass
class Published:
    """A built site on a server, as its address says."""

    folder: Path
    address: str
    is_instant: bool


@dataclass
class Watched:
    """A page of a browser with all that it asks for and complains of."""

    page: Any
    complaints: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)


@pytest.fixture(scope="module", params=["/", "/some/path/"], ids=["at the root", "instant, below a path"])
def site(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Published]:
    """The course's site with an old address: at the root of a host, and below a path with instant navigation."""
    folder = tmp_path_factory.mktemp("policy")
    course = copy_course(ROOT, folder / "course")
    page = course / f"{MODULE.rstrip('/')}.md"
    page.write_text(
        page.read_text(encoding="utf-8").replace("---\n", f"---\naliases: [{ALIAS}]\n", 1), encoding="utf-8"
    )
    is_instant = request.param != "/"
    root = folder / "served"
    target = root / request.param.strip("/")
    target.parent.mkdir(parents=True, exist_ok=True)
    with served(root) as host:
        address = host.rstrip("/") + request.param
        set_address(course, address, is_instant)
        build(course, target)
        yield Published(target, address, is_instant)


@pytest.fixture
def watched(browser: Any, site: Published) -> Iterator[Watched]:  # noqa: F811
    """A profile of its own, with dark colours for one of the sites."""
    context = browser.new_context(color_scheme="light" if site.is_instant else "dark")
    context.set_default_timeout(PATIENCE)
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    context.add_init_script(RECORD)
    found = Watched(context.new_page())
    found.page.on("console", lambda said: found.complaints.append(said.text) if said.type == "error" else None)
    found.page.on("pageerror", lambda error: found.complaints.append(str(error)))
    found.page.on("request", lambda asked: found.requests.append(asked.url))
    yield found
    context.close()


def test_pages_keep_to_the_policy_and_to_this_host_without_a_cookie(watched: Watched, site: Published) -> None:
    """One page of each kind and depth; `test_meta.py` shows that all have the same policy."""
    for page in PAGES:
        watched.page.goto(site.address + page)
        assert watched.page.evaluate("document.cookie") == ""
    assert watched.complaints == []
    assert [url for url in watched.requests if not url.startswith((site.address, "data:"))] == []
    assert watched.page.context.cookies() == []


@pytest.mark.parametrize("first", ["", "timeplan/", MODULE])
def test_everything_works_under_the_policy_of_the_page_opened_first(
    watched: Watched, site: Published, first: str
) -> None:
    """Under instant navigation that page's policy stays in force on pages of another depth."""
    page = watched.page
    page.goto(site.address + first)
    if site.is_instant:  # Material goes on without loading once it has read the list of pages
        wait_until(page, HAS_SITEMAP)
    page.evaluate("window.opened_first = true")
    for step in (step for step in ("", "timeplan/", "path/", MODULE) if page.url != site.address + step):
        page.evaluate("url => [...document.links].find((link) => link.href == url).click()", site.address + step)
        expect(page.locator("link[rel=canonical]")).to_have_attribute("href", site.address + step)
        page.wait_for_load_state()
    page.locator(".ck-tick input").first.check()
    page.locator(".ck-options label").first.click()
    page.locator(".ck-check").first.click()
    page.locator(".tabbed-labels label").nth(1).click()
    page.locator(".md-code__button, .md-clipboard").first.click()
    page.locator("[data-md-component=palette] label:visible").first.click()
    assert bool(page.evaluate("window.opened_first")) == site.is_instant
    assert watched.complaints == []


def test_a_planted_script_is_not_run(watched: Watched, site: Published) -> None:
    def plant(route: Any) -> None:
        answer = route.fetch()
        planted = '<script>window.planted = 1</script><img src="." onerror="window.planted = 2"></body>'
        route.fulfill(response=answer, body=answer.text().replace("</body>", planted))

    watched.page.route("**/faq/", plant)
    watched.page.goto(site.address + "faq/")
    watched.page.evaluate(
        "document.body.append(Object.assign(document.createElement('script'), {text: 'planted = 3'}))"
    )
    assert watched.page.evaluate("window.planted") is None
    assert sum(said.startswith("policy script-src") for said in watched.complaints) >= 3


def test_from_disk_the_policy_lets_everything_work(watched: Watched, site: Published) -> None:
    if site.is_instant:
        pytest.skip("instant navigation is not for pages from disk")
    page = watched.page
    page.goto((site.folder / MODULE / "index.html").as_uri())
    page.locator(".ck-tick input").first.check()
    assert page.evaluate("getComputedStyle(document.querySelector('.ck-header')).display") != ""
    assert [said for said in watched.complaints if said.startswith("policy")] == []


def test_an_old_address_leads_on_to_the_same_place(watched: Watched, site: Published) -> None:
    watched.page.goto(f"{site.address}{ALIAS}/?from=mail#count-labels")
    expect(watched.page).to_have_url(f"{site.address}{MODULE}?from=mail#count-labels")
    assert watched.complaints == []


def test_an_old_address_leads_on_without_javascript(browser: Any, site: Published) -> None:  # noqa: F811
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{site.address}{ALIAS}/")
    expect(page).to_have_url(site.address + MODULE)
    context.close()


@pytest.mark.parametrize(
    ("asked", "page"),
    [
        ("s1_development_environment/comand-line/", MODULE),
        ("S1_Development_Environment/command_line.html", MODULE),
        ("s1_once/shel", MODULE),
        ("time_plan", "timeplan/"),
        ("qqq/%E0%A4%A", ""),
    ],
)
def test_what_is_not_found_is_nearly_found(watched: Watched, site: Published, asked: str, page: str) -> None:
    answer = watched.page.goto(site.address + asked)
    assert answer.status == 404
    found = watched.page.eval_on_selector_all("#ck-nearest a", "links => links.map((link) => link.href)")
    assert found[:1] == ([site.address + page] if page else [])
    assert len(found) <= 3
    assert watched.page.locator("#ck-nearest").is_visible() == bool(page)
