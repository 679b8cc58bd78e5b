"""The navigation: which pages the site lists, in which order, and under which names."""

from __future__ import annotations

from typing import Any

from markupsafe import escape

from .model import Course, Module, Page, Session


def navigation(course: Course) -> list[Any]:
    """The value of MkDocs' `nav`: the course's own pages, every session with its modules, then the folders of docs/."""
    docs = course.settings.docs_dir
    top = course.page_by_path.get(f"{docs}/index.md")
    names = top.value("pages", ()) if top else ()
    pages = [
        f"{docs}/index.md",
        *(f"{docs}/{n}.md" for n in names if f"{docs}/{n}.md" in course.page_by_path),
    ]
    nav: list[Any] = [{"Course": [_entry(course, path) for path in pages if path in course.page_by_path]}]
    nav.append({"Sessions": [_session_entry(course, session) for session in course.sessions]})
    for name in names:
        index = course.page_by_path.get(f"{docs}/{name}/index.md")
        if index:
            inside = [f"{docs}/{name}/{n}.md" for n in index.value("pages", ())]
            entries = [_entry(course, p) for p in [index.path, *inside] if p in course.page_by_path]
            nav.append({title(course, index): entries})
    return [section for section in nav if all(section.values())]


def _entry(course: Course, path: str) -> dict[str, str]:
    return {title(course, course.page_by_path[path]): path}


def _session_entry(course: Course, session: Session) -> dict[str, list[Any]]:
    pages = [session.page, *(module.page for module in session.modules)]
    return {title(course, session.page): [_entry(course, p.path) for p in pages if p.path in course.page_by_path]}


def title(course: Course, page: Page) -> str:
    """Number and title, escaped and marked so: the theme escapes it in some places and not in others."""
    item: Module | Session | None = course.module_by_path.get(page.path) or course.session_by_path.get(page.path)
    return escape(f"{item.label} {page.title}" if item else page.title)
