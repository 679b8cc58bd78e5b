"""The MkDocs plugin `course`: an adapter that passes MkDocs' events on and knows nothing of its own.

It gives MkDocs the repository as its source tree – the files of `docs/` keep their addresses, those of the session
folders are added – so that one relative link works on the code host and on the site.
"""

from __future__ import annotations

import html
import posixpath
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit

from mkdocs.config import config_options
from mkdocs.config.base import Config
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.plugins import BasePlugin, event_priority, get_plugin_logger
from mkdocs.structure.files import File, Files
from mkdocs.utils import get_build_datetime, get_relative_url

from .archive import archives
from .beside import CALENDAR, LLMS, Beside, markdown_name
from .figures import drawing_sizes
from .finish import finish
from .linked_data import linked_data, script_json
from .load import load
from .model import Course, Page
from .navigation import navigation, title
from .paths import is_media
from .printable import Part, Printable
from .progress import course_data
from .render import Site
from .rule import check
from .search import Section, sections
from .settings import PLUGIN_KEYS
from .verified import verified
from .watch import News, watch_sessions

log = get_plugin_logger("course")
THEME = Path(__file__).parent / "theme"
PICTURE = "assets/social.png"
PRINT = "print.html"
DATA = "coursekit/course-data.js"
UNUSED = ("assets/javascripts/lunr/", "assets/javascripts/workers/")  # Material's own search, more than 1 MB
WIDE = ("sessions", "overview", "path")  # pieces that want the room of the table of contents
STYLES = ["coursekit/course.css", "coursekit/search.css"]
_NAMES = ("course", "drawer", "progress", "quiz", "search", "terms", "copy")
SCRIPTS = [DATA, *(f"coursekit/{name}.js" for name in _NAMES)]


class CourseConfig(Config):  # type: ignore[no-untyped-call]
    """Declared so that MkDocs accepts the keys; `settings` reads and checks them, with their lines."""


for _key in PLUGIN_KEYS:
    setattr(CourseConfig, _key, config_options.Optional(config_options.Type((dict, list, int, float, str))))
CourseConfig._schema = tuple((key, vars(CourseConfig)[key]) for key in PLUGIN_KEYS)


