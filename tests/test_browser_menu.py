"""The menu of a narrow window – a phone, or a laptop at 200 % – by keyboard, and the width that pages get there."""
# ruff: noqa: F811 (a test takes fixtures by their names)

from __future__ import annotations

from typing import Any

import pytest

from browser import expect
from test_browser import MODULE, browser, context, page, site  # noqa: F401  (fixtures)

PLACE = """() => { const focused = document.activeElement, box = focused.getBoundingClientRect();
  return [focused.closest(".md-sidebar--primary") !== null, box.left >= 0 && box.right <= innerWidth] }"""
ZOOMED = {"width": 720, "height": 450}  # a laptop's window at 200 %


@pytest.fixture
def narrow(page: Any, site: str) -> Any:
    page.emulate_media(reduced_motion="reduce")
    page.set_viewport_size(ZOOMED)
    page.goto(site + MODULE)
    return page


def test_a_closed_menu_is_out_of_reach(narrow: Any) -> None:
    expect(narrow.get_by_role("button", name="Menu")).to_have_attribute("aria-expanded", "false")
    places = []
    for _ in range(12):
        narrow.keyboard.press("Tab")
        places.append(narrow.evaluate(PLACE))
    assert [in_menu for in_menu, _ in places] == [False] * 12
    assert [seen for _, seen in places[1:]] == [True] * 11  # the first one, to the content, slides in


def test_the_menu_opens_and_closes_by_keyboard(narrow: Any) -> None:
    button = narrow.get_by_role("button", name="Menu")
    button.focus()
    narrow.keyboard.press("Enter")
    expect(button).to_have_attribute("aria-expanded", "true")
    expect(narrow.locator(".md-sidebar--primary :focus")).to_be_in_viewport()
    narrow.keyboard.press("Tab")
    expect(narrow.locator(".md-sidebar--primary :focus")).to_be_in_viewport()
    narrow.keyboard.press("Escape")
    expect(button).to_be_focused()
    expect(button).to_have_attribute("aria-expanded", "false")
    expect(narrow.locator(".md-sidebar--primary")).not_to_be_visible()


def test_the_menu_leads_up_and_down_by_keyboard(narrow: Any) -> None:
    narrow.get_by_role("button", name="Menu").press("Enter")
    up = narrow.locator(".md-sidebar--primary label.md-nav__title:focus")
    levels = 0
    while up.count():
        up.press("Enter")
        levels += 1
        expect(narrow.locator(".md-sidebar--primary :focus")).to_be_in_viewport()
    assert levels
    focused = narrow.locator(".md-sidebar--primary label.md-nav__link:focus")
    expect(focused).to_have_count(1)
    focused.press("Enter")
    expect(up).to_be_in_viewport()


def test_whoever_leaves_the_menu_closes_it(narrow: Any) -> None:
    button = narrow.get_by_role("button", name="Menu")
    button.press("Enter")
    expect(button).to_have_attribute("aria-expanded", "true")
    narrow.locator("article a").first.focus()
    expect(button).to_have_attribute("aria-expanded", "false")


def test_a_link_of_the_menu_can_be_followed(narrow: Any) -> None:
    narrow.get_by_role("button", name="Menu").click()
    link = narrow.locator(".md-sidebar--primary a:visible", has_text="Environments and packages")
    link.first.click()
    expect(narrow.locator("h1")).to_contain_text("Environments and packages")
    expect(narrow.get_by_role("button", name="Menu")).to_have_attribute("aria-expanded", "false")


def test_a_wide_window_has_no_button(page: Any, site: str) -> None:
    page.goto(site + MODULE)
    expect(page.locator(".ck-menu")).not_to_be_visible()
    expect(page.locator(".md-sidebar--primary")).to_be_visible()


def test_what_has_been_done_fits_a_phone(page: Any, site: str) -> None:
    page.set_viewport_size({"width": 360, "height": 740})
    page.goto(site + "progress/")
    table = page.locator(".ck-own .ck-scroll")
    expect(table.locator("progress").first).to_be_visible()
    assert table.evaluate("(box) => box.scrollWidth <= box.clientWidth")
