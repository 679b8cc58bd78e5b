"""`course new` and `course move`: what they would change, as a `Plan` that is shown or written."""

from __future__ import annotations

import keyword
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from .diagnostic import Edit
from .fields import nearest
from .front_list import Entry, front_list, new_entry
from .model import Course, Module, Page, Session
from .paths import resolve
from .plan import Plan, ScaffoldError
from .rewrite import Rewriter

__all__ = ["Plan", "ScaffoldError", "move", "new_module", "new_session"]

_TEMPLATES = Path(__file__).parent / "templates"
_NAME = re.compile(r"[a-z][a-z0-9]*(?:_[a-z0-9]+)*")


def new_session(course: Course, name: str, title: str) -> Plan:
    """A page for the next session, which has no modules yet.

    Args:
        course: The course to extend.
        name: What the folder is called behind its number; the right number in front of it does no harm.
        title: The heading of the page.

    Raises:
        ScaffoldError: The name or the title will not do, or the folder exists.
    """
    number = max((session.number for session in course.sessions), default=0) + 1
    slug = f"s{number}_{_valid(name.removeprefix(f's{number}_'))}"
    if slug in course.folders:
        raise ScaffoldError(f"{slug} exists already.", "Choose another name, or move that away first.")
    text = _template("new_session.md").format(title=_one_line(title))
    return _checked(course, Plan({f"{slug}/README.md": text}))


def new_module(
    course: Course, session: str, name: str, title: str, core: bool = True, after: str | None = None
) -> Plan:
    """A draft of a module, listed on the page of its session.

    Args:
        course: The course to extend.
        session: The folder of the session, or its label (`s3`).
        name: What the page is called, without `.md`.
        title: The heading of the page.
        core: Whether it is needed to pass.
        after: The module that it follows; without one it becomes the last.

    Raises:
        ScaffoldError: The session or `after` is unknown, or the name or the title will not do.
    """
    home = _session(course, session)
    path = f"{home.slug}/{_new_name(course, name)}.md"
    text = _template("new_module.md").format(title=_one_line(title), core=str(core).lower())
    listed = front_list(home.page, "modules")
    edits = listed.changed(_placed(home, listed.entries, new_entry(name), after))
    return _checked(course, Plan({path: text}, edits=edits, sources={home.page.path: home.page.source}))


def move(
    course: Course,
    module: str,
    session: str | None = None,
    after: str | None = None,
    name: str | None = None,
    first: bool = False,
) -> Plan:
    """Move a module to another place or session, rename it, or both, with everything that names it.

    Comments and blank lines above its item in `modules:` belong to it and go along.

    Args:
        course: The course as it is on disk.
        module: Its name, or `session/name` where two modules share one.
        session: The folder of its new session, or that one's label; its own if left out.
        after: The module that it follows, "" for the last place. If left out, it becomes the last of a
            new session and keeps its place in its own.
        name: Its new name; the old one if left out.
        first: Put it before all others; `after` is then ignored.

    Raises:
        ScaffoldError: Something named is unknown, the new name or path is taken or will not do, or a
            page cannot be read, so that its links cannot be rewritten.
    """
    _check_readable(course)
    moved = _module(course, module)
    target = _session(course, session or moved.session)
    new_name = moved.name if name in (None, moved.name) else _new_name(course, name or "")
    renames = _renames(course, moved, target, new_name)
    edits, lists, warnings = _listings(course, moved, target, new_name, after, first)
    if not edits and not renames:
        return Plan(nothing=f"Nothing to do: {moved.page.path} is there already.")
    warnings += _prerequisites(course, moved, new_name, lists)
    if renames:
        rewriter = Rewriter(course, renames)
        edits += [*_aliases(moved, renames), *_requires(course, moved, new_name), *rewriter.edits()]
        warnings += [f"look at {place} by hand" for place in rewriter.by_hand()]
    sources = {edit.path: course.page_by_path[edit.path].source for edit in edits}
    return _checked(course, Plan({}, renames, tuple(dict.fromkeys(edits)), sources, tuple(warnings)))


def _checked(course: Course, plan: Plan) -> Plan:
    plan.check(course.root)
    return plan


def _template(name: str) -> str:
    return (_TEMPLATES / name).read_text(encoding="utf-8")


def _valid(name: str) -> str:
    if not _NAME.fullmatch(name) or keyword.iskeyword(name):
        hint = "Use lower-case words joined by `_`, such as `lock_files`, and no keyword of Python."
        raise ScaffoldError(f"`{name}` cannot be a name.", hint)
    return name


def _new_name(course: Course, name: str) -> str:
    taken = course.module_by_name.get(_valid(name))
    if taken:
        hint = "Choose another name: `requires:` knows a module by its name alone."
        raise ScaffoldError(f"{taken.page.path} exists already.", hint)
    return name


def _one_line(title: str) -> str:
    if not title.strip() or not title.isprintable():
        hint = 'Give it in quotes: --title "Lock files".'
        raise ScaffoldError("The title should be one line of text.", hint)
    return title.strip()


