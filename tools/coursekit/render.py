"""Course → what a page shows: its Markdown with numbers and anchors put in, and the pieces derived from the course.

Pure functions that know nothing of MkDocs. A page passes through in two steps: `markdown` edits its text before
Markdown is rendered and leaves a comment where a piece of HTML belongs; `filled` puts those pieces in afterwards,
so that no table or drawing of ours is parsed as Markdown.
"""

from __future__ import annotations

import html
import itertools
import re
from bisect import bisect_left
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from urllib.parse import quote, urlencode

import jinja2

from .diagnostic import Edit, edited
from .figures import Size
from .glossary import Term, first_uses, glossary, glossary_page
from .learning_path import learning_path
from .markdown import foreign_signs
from .model import (
    Course,
    Exercise,
    Fence,
    Heading,
    Link,
    Mark,
    Module,
    Page,
    Question,
    Session,
    Span,
    duration,
)
from .paths import is_media, repository_url, resolve
from .pieces import PIECES
from .progress import answer_key
from .reference import command_reference, rule_reference
from .timeplan import plan
from .verified import Entry

_BEHIND_PATH = re.compile(r"[?#].*", re.S)  # of a link's target
_PIECE = re.compile(r"<!-- course: ([\w-]+) -->")
_TASK = re.compile(r"^([-*+][ \t]+)\[[xX]\]", re.M)
_NUMBERED = re.compile(r"[\[\]<>!`]")  # a link with markup in its text gets no number
_BOX = re.compile(r'<li class="task-list-item">(<label class="task-list-control"><input type="checkbox")')
_EMPTY_HEADER = re.compile(r"<th((?: [^>]*)?)></th>")
_ALIGNED = re.compile(r'(<t[hd]) style="text-align: (left|center|right);"')
_BARE = re.compile(r'<a (?=href="(https?://[^"]*)">\1</a>)')
_ATTRIBUTES = re.compile(r"[ \t]*\{(?P<inside>[^{}]*[#.=][^{}]*)\}\s*$")
_MINUTES = re.compile(r"\s*\((\d{1,4} min)\)\s*$")
_HIDDEN = re.compile(r"(?:^|[\s,])hidden(?=[\s,]|$)")
_QUOTED = re.compile(r"\"[^\"]*\"|'[^']*'")
_FILE = re.compile(r"(?:^|[\s,])file=([^\s\"',]+)")
_LANGUAGE_ONLY = re.compile(r"[`~][\w.+-]+$")
_HEADING = re.compile(r"(?=<h[1-3][ >])")
_TASK_HEADING = re.compile(r'<h3 class="ck-(exercise|question)"')
_SIGN = re.compile(r"[^\w\s]|_")
PRIVATE_FOLDS = {"hint", "solution", "answer"}


def _hours(hours: float) -> str:
    return f"{hours:g}"


def _size(size: int) -> str:
    return f"{max(1, round(size / 1000))} kB"