class CoursePlugin(BasePlugin[CourseConfig]):  # type: ignore[no-untyped-call]
    """See the module's docstring; each method is one event of MkDocs."""

    def __init__(self) -> None:
        super().__init__()
        self.news = News()

    def on_startup(self, command: str, dirty: bool) -> None:
        """This object is kept from one build of `serve` to the next, and with it what was printed."""
        self.is_published = command != "serve"

    def on_config(self, config: MkDocsConfig) -> MkDocsConfig:
        self.root = Path(config.config_file_path).parent
        if str(THEME) not in config.theme.dirs:
            config.theme.dirs.insert(-2 if len(config.theme.dirs) > 1 else 0, str(THEME))
        config.extra_css += [name for name in STYLES if name not in config.extra_css]
        known = [str(script) for script in config.extra_javascript]
        config.extra_javascript += [_deferred(name) for name in SCRIPTS if name not in known]
        config.theme.static_templates.add(PRINT)
        if not config.use_directory_urls:
            config.extra.setdefault("homepage", "index.html")  # where the logo leads; Material takes the folder
        return config

    def on_files(self, files: Files, config: MkDocsConfig) -> Files:
        course = load(self.root, Path(config.config_file_path).name)
        report(course, self.news)
        self.files = _rerooted(files, course, config)
        downloads = archives(course)
        self.addresses = {file.src_uri: file.url for file in self.files}
        self.addresses |= {path: path for path in (CALENDAR, PRINT, LLMS, *downloads)}
        self.files.append(File.generated(config, DATA, content=course_data(course, self.addresses)))
        for path, content in downloads.items():
            self.files.append(File.generated(config, path, content=content))
        self.site = Site(
            course,
            self.href,
            commit(self.root),
            _webcal(config),
            verified(course),
            config.site_url or "",
            archives={path: len(content) for path, content in downloads.items()},
            drawings=drawing_sizes(course),
        )
        self.found: dict[str, list[Section]] = {}
        config.nav = navigation(course)
        return self.files

    def href(self, page_path: str, target: str) -> str:
        """The address of a file as seen from a page."""
        return get_relative_url(self.addresses[target], self.addresses[page_path])

    def on_nav(self, nav: Any, config: MkDocsConfig, files: Files) -> Any:
        course = self.site.course
        for session in course.sessions:
            file = files.get_file_from_path(session.page.path)
            if file and file.page and file.page.parent:
                _typeset(file.page.parent, self.site.navigation_title(session))
        for page in course.pages:
            file = files.get_file_from_path(page.path)
            if file and file.page:
                item = course.module_by_path.get(page.path) or course.session_by_path.get(page.path) or page
                _typeset(file.page, self.site.navigation_title(item))
        return nav

    def on_page_read_source(self, page: Any, config: MkDocsConfig) -> str | None:
        ours = self.site.course.page_by_path.get(page.file.src_uri)
        return self.site.markdown(ours) if ours else None

    def on_page_markdown(self, markdown: str, page: Any, config: MkDocsConfig, files: Files) -> str:
        ours = self.site.course.page_by_path.get(page.file.src_uri)
        if ours:
            page.meta |= self._meta(ours, page, config)
        return markdown

    def _meta(self, ours: Page, page: Any, config: MkDocsConfig) -> dict[str, Any]:
        """What the theme's templates read of a page."""
        meta: dict[str, Any] = {"report_url": self.site.report_url(ours, page.canonical_url or "")}
        if ours.description:
            meta["description"] = html.escape(ours.description)
        if any(mark.kind == "course" and mark.value in WIDE for mark in ours.marks):
            meta["hide"] = ["toc"]
        if ours.path in self.site.course.draft_paths:
            meta["draft"] = True
        else:
            meta["markdown_url"] = posixpath.basename(markdown_name(page.file.dest_uri))
        if config.site_url and (data := linked_data(self.site.course, ours, lambda path: self._full(path, config))):
            meta["linked_data"] = data
        return meta

    def _full(self, path: str, config: MkDocsConfig) -> str:
        """The address of a file with host and all."""
        return urljoin(config.site_url or "", self.addresses[path])

    def on_page_content(self, content: str, page: Any, config: MkDocsConfig, files: Files) -> str:
        ours = self.site.course.page_by_path.get(page.file.src_uri)
        if not ours:
            return content
        filled = self.site.filled(ours, content)
        self.found[ours.path] = sections(filled)
        return filled

    def on_env(self, env: Any, config: MkDocsConfig, files: Files) -> Any:
        env.globals["course_site"] = self.site
        env.globals["course_overview"] = self.addresses.get(self.site.page_with("overview"), "")
        env.globals["course_title"] = self._plain_title
        env.globals["course_addresses"] = self.addresses
        env.globals["course_not_found"] = script_json(self._addresses(config))
        if files.get_file_from_path(f"{self.site.course.settings.docs_dir}/{PICTURE}"):
            env.globals["course_picture"] = urljoin(config.site_url or "", PICTURE)
        contents = {file.src_uri: file.page.content or "" for file in files.documentation_pages() if file.page}
        env.globals["course_printable"] = lambda: self._printed(contents, config)
        return env

    def _printed(self, contents: Mapping[str, str], config: MkDocsConfig) -> list[Part]:
        return Printable(self.site.course, contents, self.addresses, config.site_url or "").parts()

    def _plain_title(self, page: Any) -> str:
        ours = self.site.course.page_by_path.get(page.file.src_uri) if page.file else None
        return title(self.site.course, ours) if ours else html.escape(str(page.title))

    def _addresses(self, config: MkDocsConfig) -> dict[str, Any]:
        """What `not_found.js` compares an address with: those of all pages, also the old ones."""
        pages = [
            {"address": address, "url": self.addresses[page.path], "title": str(page.title)}
            for page in self.site.course.pages
            for address in (self.addresses[page.path], *page.aliases)
        ]
        return {"base": urlsplit(config.site_url or "/").path, "pages": pages}

    @event_priority(-100)  # after whoever else still writes a page
    def on_post_build(self, config: MkDocsConfig) -> None:
        beside = Beside(self.site, self.addresses, get_relative_url)
        built = {file.src_uri: file.dest_uri for file in self.files}
        _write(config, *beside.calendar(get_build_datetime()))
        _write(config, *beside.index(self.found))
        for path, text in beside.plain(built, config.site_description or ""):
            _write(config, path, text)
        for page in self.site.course.pages:
            for alias in page.aliases:
                old = File(f"{alias}.md", None, config.site_dir, config.use_directory_urls)
                if not Path(config.site_dir, old.dest_uri).exists():  # a page that there is goes first
                    _write(config, old.dest_uri, beside.redirect(page, old.url))
        if self.is_published:  # the server of `mkdocs serve` adds a script of its own to each page
            finish(Path(config.site_dir))

    def on_serve(self, server: Any, config: MkDocsConfig, builder: Any) -> Any:
        watch_sessions(server, self.root)
        return server