def _session(course: Course, name: str) -> Session:
    wanted = name.rstrip("/")
    found = [s for s in course.sessions if wanted in (s.slug, s.label, s.label.lower())]
    if not found:
        raise ScaffoldError(f"There is no session `{name}`.", nearest(name, [s.slug for s in course.sessions]))
    if found[0].page.path not in course.page_by_path:
        raise ScaffoldError(f"{found[0].page.path} does not exist.", "Write the page of the session first.")
    return found[0]


def _module(course: Course, name: str) -> Module:
    wanted = name.removesuffix(".md")
    found = [m for m in course.modules if wanted in (m.name, f"{m.session}/{m.name}")]
    if len(found) == 1:
        return found[0]
    if not found:
        raise ScaffoldError(f"There is no module `{name}`.", nearest(name, course.module_by_name))
    which = " or ".join(f"`{m.session}/{m.name}`" for m in found)
    raise ScaffoldError(f"There is more than one module `{name}`.", f"Say {which}.")


def _check_readable(course: Course) -> None:
    for problem in course.problems_of("unreadable-file"):
        if problem.location.path in course.page_by_path:
            raise ScaffoldError(f"{problem.location}: {problem.message}", problem.hint)


def _placed(
    session: Session, entries: Sequence[Entry], entry: Entry, after: str | None, first: bool = False
) -> list[Entry]:
    names = [e.value for e in entries]
    if not first and after and after not in names:
        hint = nearest(after, names)
        raise ScaffoldError(f"`{after}` is not another module of {session.slug}.", hint)
    at = 0 if first else names.index(after) + 1 if after else len(names)
    return [*entries[:at], entry, *entries[at:]]


def _listings(
    course: Course, moved: Module, target: Session, name: str, after: str | None, first: bool
) -> tuple[list[Edit], dict[str, list[str]], list[str]]:
    """Edits of `modules:`, the modules of the sessions after them, and warnings."""
    home = _session(course, moved.session)
    source = front_list(home.page, "modules")
    entry = next(e for e in source.entries if e.value == moved.name).renamed(name)
    others = [e for e in source.entries if e.value != moved.name]
    if target is home:
        stays = after is None and not first
        kept = [entry if e.value == moved.name else e for e in source.entries]
        placed = kept if stays else _placed(home, others, entry, after, first)
        return list(source.changed(placed)), {home.slug: [e.value for e in placed]}, []
    goal = front_list(target.page, "modules")
    placed = _placed(target, goal.entries, entry, after, first)
    lists = {home.slug: [e.value for e in others], target.slug: [e.value for e in placed]}
    lost = goal.is_flow and entry.has_comment
    warning = f"the comment at `{moved.name}` in {home.page.path} has no place in {target.page.path} and goes"
    return [*source.changed(others), *goal.changed(placed)], lists, [warning] if lost else []


def _prerequisites(course: Course, moved: Module, name: str, lists: Mapping[str, Sequence[str]]) -> list[str]:
    """A warning for each module that the move puts before something that it requires."""
    before = [m.name for m in course.modules]
    after = [n for s in course.sessions for n in lists.get(s.slug, [m.name for m in s.modules])]
    after = [moved.name if n == name else n for n in after]
    pairs = [(moved.name, r) for r in moved.requires if r in before]
    pairs += [(m.name, moved.name) for m in course.modules if moved.name in m.requires]
    return [
        f"`{module}` requires `{required}`, which would be taught after it"
        for module, required in pairs
        if before.index(required) < before.index(module) and after.index(required) > after.index(module)
    ]


def _aliases(moved: Module, renames: Mapping[str, str]) -> tuple[Edit, ...]:
    """The old address is added; the new one is no old one any more."""
    old, new = (path.removesuffix(".md") for path in (moved.page.path, renames[moved.page.path]))
    listed = front_list(moved.page, "aliases")
    kept = [e for e in listed.entries if e.value not in (old, new)]
    return listed.changed([*kept, new_entry(old)])


def _requires(course: Course, moved: Module, name: str) -> Iterator[Edit]:
    if name == moved.name or course.module_by_name[moved.name] is not moved:
        return
    for page in course.pages:
        if moved.name in page.value("requires", ()):
            listed = front_list(page, "requires")
            entries = [e.renamed(name) if e.value == moved.name else e for e in listed.entries]
            yield from listed.changed(entries)


def _renames(course: Course, moved: Module, target: Session, name: str) -> dict[str, str]:
    new_page = f"{target.slug}/{name}.md"
    if new_page == moved.page.path:
        return {}
    renames = {moved.page.path: new_page}
    if moved.exercise_folder in course.folders:
        renames[moved.exercise_folder] = f"{target.slug}/exercises/{name}"
    if target.slug != moved.session:
        figures = _own_figures(course, moved)
        renames |= {path: target.slug + path.removeprefix(moved.session) for path in figures}
    return renames


def _own_figures(course: Course, moved: Module) -> list[str]:
    """Figures of the module's session that no other page uses."""
    own = {path for path in _uses(moved.page) if path.startswith(f"{moved.session}/figures/")}
    others = (page for page in course.page_by_path.values() if page is not moved.page)
    return sorted((own & course.files).difference(*map(_uses, others)))


def _uses(page: Page) -> set[str]:
    links = {resolve(page.path, link.target)[0] for link in page.links if not link.is_external}
    return links | {snippet.path for snippet in page.snippets}