def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("coursekit"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["duration"] = duration
    environment.filters["hours"] = _hours
    environment.filters["size"] = _size
    return environment


@dataclass(frozen=True)
class Site:
    """The course as seen from a site.

    Args:
        course: What to draw.
        href: From the path of a page and the path of another to the address of the second as seen from the first.
        commit: The revision that the site is built from; empty where it is not known.
        webcal: The address by which a calendar program subscribes to the time plan; may be empty.
        verified: Page → what is known of its code being run; only what holds for the page as it is.
        site_url: The address of the published site; may be empty.
        archives: The archives of exercises that there are → their size in bytes.
        drawings: Path of a drawing → its width and height, so that nothing moves when it arrives.
    """

    course: Course
    href: Callable[[str, str], str]
    commit: str = ""
    webcal: str = ""
    verified: Mapping[str, Entry] = field(default_factory=dict)
    site_url: str = ""
    archives: Mapping[str, int] = field(default_factory=dict)
    drawings: Mapping[str, Size] = field(default_factory=dict)

    @cached_property
    def environment(self) -> jinja2.Environment:
        return _environment()

    def draw(self, template: str, page: Page, **context: Any) -> str:
        """One piece of HTML."""
        text = self.environment.get_template(template).render(
            course=self.course,
            settings=self.course.settings,
            edition=self.course.settings.edition,
            page=page,
            webcal=self.webcal,
            verified=self.verified,
            verified_page=self._verified_page,
            site_url=self.site_url,
            archives=self.archives,
            link=lambda path: self.href(page.path, path),
            **context,
        )
        return text.strip()

    def markdown(self, page: Page) -> str:
        """The page's Markdown as the site renders it: body only, line endings `\\n`."""
        text = page.source.text
        end = self._end(page)
        edits = [edit for edit in self._edits(page) if edit.start < end]
        edits += [Edit(page.path, 0, page.body, ""), Edit(page.path, end, len(text), "")]
        return edited(text, edits).replace("\r\n", "\n").lstrip("\ufeff")

    def _end(self, page: Page) -> int:
        """Where what is shown ends: a draft is shown up to its first section, however much of it is written."""
        sections = (h.span.start for h in page.headings if h.level > 1)
        end = len(page.source.text)
        return next(sections, end) if page.path in self.course.draft_paths else end

    def filled(self, page: Page, content: str) -> str:
        """Rendered HTML with the pieces in place of their comments; a link that shows its own address is marked so."""
        content = _BARE.sub('<a class="ck-bare" ', _framed(_cells(_named_boxes(content))))
        return _PIECE.sub(lambda match: self._piece(page, match[1]) or match[0], content)

    def navigation_title(self, item: Module | Session | Page) -> str:
        """HTML for the navigation: number, title, and whether a module is optional or core."""
        if isinstance(item, Page):
            return html.escape(item.title)
        template = "nav_module.html" if isinstance(item, Module) else "nav_session.html"
        return self.draw(template, item.page, item=item)

    def _edits(self, page: Page) -> Iterator[Edit]:
        module = self.course.module_by_path.get(page.path)
        session = self.course.session_by_path.get(page.path)
        tasks = {task.heading: task for task in module.tasks} if module else {}
        links = sorted(self._link_edits(page))
        for heading in page.headings:
            span = heading.content
            first, end = (bisect_left(links, offset, key=lambda edit: edit.start) for offset in (span.start, span.end))
            text, attributes = _heading(page, heading, links[first:end])
            task = tasks.get(heading)
            if module and isinstance(task, Exercise):
                text, attributes = _exercise(f"{module.label}.{task.number}", text, attributes, heading)
            elif module and isinstance(task, Question) and (key := answer_key(module, task)):
                number = module.questions.index(task) + 1
                attributes += f' .ck-question data-ck-key={key} data-toc-label="Question {number}"'
            yield Edit(page.path, span.start, span.end, f"{text} {{{attributes}}}")
            del links[first:end]
        yield from links
        yield from self._header_edits(page, module, session)
        yield from self._mark_edits(page)
        yield from self._term_edits(page, module)
        yield from self._image_edits(page)
        yield from _title_edits(page)
        yield from hidden_edits(page)
        for fold in page.folds:
            if fold.name in PRIVATE_FOLDS:
                start = fold.span.start + len("<details")
                yield Edit(page.path, start, start, f' class="ck-{fold.name}" data-search-exclude')
        yield from unticked(page, module)

    def _header_edits(self, page: Page, module: Module | None, session: Session | None) -> Iterator[Edit]:
        if module is None and session is None:
            return
        h1 = next((h.span.end for h in page.headings if h.level == 1), page.body)
        yield Edit(page.path, h1, h1, "\n\n<!-- course: header -->\n")
        if session is not None:
            first = next((h.span.start for h in page.headings if h.level == 2), len(page.source.text))
            yield Edit(page.path, first, first, "\n\n## Modules {#modules}\n\n<!-- course: modules -->\n\n")

    def _link_edits(self, page: Page) -> Iterator[Edit]:
        headings = [heading.span for heading in page.headings]
        done: set[int] = set()
        for link in page.links:
            if link.is_external or not link.target:
                continue
            path, _ = resolve(page.path, link.target)
            target = self.course.module_by_path.get(path)
            if target and path != page.path and link.kind == "link" and not _NUMBERED.search(link.text):
                if not any(link.span.start in span for span in headings):
                    yield Edit(page.path, link.text_span.start, link.text_span.start, _number(target.label) + " ")
            elif link.target_span.start not in done and (address := self._address(page, link, path)):
                done.add(link.target_span.start)
                rest = _BEHIND_PATH.search(link.target)
                address += rest[0] if rest else ""
                yield Edit(page.path, link.target_span.start, link.target_span.end, address)

    def _image_edits(self, page: Page) -> Iterator[Edit]:
        """The size of each drawing; all but the first load when they are about to be seen."""
        images = (link for link in page.links if link.kind == "image" and not link.is_external)
        for index, image in enumerate(images):
            size = self.drawings.get(resolve(page.path, image.target)[0])
            end = image.span.end
            if size and not page.source.text.startswith("{", end):
                lazy = " loading=lazy" if index else ""
                yield Edit(page.path, end, end, f"{{width={size[0]} height={size[1]}{lazy}}}")

    def _address(self, page: Page, link: Link, path: str) -> str:
        """The address to put in place of a target that MkDocs does not resolve itself; empty where it does."""
        if self._is_elsewhere(path):
            return repository_url(self.course, path)
        on_site = path in self.course.page_by_path or path in self.course.files
        return self.href(page.path, path) if link.kind.startswith("html") and on_site and path != page.path else ""

    def report_url(self, page: Page, address: str) -> str:
        """The address that opens an issue with page and revision filled in; empty without a repository.

        Args:
            page: A page.
            address: Its own address on the published site, where that is known.
        """
        repository = self.course.settings.repo_url.rstrip("/")
        if not repository:
            return ""
        where = f"Page: {address or page.path}\nFile: {page.path}\nCommit: {self.commit or 'unknown'}"
        body = f"{where}\n\nWhat is wrong:\n"
        return f"{repository}/issues/new?" + urlencode({"title": f"{page.title}: ", "body": body}, quote_via=quote)

    def page_with(self, piece: str) -> str:
        """The path of the first page that asks for a derived piece; empty where none does."""
        marked = (p.path for p in self.course.pages for m in p.marks if (m.kind, m.value) == ("course", piece))
        return next(marked, "")

    @cached_property
    def _verified_page(self) -> str:
        return self.page_with("verified")

    def _is_elsewhere(self, path: str) -> bool:
        """Whether a path is in the repository but not on the site."""
        known = path in self.course.files or path in self.course.folders
        on_site = path in self.course.page_by_path and path not in self._documents
        return known and not on_site and not is_media(self.course, path)

    @cached_property
    def _documents(self) -> frozenset[str]:
        return frozenset(document.path for document in self.course.documents)

    @cached_property
    def _terms(self) -> tuple[Term, ...]:
        return glossary(self.course)

    def _term_edits(self, page: Page, module: Module | None) -> Iterator[Edit]:
        """Terms get an anchor in the glossary, and on a module's page a link to it that knows what they mean."""
        entries = glossary_page(self.course)
        if entries is page:
            yield from (Edit(page.path, t.span.end, t.span.end, f" {{#{t.anchor}}}") for t in self._terms)
        elif entries and module:
            address = self.href(page.path, entries.path)
            for span, term in first_uses(self.course, self._terms, module):
                opening = (
                    f'<a class="ck-term" href="{address}#{term.anchor}" data-ck-meaning="{_literal(term.meaning)}">'
                )
                yield Edit(page.path, span.start, span.end, f"{opening}{page.source.text[span.start : span.end]}</a>")

    def _mark_edits(self, page: Page) -> Iterator[Edit]:
        """Marks are instructions, not text: ids go, pieces of Markdown come in, pieces of HTML wait for `filled`."""
        for mark in page.marks:
            if mark.kind == "course" and mark.value in MARKDOWN_PIECES:
                yield Edit(page.path, mark.span.start, mark.span.end, MARKDOWN_PIECES[mark.value](self, page))
            elif mark.kind != "course":
                yield Edit(page.path, mark.span.start, mark.span.end, "")

    def _piece(self, page: Page, name: str) -> str:
        module = self.course.module_by_path.get(page.path)
        session = self.course.session_by_path.get(page.path)
        if name == "header" and module:
            return self.draw("module_header.html", page, module=module)
        if name == "header" and session:
            return self.draw("session_header.html", page, session=session)
        if name == "modules" and session:
            return self.draw("modules.html", page, session=session)
        if name not in PIECES:
            return ""
        context = PIECE_CONTEXT.get(name)
        return self.draw(f"{name}.html", page, **(context(self.course) if context else {}))


def unticked(page: Page, module: Module | None) -> Iterator[Edit]:
    """The edits that take the right answers out of a module's questions."""
    for question in module.questions if module else ():
        span = question.span
        for match in _TASK.finditer(page.source.text, span.start, span.end):
            yield Edit(page.path, *match.span(), f"{match[1]}[ ]")


def _marked_fences(page: Page) -> Iterator[tuple[Mark, Fence]]:
    """The blocks of code with a mark directly above."""
    text = page.source.text
    marks = {mark.span.end: mark for mark in page.marks if mark.kind == "run"}
    for fence in page.fences:
        if mark := marks.get(len(text[: fence.span.start].rstrip())):
            yield mark, fence


def _title_edits(page: Page) -> Iterator[Edit]:
    """A title for each block of code that is a file: its path, which stands in the mark above it."""
    for mark, fence in _marked_fences(page):
        opening = page.source.text[fence.span.start : fence.content.start].rstrip()
        if (found := _FILE.search(mark.value)) and _LANGUAGE_ONLY.search(opening):
            end = fence.span.start + len(opening)
            yield Edit(page.path, end, end, f' title="{found[1]}"')


def hidden_edits(page: Page) -> Iterator[Edit]:
    """Blocks that are run and not shown: they make up for what a student's machine has and ours has not."""
    for mark, fence in _marked_fences(page):
        if _HIDDEN.search(_QUOTED.sub("", mark.value)):
            yield Edit(page.path, mark.span.start, fence.span.end, "")


def _framed(content: str) -> str:
    """Each exercise and each question in a block of its own, from its heading to the next."""
    return "".join(map(_task_framed, _HEADING.split(content)))


def _task_framed(part: str) -> str:
    """A part of a page that begins with a heading, framed if it is a task and closes all that it opens."""
    closed = all(part.count(f"<{name}") == part.count(f"</{name}") for name in ("details", "div"))
    task = _TASK_HEADING.match(part)
    return f'<div class="ck-task ck-task-{task[1]}">\n{part}</div>\n' if task and closed else part


def _named_boxes(content: str) -> str:
    """Every box of a task list named by the text beside it; `pymdownx.tasklist` gives it an empty label."""
    numbers = itertools.count(1)

    def named(match: re.Match[str]) -> str:
        name = f"ck-task-{next(numbers)}"
        return f'<li class="task-list-item" id="{name}">{match[1]} aria-labelledby="{name}"'

    return _BOX.sub(named, content)


def _cells(content: str) -> str:
    """The cells of tables aligned by a class, where Markdown uses a `style`, which the site's policy forbids.

    A cell above the first column that says nothing heads nothing, so it is none of the headers.
    """
    return _EMPTY_HEADER.sub(r"<td\1></td>", _ALIGNED.sub(r'\1 class="ck-\2"', content))


def _number(label: str) -> str:
    return f'<span class="ck-number" data-search-exclude>{label}</span>'


def _heading(page: Page, heading: Heading, links: Sequence[Edit]) -> tuple[str, str]:
    """The heading as written, and its attributes: with its anchor said outright, so that checker and site agree.

    Args:
        page: The page on which it stands.
        heading: What to write.
        links: The edits of links in it.
    """
    span = heading.content
    raw = page.source.text[span.start : span.end]
    written = _ATTRIBUTES.sub("", raw)
    signs = [Edit(page.path, at, at + 1, sign) for at, sign in foreign_signs(written) if not _in_target(page, span, at)]
    moved = [Edit(page.path, e.start - span.start, e.end - span.start, e.text) for e in links]
    text = edited(written, [*signs, *moved])
    listed = _ATTRIBUTES.search(raw)
    attributes = listed["inside"].strip() if listed else ""
    attributes += "" if "#" in attributes else f" #{heading.anchor}"
    return text, attributes.strip()


def _exercise(label: str, text: str, attributes: str, heading: Heading) -> tuple[str, str]:
    """The heading of an exercise, and its attributes: with its number in front and its minutes as a chip."""
    title = _literal(_MINUTES.sub("", heading.text))
    shown = _MINUTES.sub(r' <span class="ck-minutes" data-search-exclude>\1</span>', text)
    return f"{_number(label)} {shown}", f'{attributes} .ck-exercise data-toc-label="{label} {title}"'


def _in_target(page: Page, span: Span, at: int) -> bool:
    """Whether what stands behind the beginning of a span belongs to the target of a link."""
    return any(span.start + at in Span(link.text_span.end, link.span.end) for link in page.links)


def _literal(text: str) -> str:
    """The text in a form in which Markdown sees no markup."""
    return _SIGN.sub(lambda match: f"&#{ord(match[0])};", text)


def _summary(site: Site, page: Page) -> str:
    """The key points of every written module, as Markdown."""
    parts = []
    for session in site.course.sessions:
        written = [m for m in session.modules if m.key_points]
        if written:
            parts.append(f"## {session.label} {html.escape(session.title, quote=False)}")
        for module in written:
            span = module.key_points
            assert span is not None
            text = module.page.source.text[span.start : span.end].replace("\r\n", "\n").strip()
            parts += [f"### [{module.title}]({_relative(page, module.page)})", text]
    return "\n\n".join(parts)


def _relative(page: Page, target: Page) -> str:
    import posixpath

    return posixpath.relpath(target.path, page.folder)


def _path_context(course: Course) -> dict[str, Any]:
    return {"drawing": learning_path(course)}


def _plan_context(course: Course) -> dict[str, Any]:
    return {"days": plan(course)}


PIECE_CONTEXT: dict[str, Callable[[Course], dict[str, Any]]] = {
    "path": _path_context,
    "timeplan": _plan_context,
    "facts": _plan_context,
}
MARKDOWN_PIECES: dict[str, Callable[[Site, Page], str]] = {
    "summary": _summary,
    "rules": lambda site, page: rule_reference(),
    "commands": lambda site, page: command_reference(),
}