def _write(config: MkDocsConfig, path: str, text: str) -> None:
    target = Path(config.site_dir, path)
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(text.encode())


def report(course: Course, news: News) -> None:
    """Diagnostics as warnings of the build, fatal under `--strict`; after a save only those of what was saved."""
    every = check(course)
    shown = news.of(course, every)
    if len(shown) < len(every):
        others = len(every) - len(shown)
        log.info(f"`course check` lists {others} more {'finding' if others == 1 else 'findings'} in other files.")
    for found in shown:
        hint = f" {found.hint}" if found.hint else ""
        log.warning(f"{found.location}: {found.code} {found.message}{hint}")


def commit(root: Path) -> str:
    """The revision that is checked out, or nothing outside a repository."""
    try:
        result = subprocess.run(
            ["git", "rev-parse", "HEAD"], cwd=root, capture_output=True, text=True, timeout=10, check=True
        )
    except (OSError, subprocess.SubprocessError):
        return ""
    return result.stdout.strip()


def _deferred(path: str) -> config_options.ExtraScriptValue:
    """A script whose address the browser resolves at once.

    One that it comes to later would be sought in vain, if by then somebody has gone on by instant navigation.
    """
    script = config_options.ExtraScriptValue(path)
    script.defer = True
    return script


def _webcal(config: MkDocsConfig) -> str:
    """The address by which a calendar program subscribes."""
    if not config.site_url:
        return ""
    return "webcal://" + posixpath.join(config.site_url, CALENDAR).partition("://")[2]


def _rerooted(files: Files, course: Course, config: MkDocsConfig) -> Files:
    """The files of docs/ under their path from the root, and those of the sessions."""
    docs = course.settings.docs_dir
    kept = []
    for file in files:
        if file.src_dir is not None and Path(file.src_dir) == Path(config.docs_dir):
            kept.append(_file(course.root, f"{docs}/{file.src_uri}", config, file.dest_uri))
        elif not file.src_uri.startswith(UNUSED):
            kept.append(file)
    pages = (page.path for page in course.pages if not page.path.startswith(docs + "/"))
    media = (path for path in sorted(course.files) if is_media(course, path) and not path.startswith(docs + "/"))
    return Files([*kept, *(_file(course.root, path, config) for path in (*pages, *media))])


def _file(root: Path, path: str, config: MkDocsConfig, dest_uri: str | None = None) -> File:
    return File(path, str(root), config.site_dir, config.use_directory_urls, dest_uri=dest_uri)


def _typeset(item: Any, title: str) -> None:
    """Material shows `typeset.title` as HTML where an item of the navigation has one."""
    item.typeset = {"title": title}
