"""The course as plain text, for other programs: pages as Markdown that stands alone, and `llms.txt`, which lists them.

Pure functions but for the files that snippets name. The format of the list is that of <https://llmstxt.org>.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping

from .diagnostic import Edit, edited
from .model import Course, Module, Page, Snippet
from .paths import repository_url, resolve
from .render import hidden_edits, unticked
from .snippets import SnippetError, expanded

Address = Callable[[str], str]  # of a path from the root, as it is to be written; empty for what is not on the site
_AFTER_MARK = re.compile(r"[ \t]*(?:\r?\n){0,2}")
_NESTING = re.compile(r"[ \t>]*")
_MARKDOWN_INSIDE = " markdown"  # after `<details`: an instruction to the site


def plain_markdown(course: Course, page: Page, address: Address) -> str:
    """A page as its author wrote it, with numbers, whole addresses and the code of its snippets, without front matter.

    Args:
        course: The course.
        page: One of its pages.
        address: The addresses of pages and figures.
    """
    edits = [Edit(page.path, 0, page.body, ""), *_edits(course, page, address)]
    return edited(page.source.text, edits).replace("\r\n", "\n").strip("\ufeff\n") + "\n"


def _edits(course: Course, page: Page, address: Address) -> Iterator[Edit]:
    text = page.source.text
    module = course.module_by_path.get(page.path)
    hidden = {edit.start: edit for edit in hidden_edits(page)}
    yield from hidden.values()
    for heading, label in _labels(course, page).items():
        yield Edit(page.path, heading, heading, label + " ")
    for mark in page.marks:
        if mark.kind == "course":
            notice = f"*(Derived from the course; see {address(page.path)})*"
            yield Edit(page.path, mark.span.start, mark.span.end, notice)
        elif mark.span.start not in hidden:
            after = _AFTER_MARK.match(text, mark.span.end)
            yield Edit(page.path, mark.span.start, after.end() if after else mark.span.end, "")
    for fold in page.folds:
        start = fold.span.start + len("<details")
        if text.startswith(_MARKDOWN_INSIDE, start):
            yield Edit(page.path, start, start + len(_MARKDOWN_INSIDE), "")
    for snippet in page.snippets:
        yield Edit(page.path, snippet.span.start, snippet.span.end, _code(course, page, snippet))
    yield from _link_edits(course, page, address)
    yield from unticked(page, module)


def _labels(course: Course, page: Page) -> dict[int, str]:
    """The numbers of the page and its exercises, by where their headings begin."""
    module = course.module_by_path.get(page.path)
    item = module or course.session_by_path.get(page.path)
    labels = {h.content.start: item.label for h in page.headings[:1] if item and h.level == 1}
    for exercise in module.exercises if module else ():
        labels[exercise.heading.content.start] = f"{module.label}.{exercise.number}" if module else ""
    return labels


def _code(course: Course, page: Page, snippet: Snippet) -> str:
    line = page.source.text[snippet.span.start : snippet.span.end].rstrip("\r")
    nesting = _NESTING.match(line)
    prefix = nesting[0] if nesting else ""
    try:
        lines = expanded(line[len(prefix) :], page.at(snippet.span.start), course.root)
    except SnippetError:
        return line  # a rule says so
    return "\n".join(prefix + text for text, _ in lines)


def _link_edits(course: Course, page: Page, address: Address) -> Iterator[Edit]:
    done: set[int] = set()  # several references may share a definition
    for link in page.links:
        if link.is_external or not link.target or link.target_span.start in done:
            continue
        done.add(link.target_span.start)
        path, _ = resolve(page.path, link.target)
        _, hash_, fragment = link.target.partition("#")
        target = address(path) or (repository_url(course, path) if course.settings.repo_url else "")
        if target:
            yield Edit(page.path, link.target_span.start, link.target_span.end, target + hash_ + fragment)


def llms_txt(course: Course, summary: str, addresses: Mapping[str, str]) -> str:
    """The list of all pages that are written: the course's own, then each session, then what else there is.

    Args:
        course: The course.
        summary: What the course is, in a sentence or two; may be empty.
        addresses: The addresses of those pages' Markdown.
    """
    own = [p for p in course.pages if p.path not in course.module_by_path and p.path not in course.session_by_path]
    docs = course.settings.docs_dir
    sections = [("Course", [(p.title, p) for p in own if p.folder == docs])]
    for session in course.sessions:
        pages = [(f"{session.label} {session.title}", session.page)]
        pages += [(_module_title(m), m.page) for m in session.modules]
        sections.append((pages[0][0], pages))
    sections.append(("Optional", [(p.title, p) for p in own if p.folder != docs]))
    parts = [f"# {course.settings.site_name}"]
    parts += [f"> {' '.join(summary.split())}"] if summary else []
    for title, pages in sections:
        lines = [_entry(name, page, addresses[page.path]) for name, page in pages if page.path in addresses]
        parts += [f"## {title}", "\n".join(lines)] if lines else []
    return "\n\n".join(parts) + "\n"


def _module_title(module: Module) -> str:
    return f"{module.label} {module.title}" + ("" if module.core else " (optional)")


def _entry(title: str, page: Page, address: str) -> str:
    name = re.sub(r"[\[\]]", r"\\\g<0>", title)
    return f"- [{name}]({address})" + (f": {page.description}" if page.description else "")
